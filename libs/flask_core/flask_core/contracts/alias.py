"""What alias offers: a community's own commands, counters and variables."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from flask_core.datamodels import Platform, Role
from flask_core.operations import Operation, people, services

Kind = Literal["text", "alias"]
Dialect = Literal["waddle", "nightbot", "streamelements"]
When = Literal["always", "online", "offline"]
Style = Literal["say", "mention", "reply", "whisper", "me"]
type Seconds = Annotated[float, Meta(ge=0, le=86_400)]
type Points = Annotated[int, Meta(ge=0, le=10**9)]
type Body = Annotated[str, Meta(max_length=4_000)]

_HERE = "/api/v1/communities/{community_id}"


class CommunityId(msgspec.Struct, frozen=True):
    """Names a community."""

    community_id: int


class CommandView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command; `body` is for those who may edit, as are the names of who made and changed it.

    It is `live` when the router has it as it is here; `warnings` are for its author.
    """

    id: int
    kind: Kind
    name: str
    body: str = ""
    dialect: Dialect = "waddle"
    role: Role = Role.VIEWER
    cooldown_channel: float = 0
    cooldown_member: float = 0
    when: When = "always"
    platforms: tuple[Platform, ...] = ()
    channels: tuple[str, ...] = ()
    style: Style = "say"
    cost: int = 0
    send_caller: bool = False
    hidden: bool = False
    enabled: bool = True
    source: str = ""
    original: str = ""
    version: int = 1
    created_name: str = ""
    created_at: datetime | None = None
    updated_name: str = ""
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    uses: int = 0
    last_used_at: datetime | None = None
    live: bool = True
    warnings: tuple[str, ...] = ()


class ListOwn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of commands that the caller may use, and for those who may edit all of them; `bin` are removed ones."""

    community_id: int
    kind: Literal["", "text", "alias"] = ""
    q: str = ""
    enabled: bool | None = None
    source: str = ""
    state: Literal["kept", "bin"] = "kept"
    page: int = 1
    per_page: int = 25


class OwnPage(msgspec.Struct, frozen=True):
    """Commands by name; `may_edit` tells whether the caller may change them."""

    items: tuple[CommandView, ...]
    page: int
    per_page: int
    total: int
    may_edit: bool = False


class AddOwn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new command. What is None is as the community has it by default."""

    community_id: int
    kind: Kind
    name: str
    body: Body
    dialect: Dialect = "waddle"
    role: Role = Role.VIEWER
    cooldown_channel: Seconds | None = None
    cooldown_member: Seconds | None = None
    when: When = "always"
    platforms: tuple[Platform, ...] = ()
    channels: tuple[str, ...] = ()
    style: Style = "say"
    cost: Points = 0
    send_caller: bool = False
    hidden: bool = False
    enabled: bool = True


class OwnOf(msgspec.Struct, frozen=True):
    """A command by its id."""

    community_id: int
    id: int


