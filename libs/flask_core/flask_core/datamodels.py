"""What crosses services: channels, accounts, events, invocations, actions and manifests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Literal, Self

import msgspec

from flask_core.errors import InvalidInput

MAX_TEXT = 10_000
MAX_EVENT_DATA = 16 * 1024
MAX_EVENTS = 100
MAX_ACTIONS = 10


class Platform(StrEnum):
    """Where people talk; `console` is the playground and the terminal chat."""

    TWITCH = "twitch"
    DISCORD = "discord"
    SLACK = "slack"
    CONSOLE = "console"


class Role(IntEnum):
    """What somebody may do; a higher role may do all that a lower one may."""

    VIEWER = 0
    SUBSCRIBER = 1
    REGULAR = 2
    VIP = 3
    MODERATOR = 4
    ADMIN = 5
    OWNER = 6

    @property
    def word(self) -> str:
        """The role as people read it: `moderator`."""
        return self.name.lower()

    @classmethod
    def named(cls, word: str) -> Self:
        """The role called `word`; raises InvalidInput for an unknown one."""
        try:
            return cls[word.upper()]
        except KeyError:
            names = ", ".join(role.word for role in cls)
            raise InvalidInput(f"Write one of these roles: {names}.") from None


_KEY_PART = re.compile(r"[A-Za-z0-9._-]{1,128}")


@dataclass(frozen=True, slots=True)
class ChannelKey:
    """A place where people talk, written `platform:server_id:channel_id`."""

    platform: Platform
    server_id: str
    channel_id: str

    @classmethod
    def parse(cls, key: str) -> ChannelKey:
        """Read the one canonical form; raises InvalidInput when it is another.

        A Slack direct message is `slack:<team>:dm:<user>`: everything behind the server is the channel.
        """
        parts = key.split(":", 2)
        if len(parts) != 3 or not all(_KEY_PART.fullmatch(part) for part in key.split(":")):
            raise InvalidInput("A channel is written platform:server:channel.")
        try:
            return cls(Platform(parts[0]), parts[1], parts[2])
        except ValueError:
            raise InvalidInput(f"No platform is called {parts[0][:20]}.") from None

    @property
    def direct(self) -> bool:
        """Whether this is a conversation of one person with the bot."""
        return self.server_id == "dm" or self.channel_id.startswith("dm:")

    def __str__(self) -> str:
        return f"{self.platform}:{self.server_id}:{self.channel_id}"


class MessageType(StrEnum):
    """Everything that can happen on a platform."""

    CHAT = "chatMessage"
    SUBSCRIPTION = "subscription"
    FOLLOW = "follow"
    DONATION = "donation"
    CHEER = "cheer"
    RAID = "raid"
    HOST = "host"
    SUBGIFT = "subgift"
    RESUB = "resub"
    REACTION = "reaction"
    MEMBER_JOIN = "member_join"
    MEMBER_LEAVE = "member_leave"
    VOICE_JOIN = "voice_join"
    VOICE_LEAVE = "voice_leave"
    VOICE_TIME = "voice_time"
    BOOST = "boost"
    BAN = "ban"
    KICK = "kick"
    TIMEOUT = "timeout"
    WARN = "warn"
    FILE_SHARE = "file_share"
    APP_MENTION = "app_mention"
    CHANNEL_JOIN = "channel_join"
    SLASH_COMMAND = "slashCommand"
    INTERACTION = "interaction"
    MODAL_SUBMIT = "modal_submit"
    STREAM_ONLINE = "stream_online"
    STREAM_OFFLINE = "stream_offline"
    STREAM_UPDATE = "stream_update"
    REDEMPTION = "redemption"
    WATCH_TIME = "watch_time"
    UNBAN = "unban"
    HYPE_TRAIN = "hype_train"
    THREAD_CREATE = "thread_create"
    INVITE_CREATE = "invite_create"
    PIN = "pin"
    MESSAGE_DELETE = "message_delete"


LIVE_AFTER: Mapping[MessageType, bool] = {MessageType.STREAM_ONLINE: True, MessageType.STREAM_OFFLINE: False}
"""Whether a channel is live once this was told of it."""


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user on a platform, as the platform stated it. `user_id` is the key; names are decoration."""

    user_id: str
    login: str = ""
    display_name: str = ""
    broadcaster: bool = False
    admin: bool = False
    moderator: bool = False
    vip: bool = False
    subscriber: bool = False
    bot: bool = False

    @property
    def name(self) -> str:
        """How people call this account."""
        return self.display_name or self.login or self.user_id

    @property
    def platform_role(self) -> Role:
        """The role that the platform grants in the channel of the event."""
        if self.broadcaster:
            return Role.OWNER
        if self.admin:
            return Role.ADMIN
        if self.moderator:
            return Role.MODERATOR
        if self.vip:
            return Role.VIP
        return Role.SUBSCRIBER if self.subscriber else Role.VIEWER


