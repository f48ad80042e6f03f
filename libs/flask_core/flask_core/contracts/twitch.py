"""What twitch offers: connecting accounts by code, channels, the health tile, and facts about users."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Literal

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, any_service, operators, people, services, signed_in

Kind = Literal["bot", "broadcaster"]
Pack = Literal["whispers", "control", "more"]
SharedChat = Literal["ignore", "include"]


class GrantState(StrEnum):
    """How far somebody has come at twitch.tv/activate; `connected` and those after it are ends."""

    PENDING = "pending"
    CONNECTED = "connected"
    DENIED = "denied"
    EXPIRED = "expired"
    WRONG_ACCOUNT = "wrong_account"
    FAILED = "failed"


class StartGrant(msgspec.Struct, frozen=True, omit_defaults=True):
    """Connect an account; `expected_user_id` names the account it must be, empty takes any.

    A broadcaster's channel is attached to `community_id` once Twitch says yes. `packs` are rights for features that
    are off by default: whispers of a bot; title, clips and VIPs (control), charity and hype trains (more) of a channel.
    What the expected account allowed before is asked for again.
    """

    kind: Kind
    community_id: int = 0
    expected_user_id: str = ""
    packs: tuple[Pack, ...] = ()


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code to type at `verification_uri` until `expires_at`; `reason` is a sentence where one is needed."""

    id: str
    kind: Kind
    state: GrantState
    user_code: str
    verification_uri: str
    expires_at: datetime
    login: str = ""
    reason: str = ""


class GrantId(msgspec.Struct, frozen=True):
    """Names a grant of the caller's."""

    id: str


START_GRANT = Operation(
    "POST", "/api/v1/grants/device", StartGrant, Grant, people(Role.ADMIN) | operators(),
    "Get a code with which an account is connected.", status=201,
)  # fmt: skip
GRANT = Operation("GET", "/api/v1/grants/{id}", GrantId, Grant, signed_in(), "Tell how far a grant is.")


class OfCommunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """The channels of one community; 0 means the whole installation (services and operators)."""

    community_id: int = 0


class AccountState(StrEnum):
    """`ok` works; `needs_login` means that somebody has to connect the account again."""

    OK = "ok"
    NEEDS_LOGIN = "needs_login"


class AccountView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A connected account without its tokens; `missing_scopes` are those that its use lacks."""

    user_id: str
    login: str
    kind: Kind
    scopes: tuple[str, ...]
    state: AccountState
    expires_at: datetime
    reason: str = ""
    missing_scopes: tuple[str, ...] = ()
    packs: tuple[Pack, ...] = ()


class AccountOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account that the community's channels use."""

    user_id: str
    community_id: int = 0


DISCONNECT = Operation(
    "DELETE", "/api/v1/accounts/{user_id}", AccountOf, NoneType, people(Role.ADMIN) | operators(),
    "Take the tokens of an account back at Twitch and forget it.", status=204,
)  # fmt: skip


class FailedSubscription(msgspec.Struct, frozen=True):
    """Something Twitch does not tell us, and why not."""

    type: str
    reason: str


class ChannelHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a channel is read, by which account the bot speaks, and what is missing.

    `shares_with` are the logins of channels that share their chat with this one right now; `shared_chat` says
    whether their lines are heard here.
    """

    broadcaster_id: str
    login: str
    community_id: int
    reading: bool
    bot_login: str
    bot_is_moderator: bool
    wanted: int
    enabled: int
    failed: tuple[FailedSubscription, ...] = ()
    live: bool = False
    reason: str = ""
    last_event_at: datetime | None = None
    title: str = ""
    category: str = ""
    shared_chat: SharedChat = "ignore"
    shares_with: tuple[str, ...] = ()


class ShardView(msgspec.Struct, frozen=True):
    """A part of the conduit, which replica reads it and since when."""

    number: int
    owner: str
    bound_at: datetime


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """The health tile: `reason` says in a sentence what has to be done first, "" when all is well.

    `can_connect` is false while the operator has not set up the application. `transport` is how Twitch tells us
    (conduit, websocket or webhook); plain WebSockets have `room` for so many more channels, others say None.
    """

    connected: bool
    accounts: tuple[AccountView, ...]
    channels: tuple[ChannelHealth, ...]
    spooled: int = 0
    reason: str = ""
    can_connect: bool = True
    transport: str = ""
    shards: tuple[ShardView, ...] = ()
    room: int | None = None


STATUS = Operation(
    "GET", "/api/v1/status", OfCommunity, Status, people(Role.MODERATOR) | services("portal") | operators(),
    "Show the health tile.",
)  # fmt: skip


class ChannelSettings(msgspec.Struct, frozen=True):
    """How a channel of a community is read: lines that other channels share with it are heard (include) or not."""

    broadcaster_id: str
    community_id: int
    shared_chat: SharedChat


SET_CHANNEL = Operation(
    "PUT", "/api/v1/channels/{broadcaster_id}", ChannelSettings, NoneType, people(Role.ADMIN) | operators(),
    "Set how a channel is read.", status=204,
)  # fmt: skip


class UserQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user by `login` or by `id`."""

    login: str = ""
    id: str = ""


class UserFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user as Twitch shows them, at most 24 h old."""

    id: str
    login: str
    display_name: str
    created_at: datetime
    avatar_url: str = ""
    description: str = ""
    broadcaster_type: str = ""


USER = Operation("GET", "/api/v1/lookups/users", UserQuery, UserFacts, any_service(), "Look up a user by login or id.")
