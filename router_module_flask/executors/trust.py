"""What becomes of a third party's answer: fewer actions, only those it was granted, and marked as not ours."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from flask_core.datamodels import (
    Action,
    Chat,
    Form,
    General,
    GrantRole,
    Media,
    Moderate,
    Origin,
    Ticker,
)

MOST_ACTIONS = 5
LONGEST_CHAT = 2_000
_SCOPES: dict[type, str] = {
    Chat: "chat:reply",
    Form: "chat:reply",
    Media: "display:show",
    Ticker: "display:show",
    General: "display:show",
    GrantRole: "role:act",
}
_MODERATION = {
    "delete": "moderation:delete",
    "warn": "moderation:timeout",
    "timeout": "moderation:timeout",
    "ban": "moderation:ban",
    "unban": "moderation:ban",
}


def trusted(actions: Sequence[Action], scopes: frozenset[str]) -> tuple[Action, ...]:
    """At most five, those that `scopes` allow; chat passes the community's word rules on its way."""
    return tuple(_marked(action) for action in actions[:MOST_ACTIONS] if _needs(action) in scopes)


def _needs(action: Action) -> str:
    if isinstance(action, Moderate):
        return _MODERATION[action.operation]
    return _SCOPES.get(type(action), "nobody has this")


def _marked(action: Action) -> Action:
    if isinstance(action, Chat):
        return replace(action, text=action.text[:LONGEST_CHAT], origin=Origin.EXTERNAL, verbatim_start=False)
    return action
