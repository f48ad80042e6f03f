"""Wires the ai module; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from ai_interaction_module_flask.commands import commands
from ai_interaction_module_flask.config import MODULE, Config
from ai_interaction_module_flask.personal_data import KEPT, PersonalData
from ai_interaction_module_flask.repository import AiRepository
from ai_interaction_module_flask.service import Ai
from flask_core.app_factory import create_service


def create_app(config: Config) -> Quart:
    """The app of ai."""
    service = create_service(MODULE, config)
    repository = AiRepository(service.database)
    service.offers(PersonalData(repository).endpoints())
    service.runs_commands(commands, Ai(repository))
    service.introduces(personal_data=KEPT)
    return service.app


app = create_app(Config.from_env())
