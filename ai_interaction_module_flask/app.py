"""Wires the ai module; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from ai_interaction_module_flask.commands import commands
from ai_interaction_module_flask.completion_routes import add_completion_routes
from ai_interaction_module_flask.config import MODULE, Config
from ai_interaction_module_flask.endpoints import endpoints
from ai_interaction_module_flask.executing import execute_endpoints
from ai_interaction_module_flask.personal_data import KEPT, PersonalData
from ai_interaction_module_flask.personal_repository import PersonalRepository
from ai_interaction_module_flask.providers import LazyModels
from ai_interaction_module_flask.sweeping import Sweeper
from ai_interaction_module_flask.triggers import MANIFEST
from ai_interaction_module_flask.wiring import wire
from flask_core.app_factory import create_service
from flask_core.auth import utc_now
from flask_core.due_delivery import RouterDelivery
from flask_core.due_work import DueWork
from flask_core.executions import Executions


def create_app(config: Config) -> Quart:
    """The app of ai."""
    service = create_service(MODULE, config)
    models = LazyModels(config.guard_hosts)
    parts = wire(service, config, models, now=utc_now)
    service.app.extensions["ai"] = parts
    executions = Executions(service.database)
    service.offers(execute_endpoints(parts.ai, executions))
    service.offers(endpoints(parts.doors))
    service.offers(parts.ai.translations.endpoints())
    service.offers(parts.tool_admin.endpoints())
    add_completion_routes(service, parts.completing)
    people = PersonalData(PersonalRepository(service.database), parts.asking.conversations)
    service.offers(people.endpoints())
    service.introduces(commands=commands.cards(), personal_data=KEPT)
    service.hears(*MANIFEST)
    delivery = RouterDelivery(service.services, parts.ai.answering.request, now=utc_now)
    loop = DueWork(parts.jobs, delivery, now=utc_now, owner=service.manifest.instance, interval=1.0)
    service.in_background("late answers", loop.run)
    service.in_background("old answers", executions.forget_old)
    service.in_background("wishes", parts.wishing.run)
    service.in_background("health of models", parts.health.run)
    service.in_background("sweeping", Sweeper(service.database, parts.asking.budgets).run)
    service.at_the_end(parts.ai.answering.finish)
    return service.app


app = create_app(Config.from_env())
