"""Says what a text comes to, as if somebody had used it."""

from __future__ import annotations

from typing import Any

from alias_interaction_module_flask.evaluator.evaluation import evaluate
from alias_interaction_module_flask.evaluator.execution import Execution, Result
from alias_interaction_module_flask.evaluator.parser import parse
from alias_interaction_module_flask.tests.imagined_world import GRACE, NOW, ImaginedWorld
from flask_core.datamodels import Role

PLACES: dict[str, dict[str, str]] = {
    "twitch": {"channel_id": "7", "server_id": "7", "channel_name": "penguins", "channel_display_name": "Penguins"},
    "discord": {"channel_id": "55", "server_id": "44", "channel_name": "general"},
    "slack": {"channel_id": "C5", "server_id": "T4", "channel_name": "general"},
    "console": {"channel_id": "1", "server_id": "1", "channel_name": "console"},
}


def used(words: str = "", *, platform: str = "twitch", role: str = "viewer", **more: Any) -> Execution:
    """Grace typed `!hug` and these words."""
    known: dict[str, Any] = {
        "execution_id": "execution-1", "platform": platform, "community": "Penguins", "community_id": 2, "name": "hug",
        "trigger": "!hug", "text": words, "caller": GRACE, "now": NOW, "message_id": "message-9",
        "role": Role.named(role), **PLACES[platform], **more,
    }  # fmt: skip
    return Execution(**known)


async def said(
    text: str, words: str = "", dialect: str = "waddle", world: ImaginedWorld | None = None, **more: Any
) -> Result:
    """What the text comes to."""
    return await evaluate(parse(text, dialect), used(words, **more), world or ImaginedWorld())
