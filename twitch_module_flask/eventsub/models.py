"""What is wanted from Twitch, what it tells, and how both are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from flask_core.errors import Conflict

type Key = tuple[str, frozenset[tuple[str, str]]]
"""A type and its condition: two subscriptions with the same key tell the same."""

LIVE = frozenset({"enabled", "webhook_callback_verification_pending"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that Twitch shall tell: `subject` is a channel, a bot account, or "" for the application.

    `by` is the account whose token opens it on a plain WebSocket; the application's transports need none.
    """

    subject: str
    type: str
    version: str
    condition: tuple[tuple[str, str], ...]
    by: str

    @property
    def key(self) -> Key:
        """By which it is compared."""
        return self.type, frozenset(self.condition)


class ToldTransport(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where Twitch sends it; which field is filled depends on the method."""

    method: str
    callback: str = ""
    session_id: str = ""
    conduit_id: str = ""


class Told(msgspec.Struct, frozen=True):
    """A subscription as Twitch lists it."""

    id: str
    status: str
    type: str
    condition: dict[str, Any]
    transport: ToldTransport

    @property
    def key(self) -> Key:
        """By which it is compared; Twitch lists conditions with fields that were not given as empty."""
        return self.type, frozenset((name, str(value)) for name, value in self.condition.items() if value)


class Full(Conflict):
    """Twitch takes no more subscriptions over this transport."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What we know of one; `status` is ours: pending, enabled, refused, revoked, gone."""

    subject: str
    type: str
    transport: str
    id: str
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Conduit:
    """The installation's conduit and how many shards it has."""

    id: str
    shards: int
