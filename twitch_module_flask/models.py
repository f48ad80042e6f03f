"""Accounts, channels, subscriptions and grants as twitch knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_core.contracts.twitch import DEFAULT_PACKS, AccountState, GrantState, Kind, Pack, ReplyStyle, SharedChat


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Twitch granted; `refresh` may change at each refresh."""

    access: str
    refresh: str
    expires_at: datetime
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """An account that was connected by a person; `community_id` is 0 for the installation's bot."""

    user_id: str
    login: str
    kind: Kind
    community_id: int
    tokens: Tokens
    validated_at: datetime
    state: AccountState = AccountState.OK
    reason: str = ""
    person_id: str = ""
    refreshed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An account without its tokens: what it may do, whether it works, and whom to tell when it does not.

    `told_at` is when that person was told last.
    """

    user_id: str
    login: str
    kind: Kind
    community_id: int
    scopes: tuple[str, ...]
    expires_at: datetime
    validated_at: datetime
    state: AccountState
    reason: str
    person_id: str = ""
    told_at: datetime | None = None

    @property
    def works(self) -> bool:
        """Whether it need not be connected again."""
        return self.state is AccountState.OK


@dataclass(frozen=True, slots=True)
class ConnectedChannel:
    """A channel that is read; `key` is its canonical form.

    `shared_chat` says whether lines that other channels share with it are heard (include) or not (ignore);
    `bot_user_id` is the bot account that was chosen for it, `moderating_bot` the one that moderated at the last look.
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
    bot_user_id: str = ""
    packs: tuple[Pack, ...] = DEFAULT_PACKS
    parts: int = 3
    reply_style: ReplyStyle = "reply"
    moderating_bot: str = ""

    @property
    def key(self) -> str:
        """The channel key."""
        return channel_key(self.broadcaster_id)


def channel_key(broadcaster_id: str) -> str:
    """The one canonical form of a Twitch channel."""
    return f"twitch:{broadcaster_id}:{broadcaster_id}"


@dataclass(frozen=True, slots=True)
class PendingGrant:
    """A code that somebody was shown, asked about every `pause` seconds; or, without one, a way to Twitch and back.

    Who comes back brings what hashes to `state_hash`, in the session of `session_hash`; `verifier` is PKCE's.
    """

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
    packs: tuple[Pack, ...] = ()
    state_hash: str = ""
    session_hash: str = ""
    verifier: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """One EventSub message that is Twitch's, by its signature or its connection; `payload` is its JSON."""

    message_id: str
    kind: str
    at: datetime
    payload: dict[str, Any]