class RepliedTo(msgspec.Struct, frozen=True, omit_defaults=True):
    """The message that a message answers: its id and, where the platform tells, author and text."""

    message_id: str
    account: Account | None = None
    text: str = ""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that happened on a platform, normalized.

    `amount` counts bits, minutes, viewers, months' gifts or cents (then `currency` names the money);
    `data` holds platform extras such as `message_id`; `event_id` is stable over redelivery.
    """

    event_id: str
    message_type: MessageType
    channel: str
    occurred_at: datetime
    account: Account | None = None
    text: str = ""
    reply_to: RepliedTo | None = None
    amount: int | None = None
    currency: str = ""
    data: dict[str, Any] = {}
    version: Literal[1] = 1

    @property
    def platform(self) -> str:
        """The part of the channel key before the first colon."""
        return self.channel.partition(":")[0]


class CommunityRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """The tenant of an invocation, with what a module needs to phrase times and texts."""

    id: int
    name: str
    time_zone: str = "UTC"
    locale: str = "en"


class ChannelRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """The channel of an invocation; `live` is None where the platform knows no streams."""

    key: str
    live: bool | None = None


class MemberRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who speaks. `id` is the member id (stable, joins linked accounts), `role` the effective role.

    A `guest` writes here without being in: no points are given or taken, and no list has them.
    """

    id: str
    role: Role
    account: Account
    platform: str = ""
    labels: tuple[str, ...] = ()
    person_id: str | None = None
    assigned_role: Role = Role.VIEWER
    guest: bool = False

    @property
    def name(self) -> str:
        """How the bot addresses this member."""
        return self.account.name


class Trigger(StrEnum):
    """Why a module runs."""

    COMMAND = "command"
    EVENT = "event"
    REPLY = "reply"


class Invocation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One execution of one module for one event.

    `execution_id` is the hash of event id and command, so a retry is recognized. `arguments` are parsed
    by the grammar of the manifest; a `member` argument arrives as the fields of `GivenMember`. `first_run` says that
    nobody was asked for this execution before; without it, it may be a retry.
    """

    execution_id: str
    community: CommunityRef
    channel: ChannelRef
    member: MemberRef
    event: Event
    trigger: Trigger = Trigger.COMMAND
    session_id: str = ""
    invoked_as: str = ""
    command: str = ""
    arguments: dict[str, Any] = {}
    text: str = ""
    depth: int = 0
    first_message: bool = False
    first_run: bool = False


class GivenMember(msgspec.Struct, frozen=True, omit_defaults=True):
    """A member named in an argument: the name as typed and, when it was found, the account."""

    name: str
    platform: str = ""
    user_id: str = ""
    member_id: str = ""


class Origin(StrEnum):
    """Who wrote a text: we ourselves, or somebody whose words the community's rules must pass."""

    OWN = "own"
    EXTERNAL = "external"


class Chat(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="chat"):
    """Say something. `⟦t:…⟧` in the text is a time that each trigger renders for its platform."""

    text: str
    reply: bool = True
    private: bool = False
    style: Literal["normal", "me", "announce"] = "normal"
    color: str = ""
    mention: bool = False
    verbatim_start: bool = False
    origin: Origin = Origin.OWN
    public_fallback: str = ""


class Media(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="media"):
    """Show a picture, a clip or a song; `duration` in seconds, `playback` is the wanted player state."""

    kind: Literal["image", "video", "clip", "track", "spotify", "youtube"]
    title: str = ""
    artist: str = ""
    album: str = ""
    art_url: str = ""
    url: str = ""
    duration: float | None = None
    progress: float | None = None
    requested_by: str = ""
    playback: dict[str, Any] | None = None


class Ticker(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="ticker"):
    """Run one line over the overlay; priority 1 is shown first, `duration` in seconds."""

    text: str
    priority: int = 5
    duration: float = 10
    style: str = "plain"