class PutOwn(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is given is changed, the rest stays; an older `version` is stale."""

    community_id: int
    id: int
    version: int
    name: str | None = None
    body: Body | None = None
    dialect: Dialect | None = None
    role: Role | None = None
    cooldown_channel: Seconds | None = None
    cooldown_member: Seconds | None = None
    when: When | None = None
    platforms: tuple[Platform, ...] | None = None
    channels: tuple[str, ...] | None = None
    style: Style | None = None
    cost: Points | None = None
    send_caller: bool | None = None
    hidden: bool | None = None
    enabled: bool | None = None


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that was done to a command: `changes` are fields with what they were and became."""

    version: int
    did: str
    editor_name: str
    at: datetime
    changes: dict[str, tuple[str, str]] = {}


class History(msgspec.Struct, frozen=True):
    """Steps, newest first."""

    items: tuple[Step, ...]


_OWN = f"{_HERE}/commands"
LIST = Operation(
    "GET", _OWN, ListOwn, OwnPage, people(Role.VIEWER) | services("portal"), "List a community's own commands."
)
ADD = Operation("POST", _OWN, AddOwn, CommandView, people(Role.VIEWER), "Add a command.", status=201)
GET = Operation("GET", f"{_OWN}/{{id}}", OwnOf, CommandView, people(Role.VIEWER), "Show a command.")
PUT = Operation("PUT", f"{_OWN}/{{id}}", PutOwn, CommandView, people(Role.VIEWER), "Change a command.")
DELETE = Operation(
    "DELETE", f"{_OWN}/{{id}}", OwnOf, NoneType, people(Role.VIEWER), "Put a command into the bin.", status=204
)
RESTORE = Operation(
    "POST", f"{_OWN}/{{id}}/restore", OwnOf, CommandView, people(Role.VIEWER), "Take a command out of the bin."
)
HISTORY = Operation(
    "GET", f"{_OWN}/{{id}}/history", OwnOf, History, people(Role.MODERATOR), "Tell who changed a command, and how."
)


class Pretended(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody who does not exist, for whom a text is tried."""

    name: Annotated[str, Meta(max_length=100)] = "Grace"
    role: Role = Role.VIEWER
    platform: Platform = Platform.TWITCH


class AskPreview(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text to try, with the words that somebody would write behind the command."""

    community_id: int
    text: Body
    dialect: Dialect = "waddle"
    words: Annotated[str, Meta(max_length=500)] = ""
    name: str = "preview"
    caller: Pretended = Pretended()


class PreviewPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of the output, whose words it is (author, viewer, external), and which variable said it."""

    text: str
    origin: str
    variable: str = ""


class Preview(msgspec.Struct, frozen=True, omit_defaults=True):
    """What would be said."""

    output: str
    parts: tuple[PreviewPart, ...] = ()
    variables: tuple[str, ...] = ()
    lookups: int = 0
    warnings: tuple[str, ...] = ()
    milliseconds: float = 0


PREVIEW = Operation(
    "POST", f"{_OWN}/preview", AskPreview, Preview, people(Role.VIEWER),
    "Tell what a text would say; nothing happens.",
)  # fmt: skip


class CounterView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number with a name; one `on_screen` runs over the overlay when it changes."""

    name: str
    value: int
    on_screen: bool = False


class CounterList(msgspec.Struct, frozen=True):
    """All of them, by name."""

    items: tuple[CounterView, ...]


class CounterOf(msgspec.Struct, frozen=True):
    """A counter by its name."""

    community_id: int
    name: str


class PutCounter(msgspec.Struct, frozen=True, omit_defaults=True):
    """Set it to `value`, or add `change`, and choose whether it is shown."""

    community_id: int
    name: str
    value: int | None = None
    change: int | None = None
    on_screen: bool | None = None


_COUNTER = f"{_HERE}/counters/{{name}}"
COUNTERS = Operation("GET", f"{_HERE}/counters", CommunityId, CounterList, people(Role.VIEWER), "List counters.")
COUNTER = Operation("GET", _COUNTER, CounterOf, CounterView, people(Role.VIEWER), "Show a counter.")
PUT_COUNTER = Operation("PUT", _COUNTER, PutCounter, CounterView, people(Role.MODERATOR), "Change a counter.")
DELETE_COUNTER = Operation(
    "DELETE", _COUNTER, CounterOf, NoneType, people(Role.MODERATOR), "Forget a counter.", status=204
)


class VariableView(msgspec.Struct, frozen=True):
    """A text with a name."""

    name: str
    value: str


class VariableList(msgspec.Struct, frozen=True):
    """All of them, by name."""

    items: tuple[VariableView, ...]


class VariableOf(msgspec.Struct, frozen=True):
    """A variable by its name."""

    community_id: int
    name: str


class PutVariable(msgspec.Struct, frozen=True):
    """Let it be `value`."""

    community_id: int
    name: str
    value: str


_VARIABLE = f"{_HERE}/variables/{{name}}"
VARIABLES = Operation("GET", f"{_HERE}/variables", CommunityId, VariableList, people(Role.MODERATOR), "List variables.")
VARIABLE = Operation("GET", _VARIABLE, VariableOf, VariableView, people(Role.MODERATOR), "Show a variable.")
PUT_VARIABLE = Operation("PUT", _VARIABLE, PutVariable, VariableView, people(Role.MODERATOR), "Keep a variable.")
DELETE_VARIABLE = Operation(
    "DELETE", _VARIABLE, VariableOf, NoneType, people(Role.MODERATOR), "Forget a variable.", status=204
)


class Exported(msgspec.Struct, frozen=True):
    """Everything of a community, in the form in which it can be brought back."""

    commands: tuple[CommandView, ...]
    counters: tuple[CounterView, ...]
    variables: tuple[VariableView, ...]


EXPORT = Operation(
    "GET", f"{_OWN}/export", CommunityId, Exported, people(Role.ADMIN), "Take all commands, counters and texts along."
)


class AskLanguage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose way of writing variables is asked for."""

    community_id: int
    dialect: Dialect = "waddle"


class Word(msgspec.Struct, frozen=True):
    """A variable as it is written, what it says, and what it belongs to."""

    written: str
    about: str
    group: str


class Language(msgspec.Struct, frozen=True):
    """All variables, group by group."""

    items: tuple[Word, ...]


LANGUAGE = Operation(
    "GET", f"{_OWN}/language", AskLanguage, Language, people(Role.VIEWER), "List the variables that texts may use."
)
