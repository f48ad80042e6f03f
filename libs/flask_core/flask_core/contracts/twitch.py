"""What twitch offers: connecting accounts, channels and how they are read, the health tile, and facts about users."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Annotated, Literal

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, any_service, no_keys, operators, people, services, signed_in

Kind = Literal["bot", "broadcaster"]
Pack = Literal["moderation", "whispers", "events", "control", "more"]
DEFAULT_PACKS: tuple[Pack, ...] = ("moderation", "events")
"""What is switched on for a channel until somebody chooses otherwise."""
ReplyStyle = Literal["reply", "mention", "plain"]
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

    A broadcaster's channel is attached to `community_id` once Twitch says yes; a bot is the community's own, or the
    installation's with 0. `packs` are switched on with it: whispers of a bot; title, clips and VIPs (control), charity
    and hype trains (more) of a channel. What the expected account allowed before is asked for again. `session` names
    the browser's sign-in that has to come back from Twitch.
    """

    kind: Kind
    community_id: int = 0
    expected_user_id: str = ""
    packs: tuple[Pack, ...] = ()
    session: str = ""


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code to type at `verification_uri`, or an address to go to, until `expires_at`.

    `user_code` is empty where `authorize_url` takes its place; `reason` is a sentence where one is needed.
    """

    id: str
    kind: Kind
    state: GrantState
    user_code: str
    verification_uri: str
    expires_at: datetime
    login: str = ""
    reason: str = ""
    community_id: int = 0
    authorize_url: str = ""


class GrantId(msgspec.Struct, frozen=True):
    """Names a grant of the caller's."""

    id: str