class General(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="general"):
    """Show a built-in overlay template with data; `duration` in seconds, 0 means until cleared."""

    template: str
    data: dict[str, Any] = {}
    duration: float = 10


class FormField(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field of a form."""

    name: str
    label: str
    type: Literal[
        "text", "textarea", "select", "multiselect", "radio", "checkbox", "number", "email", "url", "date", "time"
    ] = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


class Form(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="form"):
    """Ask for several values at once; the answer goes to `submit_to`, a command path of the module."""

    title: str
    fields: tuple[FormField, ...]
    submit_to: str
    description: str = ""


class Moderate(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="moderate"):
    """Delete, time out, warn, ban or unban; `target` is a user id, `seconds` belongs to a time-out."""

    operation: Literal["delete", "timeout", "warn", "ban", "unban"]
    target: str = ""
    message_id: str = ""
    seconds: int = 0
    reason: str = ""


class GrantRole(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="role"):
    """Grant or revoke a role of the platform."""

    operation: Literal["grant", "revoke"]
    role: str
    target: str


class RunCommand(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="command"):
    """Start a command line again with the caller's own rights (only modules that `may_dispatch`)."""

    line: str
    depth: int = 1


class PlatformRequest(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="platform"):
    """Something only the platform can do: shoutout, set_title, set_category, scheduled_event."""

    operation: str
    arguments: dict[str, Any] = {}


type Action = Chat | Media | Ticker | General | Form | Moderate | GrantRole | RunCommand | PlatformRequest
type DisplayAction = Media | Ticker | General


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """A module's answer to an invocation; `pending` when more follows through `POST …/actions`.

    With `expects_reply` (seconds, at most 120) the member's next plain line comes back to the same command,
    with the trigger `reply`.
    """

    actions: tuple[Action, ...] = ()
    pending: bool = False
    expects_reply: float = 0

    @classmethod
    def chat(cls, text: str, *more: Action, **options: Any) -> Reply:
        """Say `text`, and show `more` besides; `options` are those of Chat."""
        return cls(actions=(Chat(text, **options), *more))


class ArgumentKind(StrEnum):
    """The words a command's argument can be made of."""

    WORD = "text"
    REST = "rest"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "yes/no"
    DURATION = "duration"
    MEMBER = "member"
    CHANNEL = "channel"
    CHOICE = "choice"


class Argument(msgspec.Struct, frozen=True, omit_defaults=True):
    """One argument of a command. `after` is a keyword that introduces it, such as `by`."""

    name: str
    kind: ArgumentKind = ArgumentKind.WORD
    required: bool = True
    after: str = ""
    choices: tuple[str, ...] = ()
    flag: bool = False


class Cooldowns(msgspec.Struct, frozen=True, omit_defaults=True):
    """Seconds between two uses, per member, per channel and for the whole community."""

    member: float = 0
    channel: float = 0
    everywhere: float = 0


class CommandCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command as everybody but its module knows it; without `channels` it works in all of them."""

    path: str
    help: str
    usage: str
    aliases: tuple[str, ...] = ()
    role: Role = Role.VIEWER
    or_label: str = ""
    scope: Literal["channel", "community"] = "channel"
    cooldowns: Cooldowns | None = None
    timeout: float = 5
    arguments: tuple[Argument, ...] = ()
    group: str = ""
    platforms: tuple[Platform, ...] = ()
    hidden: bool = False
    channels: tuple[str, ...] = ()


class EventInterest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which events a module wants to be run for, and when it does not; in all channels where it names none."""

    message_type: MessageType
    priority: int = 100
    parallel: bool = True
    mentions_bot: bool = False
    matches: str = ""
    first_message: bool = False
    first_in_stream: bool = False
    min_amount: int = 0
    channels: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a module tells the router when it introduces itself, again every 30 s."""

    name: str
    version: str
    kind: Literal["trigger", "processing", "interaction", "core", "admin"]
    base_url: str
    instance: str
    description: str = ""
    commands: tuple[CommandCard, ...] = ()
    events: tuple[EventInterest, ...] = ()
    listens_to: tuple[MessageType, ...] = ()
    may_dispatch: bool = False
    personal_data: tuple[str, ...] = ()
    settings_schema: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Page[T]:
    """One page of a list, filtered and sorted by the server."""

    items: list[T] = field(default_factory=list)
    page: int = 1
    per_page: int = 25
    total: int = 0
