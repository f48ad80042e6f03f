"""A community that counts alias."""

from __future__ import annotations

from pathlib import Path

import pytest

from alias_interaction_module_flask.commands import commands
from alias_interaction_module_flask.repository import AliasRepository
from alias_interaction_module_flask.service import Alias
from flask_core.testing.chat import ChatDriver
from flask_core.testing.plugin import MakeDatabase

FOLDER = Path(__file__).parents[1]


@pytest.fixture
def repository(make_database: MakeDatabase) -> AliasRepository:
    return AliasRepository(make_database(FOLDER))


@pytest.fixture
def chat(make_database: MakeDatabase) -> ChatDriver:
    database = make_database(FOLDER)
    return ChatDriver(commands, Alias(AliasRepository(database)), database)
