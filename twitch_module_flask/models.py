"""Accounts, channels, subscriptions and grants as twitch knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_core.contracts.twitch import AccountState, GrantState, Kind, SharedChat
from flask_core.datamodels import Role


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Twitch granted; `refresh` may change at each refresh."""

    access: str
    refresh: str
    expires_at: datetime
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """An account that was connected; `community_id` is 0 for the installation's bot."""

    user_id: str
    login: str
    kind: Kind
    community_id: int
    tokens: Tokens
    validated_at: datetime
    state: AccountState = AccountState.OK
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """An account without its tokens: what it may do, and whether it works."""

    user_id: str
    login: str
    kind: Kind
    community_id: int
    scopes: tuple[str, ...]
    expires_at: datetime
    validated_at: datetime
    state: AccountState
    reason: str


@dataclass(frozen=True, slots=True)
class ConnectedChannel:
    """A channel that is read; `key` is its canonical form.

    `shared_chat` says whether lines that other channels share with it are heard (include) or not (ignore).
    """

    broadcaster_id: str
    login: str
    community_id: int
    bot_is_moderator: bool = False
    live: bool = False
    shared_chat: SharedChat = "ignore"
    title: str = ""
    category: str = ""
    ended_at: datetime | None = None

    @property
    def key(self) -> str:
        """The channel key."""
        return channel_key(self.broadcaster_id)


def channel_key(broadcaster_id: str) -> str:
    """The one canonical form of a Twitch channel."""
    return f"twitch:{broadcaster_id}:{broadcaster_id}"


@dataclass(frozen=True, slots=True)
class SeenRole:
    """What somebody was in a channel at a time, by badge or notification: viewer, VIP, moderator or owner."""

    broadcaster_id: str
    user_id: str
    role: Role
    at: datetime


@dataclass(frozen=True, slots=True)
class PendingGrant:
    """A code that somebody was shown; asked about every `pause` seconds."""

    id: str
    kind: Kind
    person_id: str
    community_id: int
    expected_user_id: str
    device_code: str
    user_code: str
    verification_uri: str
    scopes: tuple[str, ...]
    expires_at: datetime
    state: GrantState = GrantState.PENDING
    login: str = ""
    reason: str = ""
    pause: int = 5


@dataclass(frozen=True, slots=True)
class Notification:
    """One EventSub message that is Twitch's, by its signature or its connection; `payload` is its JSON."""

    message_id: str
    kind: str
    at: datetime
    payload: dict[str, Any]
