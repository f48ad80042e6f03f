"""Puts the executors together."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.app_factory import Service
from flask_core.contracts.external import LambdaFunction, OpenWhiskAction, Webhook
from flask_core.url_guard import UrlGuard
from router_module_flask.config import Config
from router_module_flask.customs.wiring import CustomsParts
from router_module_flask.delivering.delivery import DeliveryQueue
from router_module_flask.delivering.repository import Outbox
from router_module_flask.executors.callbacks import Callbacks
from router_module_flask.executors.calling import Callers
from router_module_flask.executors.grants import Grants
from router_module_flask.executors.openwhisk import OpenWhiskCaller, WhiskHost
from router_module_flask.executors.outside import Outside
from router_module_flask.executors.register import Register
from router_module_flask.executors.repository import ExternalRepository
from router_module_flask.executors.webhooks import WebhookCaller
from router_module_flask.introductions.directory import CommandDirectory


@dataclass(frozen=True, slots=True)
class Executors:
    """The parts that the app and other parts of the router need."""

    register: Register
    grants: Grants
    callbacks: Callbacks
    outside: Outside


def wire_register(service: Service, config: Config, directory: CommandDirectory) -> Register:
    """Who is registered, and the ways of calling that this installation has."""
    repository = ExternalRepository(service.database, service.sealer)
    return Register(repository, directory, service.shared, _callers(service, config))


def wire_executors(
    service: Service, config: Config, register: Register, customs: CustomsParts, outbox: Outbox, queue: DeliveryQueue
) -> Executors:
    """What runs third parties' modules, and takes their late answers."""
    grants, switches = customs.grants, customs.switches
    callbacks = Callbacks(service.sealer, service.shared, grants, switches, outbox, queue, public_url=config.public_url)
    return Executors(register, grants, callbacks, Outside(register, grants, callbacks, service.sealer))


def _callers(service: Service, config: Config) -> Callers:
    callers: Callers = {Webhook: WebhookCaller(service.http, UrlGuard())}
    if config.aws_access_key_id and config.aws_secret_access_key:
        # It takes its time to load, and few installations have functions.
        from router_module_flask.executors.lambdas import AwsAccount, LambdaCaller  # noqa: PLC0415

        account = AwsAccount(
            config.aws_region,
            config.aws_access_key_id,
            config.aws_secret_access_key,
            config.aws_session_token,
            config.aws_endpoint_url,
            config.lambda_function_prefix,
        )
        callers[LambdaFunction] = LambdaCaller(service.http, account)
    if config.openwhisk_api_host and config.openwhisk_auth_key:
        host = WhiskHost(config.openwhisk_api_host, config.openwhisk_auth_key, config.openwhisk_namespace)
        callers[OpenWhiskAction] = OpenWhiskCaller(service.http, host)
    return callers
