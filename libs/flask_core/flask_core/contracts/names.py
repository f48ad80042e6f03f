"""Names of one community: commands it made for itself, and its choice among modules with the same words."""

from __future__ import annotations

from types import NoneType
from typing import Literal

import msgspec

from flask_core.datamodels import Cooldowns, Platform, Role
from flask_core.operations import Operation, people, services

MOST_NAMES = 2_000


class DynamicCommand(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command that exists in one community; everywhere else, and on other channels or platforms, it is no word.

    One that is not `enabled` is no word either, but its name is known, so that a trace can say why it is silent.
    """

    name: str
    help: str = ""
    role: Role = Role.VIEWER
    cooldowns: Cooldowns | None = None
    platforms: tuple[Platform, ...] = ()
    channels: tuple[str, ...] = ()
    when: Literal["always", "online", "offline"] = "always"
    timeout: float = 8
    hidden: bool = False
    enabled: bool = True


class DynamicCommands(msgspec.Struct, frozen=True):
    """The whole set of a community, up to 2,000; it takes the place of sets with a lower version."""

    community_id: int
    version: int
    items: tuple[DynamicCommand, ...]


class DynamicState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The version that holds now; `taken` names of it are not live, because a module has them."""

    version: int
    taken: tuple[str, ...] = ()


PUT_DYNAMIC = Operation(
    "PUT", "/api/v1/communities/{community_id}/dynamic-commands", DynamicCommands, DynamicState, services("alias"),
    "Replace the community's own commands.",
)  # fmt: skip


class CommunityId(msgspec.Struct, frozen=True):
    """Names a community."""

    community_id: int


class Group(msgspec.Struct, frozen=True):
    """Words that several modules offer, and which of them answers here; "" is none."""

    group: str
    module: str
    modules: tuple[str, ...]
    words: tuple[str, ...]


class GroupList(msgspec.Struct, frozen=True):
    """All groups that more than one module offers, by name."""

    items: tuple[Group, ...]


class ChooseModule(msgspec.Struct, frozen=True):
    """Let `module` answer the words of a group here; "" lets none."""

    community_id: int
    group: str
    module: str


GROUPS = Operation(
    "GET", "/api/v1/communities/{community_id}/command-groups", CommunityId, GroupList, people(Role.MODERATOR),
    "Tell which modules offer the same words.",
)  # fmt: skip
CHOOSE = Operation(
    "PUT", "/api/v1/communities/{community_id}/command-groups/{group}", ChooseModule, Group,
    people(Role.ADMIN) | services("youtube_music", "spotify"), "Choose the module that answers.",
)  # fmt: skip


class Activation(msgspec.Struct, frozen=True):
    """The module answers (or no longer answers) the words of this group in the community; may be said twice."""

    community_id: int
    group: str


ACTIVATE = Operation(
    "POST", "/api/v1/communities/{community_id}/activate", Activation, NoneType, services("router"),
    "Answer a group's words from now on.", status=204,
)  # fmt: skip
DEACTIVATE = Operation(
    "POST", "/api/v1/communities/{community_id}/deactivate", Activation, NoneType, services("router"),
    "Leave a group's words to another module.", status=204,
)  # fmt: skip


class NamesAsked(msgspec.Struct, frozen=True):
    """First words of command lines, without their sign, up to 2,000."""

    community_id: int
    words: tuple[str, ...]


class NamesTaken(msgspec.Struct, frozen=True):
    """Those that mean something here already, and the module whose they are."""

    taken: dict[str, str]


CHECK_NAMES = Operation(
    "POST", "/api/v1/communities/{community_id}/dynamic-commands/check", NamesAsked, NamesTaken, services("alias"),
    "Tell which names modules have already.",
)  # fmt: skip


class Nothing(msgspec.Struct, frozen=True):
    """No questions."""


class DynamicVersions(msgspec.Struct, frozen=True):
    """The version of every community's set that is here."""

    versions: dict[int, int]


DYNAMIC_VERSIONS = Operation(
    "GET", "/api/v1/dynamic-commands", Nothing, DynamicVersions, services("alias"),
    "Tell which version of each community's own commands is here.",
)  # fmt: skip