class FinishGrant(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a browser brought back from Twitch: `code`, or `error` for a no; `session` as it was started with."""

    state: str
    session: str
    code: str = ""
    error: str = ""


_CONNECTS = people(Role.ADMIN) | operators()
START_GRANT = Operation(
    "POST", "/api/v1/grants/device", StartGrant, Grant, no_keys(_CONNECTS),
    "Get a code with which an account is connected.", status=201,
)  # fmt: skip
START_REDIRECT = Operation(
    "POST", "/api/v1/grants/start", StartGrant, Grant, no_keys(_CONNECTS),
    "Get an address at Twitch where an account is connected; it works once, for ten minutes.", status=201,
)  # fmt: skip
FINISH_GRANT = Operation(
    "POST", "/api/v1/grants/finish", FinishGrant, Grant, no_keys(signed_in()),
    "Connect the account that a browser brought back: 400 for a state that is not this session's, 409 for another"
    " account than expected, 410 for one that is too old.",
)  # fmt: skip
GRANT = Operation("GET", "/api/v1/grants/{id}", GrantId, Grant, no_keys(signed_in()), "Tell how far a grant is.")


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
    community_id: int = 0


class AccountOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account that the community's channels use."""

    user_id: str
    community_id: int = 0


class AccountList(msgspec.Struct, frozen=True):
    """Accounts by login."""

    items: tuple[AccountView, ...]


ACCOUNTS = Operation(
    "GET", "/api/v1/accounts", OfCommunity, AccountList, people(Role.ADMIN) | services("portal") | operators(),
    "List connected accounts.",
)  # fmt: skip
DISCONNECT = Operation(
    "DELETE", "/api/v1/accounts/{user_id}", AccountOf, NoneType, people(Role.ADMIN) | operators(),
    "Take the tokens of an account back at Twitch and forget it.", status=204,
)  # fmt: skip


class FailedSubscription(msgspec.Struct, frozen=True):
    """Something Twitch does not tell us, and why not."""

    type: str
    reason: str


class PackState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pack of rights in a channel: on or off, whose account gives it, and why it is paused while it is on."""

    pack: Pack
    on: bool
    user_id: str = ""
    login: str = ""
    missing: tuple[str, ...] = ()
    reason: str = ""


class TriedStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was tried, how it went, in a sentence."""

    name: Literal["token", "scopes", "moderator", "subscription", "line", "seen"]
    ok: bool
    said: str


class SelfTest(msgspec.Struct, frozen=True):
    """What was tried, and when."""

    at: datetime
    steps: tuple[TriedStep, ...]


class ChannelOf(msgspec.Struct, frozen=True):
    """A channel of a community."""

    broadcaster_id: str
    community_id: int


TEST_CHANNEL = Operation(
    "POST", "/api/v1/channels/{broadcaster_id}/test", ChannelOf, SelfTest, people(Role.ADMIN) | operators(),
    "Try everything about a channel, once a minute: token, rights, moderator, notifications, a line in its chat and"
    " whether it comes back.",
)  # fmt: skip


class ChannelHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a channel is read, by which account the bot speaks, and what is missing.

    `shares_with` are the logins of channels that share their chat with this one right now; `shared_chat` says
    whether their lines are heard here. `channel_bot`: the streamer lets the application speak with its own voice.
    `bot_choice` is the bot account that was chosen, "" for whichever there is; `tested` the last self-test of a day.
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
    bot_user_id: str = ""
    channel_bot: bool = False
    packs: tuple[PackState, ...] = ()
    parts: int = 3
    reply_style: ReplyStyle = "reply"
    bot_choice: str = ""
    tested: SelfTest | None = None


class ShardView(msgspec.Struct, frozen=True):
    """A part of the conduit, which replica reads it and since when."""

    number: int
    owner: str
    bound_at: datetime


class BudgetLeft(msgspec.Struct, frozen=True):
    """How many lines an account may say at once now, of how many in half a minute."""

    login: str
    left: int
    of: int


class PointsLeft(msgspec.Struct, frozen=True):
    """How many points the application may spend on requests, of how many a minute; full again at `again`."""

    left: int
    of: int
    again: datetime


class LastError(msgspec.Struct, frozen=True):
    """What went wrong last, in a sentence."""

    at: datetime
    said: str


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """The health tile: `reason` says in a sentence what has to be done first, "" when all is well.

    `can_connect` is false while the operator has not set up the application. `transport` is how Twitch tells us
    (conduit, websocket or webhook); plain WebSockets have `room` for so many more channels, others say None.
    `can_redirect`: people can go to Twitch and come back, instead of typing a code there. `points` are the
    application's, None before Twitch has counted any; `spool_lost` events had to be given up this week because too
    many waited.
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
    can_redirect: bool = False
    budgets: tuple[BudgetLeft, ...] = ()
    last_error: LastError | None = None
    points: PointsLeft | None = None
    spool_lost: int = 0


STATUS = Operation(
    "GET", "/api/v1/status", OfCommunity, Status, people(Role.MODERATOR) | services("portal") | operators(),
    "Show the health tile.",
)  # fmt: skip


class ChannelSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a channel of a community is read and answered.

    `bot_user_id` is the account that speaks, "" for the community's own bot or else the installation's. Lines that
    other channels share with it are heard (include) or not. A text becomes at most `parts` lines (1 to 3); an answer
    is one of Twitch's replies, a mention of who asked, or plain.
    """

    broadcaster_id: str
    community_id: int
    shared_chat: SharedChat = "ignore"
    bot_user_id: str = ""
    packs: tuple[Pack, ...] = DEFAULT_PACKS
    parts: Annotated[int, msgspec.Meta(ge=1, le=3)] = 3
    reply_style: ReplyStyle = "reply"


class ChannelView(ChannelSettings, frozen=True, omit_defaults=True):
    """A channel with its settings."""

    login: str = ""
    live: bool = False


class ChannelList(msgspec.Struct, frozen=True):
    """Channels by login."""

    items: tuple[ChannelView, ...]


CHANNELS = Operation(
    "GET", "/api/v1/channels", OfCommunity, ChannelList,
    people(Role.ADMIN) | services("portal", "community") | operators(), "List channels with their settings.",
)  # fmt: skip
SET_CHANNEL = Operation(
    "PUT", "/api/v1/channels/{broadcaster_id}", ChannelSettings, NoneType,
    people(Role.ADMIN) | services("community") | operators(), "Set how a channel is read and answered.", status=204,
)  # fmt: skip
STOP_READING = Operation(
    "DELETE", "/api/v1/channels/{broadcaster_id}", ChannelOf, NoneType,
    people(Role.ADMIN) | services("community") | operators(),
    "Stop reading a channel; its account stays connected.", status=204,
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
