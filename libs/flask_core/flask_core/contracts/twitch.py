"""What twitch offers: connecting accounts by code, channels, the health tile, and facts about users and channels."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Literal

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, any_service, operators, people, services, signed_in

Kind = Literal["bot", "broadcaster"]


class GrantState(StrEnum):
    """How far somebody has come at twitch.tv/activate; `connected` and those after it are ends."""

    PENDING = "pending"
    SLOW_DOWN = "slow_down"
    ATTACHING = "attaching"
    CONNECTED = "connected"
    DENIED = "denied"
    EXPIRED = "expired"
    WRONG_ACCOUNT = "wrong_account"
    FAILED = "failed"


class StartGrant(msgspec.Struct, frozen=True, omit_defaults=True):
    """Connect an account: `packs` name what it shall be used for, `expected_user_id` the account it must be.

    A broadcaster's channel is attached to the community once Twitch says yes.
    """

    kind: Kind
    community_id: int = 0
    packs: tuple[str, ...] = ()
    expected_user_id: str = ""


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code to type at `verification_uri` until `expires_at`; `reason` is a sentence where one is needed."""

    id: str
    kind: Kind
    state: GrantState
    user_code: str
    verification_uri: str
    expires_at: datetime
    user_id: str = ""
    login: str = ""
    reason: str = ""


class GrantId(msgspec.Struct, frozen=True):
    """Names a grant of the caller's."""

    id: str


START_DEVICE_GRANT = Operation(
    "POST", "/api/v1/grants/device", StartGrant, Grant, people(Role.ADMIN) | operators(),
    "Get a code with which an account is connected.", status=201,
)  # fmt: skip
GRANT = Operation(
    "GET", "/api/v1/grants/{id}", GrantId, Grant, signed_in(),
    "Tell how far a grant is: 409 for another account than expected, 410 when the code is too old.",
)  # fmt: skip


class OfCommunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """The channels of one community; 0 means the whole installation (services and operators)."""

    community_id: int = 0


class AccountState(StrEnum):
    """`ok` works; `needs_login` means that somebody has to connect the account again."""

    OK = "ok"
    NEEDS_LOGIN = "needs_login"


class AccountView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A connected account without its tokens; `missing_scopes` are those its switched-on packs lack."""

    user_id: str
    login: str
    display_name: str
    bot: bool
    broadcaster: bool
    scopes: tuple[str, ...]
    state: AccountState
    expires_at: datetime
    reason: str = ""
    missing_scopes: tuple[str, ...] = ()


class AccountList(msgspec.Struct, frozen=True):
    """Connected accounts by login."""

    items: tuple[AccountView, ...]


class AccountOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account that the community's channels use."""

    user_id: str
    community_id: int = 0


ACCOUNTS = Operation(
    "GET", "/api/v1/accounts", OfCommunity, AccountList, people(Role.ADMIN) | services("portal") | operators(),
    "List connected accounts.",
)  # fmt: skip
DISCONNECT = Operation(
    "DELETE", "/api/v1/accounts/{user_id}", AccountOf, NoneType, people(Role.ADMIN) | services("portal") | operators(),
    "Take the tokens of an account back at Twitch and forget it.", status=204,
)  # fmt: skip

ReplyStyle = Literal["reply", "mention", "plain"]


class ChannelView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A connected channel with its settings; `parts` is how many messages one long text may become."""

    broadcaster_id: str
    login: str
    display_name: str
    bot_user_id: str
    parts: int
    reply_style: ReplyStyle
    version: int
    live: bool = False
    title: str = ""
    category: str = ""


class ChannelList(msgspec.Struct, frozen=True):
    """Connected channels by login."""

    items: tuple[ChannelView, ...]


class PutChannel(msgspec.Struct, frozen=True):
    """New settings of a channel; an older `version` is stale."""

    broadcaster_id: str
    community_id: int
    bot_user_id: str
    parts: int
    reply_style: ReplyStyle
    version: int


class ChannelOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """A channel of a community; services may leave the community out."""

    broadcaster_id: str
    community_id: int = 0


CHANNELS = Operation(
    "GET", "/api/v1/channels", OfCommunity, ChannelList,
    people(Role.ADMIN) | services("portal", "community") | operators(), "List connected channels.",
)  # fmt: skip
PUT_CHANNEL = Operation(
    "PUT", "/api/v1/channels/{broadcaster_id}", PutChannel, ChannelView, people(Role.ADMIN) | operators(),
    "Change a channel's settings.",
)  # fmt: skip
LEAVE_CHANNEL = Operation(
    "DELETE", "/api/v1/channels/{broadcaster_id}", ChannelOf, NoneType,
    people(Role.ADMIN) | services("community") | operators(), "Stop reading a channel.", status=204,
)  # fmt: skip


class FailedSubscription(msgspec.Struct, frozen=True):
    """Something Twitch does not tell us, and why not."""

    type: str
    reason: str


class ChannelHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a channel is read and what is missing; `budget_left` counts chat lines of its bot account."""

    broadcaster_id: str
    login: str
    reading: bool
    bot_login: str
    bot_is_moderator: bool
    broadcaster_allows_bot: bool
    wanted: int
    enabled: int
    failed: tuple[FailedSubscription, ...]
    live: bool
    budget_left: int
    budget: int
    reason: str = ""
    last_event_at: datetime | None = None


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """The health tile: `reason` says in a sentence what has to be done first, "" when all is well."""

    connected: bool
    transport: str
    accounts: tuple[AccountView, ...]
    channels: tuple[ChannelHealth, ...]
    spooled: int = 0
    oldest_spooled_at: datetime | None = None
    reason: str = ""


STATUS = Operation(
    "GET", "/api/v1/status", OfCommunity, Status, people(Role.MODERATOR) | services("portal") | operators(),
    "Show the health tile.",
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


class ChannelId(msgspec.Struct, frozen=True):
    """A channel by its broadcaster's user id."""

    id: str


class ChannelFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """A channel as Twitch shows it, at most 30 s old; `started_at` and `viewers` only while it is live."""

    id: str
    login: str
    display_name: str
    title: str
    category: str
    category_id: str = ""
    language: str = ""
    live: bool = False
    viewers: int = 0
    started_at: datetime | None = None
    followers: int | None = None
    tags: tuple[str, ...] = ()
    content_labels: tuple[str, ...] = ()


USER = Operation("GET", "/api/v1/lookups/users", UserQuery, UserFacts, any_service(), "Look up a user by login or id.")
CHANNEL = Operation(
    "GET", "/api/v1/lookups/channels/{id}", ChannelId, ChannelFacts, any_service(), "Look up a channel."
)
