"""Wires the alias module; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from alias_interaction_module_flask.commands import commands
from alias_interaction_module_flask.config import MODULE, Config
from alias_interaction_module_flask.personal_data import KEPT, PersonalData
from alias_interaction_module_flask.repository import AliasRepository
from alias_interaction_module_flask.service import Alias
from flask_core.app_factory import create_service


def create_app(config: Config) -> Quart:
    """The app of alias."""
    service = create_service(MODULE, config)
    repository = AliasRepository(service.database)
    service.offers(PersonalData(repository).endpoints())
    service.runs_commands(commands, Alias(repository))
    service.introduces(personal_data=KEPT)
    return service.app


app = create_app(Config.from_env())
