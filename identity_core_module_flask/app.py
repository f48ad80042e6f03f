"""Wires identity; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from flask_core.app_factory import create_service
from flask_core.auth import utc_now
from flask_core.due_work import DueWork
from identity_core_module_flask.commands import commands
from identity_core_module_flask.config import MODULE, Config
from identity_core_module_flask.desk.endpoints import desk_endpoints
from identity_core_module_flask.endpoints import endpoints
from identity_core_module_flask.jobs import Jobs
from identity_core_module_flask.key_endpoints import key_endpoints
from identity_core_module_flask.link_endpoints import link_endpoints
from identity_core_module_flask.oauth_endpoints import oauth_endpoints
from identity_core_module_flask.personal_data import KEPT, PersonalData
from identity_core_module_flask.wiring import wire


def create_app(config: Config) -> Quart:
    """Identity's app."""
    service = create_service(MODULE, config)
    made = wire(service, config)
    jobs = Jobs(made.ways_in, made.sessions, made.keys, made.linking, config.portal_url)
    service.offers(endpoints(made.people, made.ways_in, made.sessions))
    service.offers(key_endpoints(made.keys))
    service.offers(link_endpoints(made.linking, made.own, made.directory))
    service.offers(desk_endpoints(made.desk.desk, made.desk.passes, made.desk.receipts.public_key))
    service.offers(PersonalData(service.database).endpoints())
    service.introduces(personal_data=KEPT)
    service.offers(oauth_endpoints(made.platforms))
    service.runs_commands(commands, made.chatting)
    service.in_background("set-up link", jobs.print_set_up_link)
    service.in_background("sweeping", jobs.sweep)
    service.in_background("ended sessions", made.sessions.listen)
    service.in_background("desk", DueWork(made.desk.parts, made.desk.work, now=utc_now).run)
    service.in_background("desk's deadlines", made.desk.work.watch)
    service.in_background("tellings", made.telling.run)
    service.at_the_end(made.auth.close)
    return service.app


app = create_app(Config.from_env())
