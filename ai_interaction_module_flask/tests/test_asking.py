"""Questions in chat, through the real router to a model that speaks OpenAI's protocol."""

from __future__ import annotations

from ai_interaction_module_flask.tests.pond import Pond
from flask_core.datamodels import Chat, Origin


async def test_a_question_is_answered_by_the_model(pond: Pond) -> None:
    assert await pond.ask("!ai what do penguins do?") == "> Penguins waddle."
    assert "Dee: what do penguins do?" in pond.model.questions()[0]
    assert "You are the chat bot of the community Penguins" in pond.model.systems()[0]
    action = pond.town.said[-1].action
    assert isinstance(action, Chat)
    assert action.origin is Origin.EXTERNAL
