"""A community that counts ai."""

from __future__ import annotations

from pathlib import Path

import pytest

from ai_interaction_module_flask.commands import commands
from ai_interaction_module_flask.repository import AiRepository
from ai_interaction_module_flask.service import Ai
from flask_core.testing.chat import ChatDriver
from flask_core.testing.plugin import MakeDatabase

FOLDER = Path(__file__).parents[1]


@pytest.fixture
def repository(make_database: MakeDatabase) -> AiRepository:
    return AiRepository(make_database(FOLDER))


@pytest.fixture
def chat(make_database: MakeDatabase) -> ChatDriver:
    database = make_database(FOLDER)
    return ChatDriver(commands, Ai(AiRepository(database)), database)
