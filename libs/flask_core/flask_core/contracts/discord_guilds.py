"""What discord offers about servers: which there are, how the bot behaves there, and which roles count as what."""

from __future__ import annotations

from types import NoneType
from typing import Annotated, Literal

import msgspec

from flask_core.contracts.community_servers import Whole
from flask_core.contracts.people_facts import Holders, UserList
from flask_core.datamodels import Role
from flask_core.operations import Operation, any_service, no_keys, operators, people, services, signed_in

OFFERED_BY = "discord"
_MOST = 100

ChannelIds = Annotated[tuple[str, ...], msgspec.Meta(max_length=_MOST)]
ChannelId = Annotated[str, msgspec.Meta(pattern=r"^\d{0,20}$")]
Reading = Literal["all", "listed", "all_but"]
MappedTo = Literal["subscriber", "vip", "moderator"]


class GuildSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the bot behaves in a server. Channels are ids, also for what is written in their threads.

    `reading` says whether `listed` are the only channels that are heard, or those that are not. Commands work in
    `commands_in`, everywhere when it names none; moderators use them everywhere. A line behind `prefix` is a command,
    as one behind `!` is. With `ephemeral` answers to slash commands are for the asker alone. Lines of `other_bots`
    are watched, or not heard at all. Time in the channels `voice_excluded` does not count. Joins are told in
    `welcome_channel`, an attached one; what the bot did to members is told in `log_channel`.
    """

    reading: Reading = "all"
    listed: ChannelIds = ()
    commands_in: ChannelIds = ()
    prefix: Annotated[str, msgspec.Meta(max_length=5, pattern=r"^([^\s\w]\S*|\w\S*[^\s\w])?$")] = ""
    ephemeral: bool = False
    other_bots: bool = True
    voice: bool = True
    voice_excluded: ChannelIds = ()
    welcome_channel: ChannelId = ""
    log_channel: ChannelId = ""
    platform_roles: bool = True

    def reads(self, channel_id: str) -> bool:
        """Whether the bot hears what is written in a channel."""
        return self.reading == "all" or (channel_id in self.listed) == (self.reading == "listed")

    def takes_commands(self, channel_id: str) -> bool:
        """Whether everybody may use commands in a channel."""
        return not self.commands_in or channel_id in self.commands_in


class OfCommunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """The servers of one community; 0 means the whole installation (services and operators)."""

    community_id: int = 0


class GuildName(msgspec.Struct, frozen=True, omit_defaults=True):
    """A server; `proved` says that somebody of the community proved at Discord that they manage it."""

    id: str
    name: str
    members: int
    channels: int = 0
    proved: bool = False


class GuildNames(msgspec.Struct, frozen=True):
    """Servers by name."""

    items: tuple[GuildName, ...]


class GuildOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """A server of a community."""

    guild_id: str
    community_id: int = 0


class ChannelView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A channel: attached to this community (`mine`), to another one, or to none.

    `missing` are permissions that the bot lacks in a text channel, by Discord's names. A `covered` one is attached
    with the whole server.
    """

    id: str
    name: str
    kind: Literal["text", "voice"] = "text"
    attached: bool = False
    mine: bool = False
    missing: tuple[str, ...] = ()
    covered: bool = False


class RoleView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A role of a server; `counts_as` is what its holders are here.

    `why_not` says why the bot cannot give it to anybody, "" when it can.
    """

    id: str
    name: str
    counts_as: MappedTo | None = None
    why_not: str = ""


class GuildView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A server as Discord shows it now, how the bot behaves there, and whose it is when all of it is attached."""

    id: str
    name: str
    settings: GuildSettings
    channels: tuple[ChannelView, ...] = ()
    roles: tuple[RoleView, ...] = ()
    whole: Whole = ""


class PutGuildSettings(msgspec.Struct, frozen=True):
    """New settings of a server."""

    guild_id: str
    community_id: int
    settings: GuildSettings


class MappedRole(msgspec.Struct, frozen=True):
    """A role of the server, by its id, and what its holders are in the channels of the server."""

    role_id: str
    counts_as: MappedTo


class PutRoleMap(msgspec.Struct, frozen=True):
    """All roles that count as something; those that are not named do not count any more."""

    guild_id: str
    community_id: int
    roles: Annotated[tuple[MappedRole, ...], msgspec.Meta(max_length=_MOST)]


class ChannelOf(msgspec.Struct, frozen=True):
    """A channel of a server of a community."""

    guild_id: str
    channel_id: str
    community_id: int


class TestLine(msgspec.Struct, frozen=True):
    """How long Discord took for the test line, in seconds."""

    __test__ = False

    seconds: float


GUILDS = Operation(
    "GET", "/api/v1/guilds", OfCommunity, GuildNames, any_service() | people(Role.ADMIN) | operators(),
    "List the servers of a community.",
)  # fmt: skip
GUILD = Operation(
    "GET", "/api/v1/guilds/{guild_id}", GuildOf, GuildView, any_service() | people(Role.ADMIN) | operators(),
    "Show a server: channels, roles and settings.",
)  # fmt: skip
SET_UP = Operation(
    "PUT", "/api/v1/guilds/{guild_id}/settings", PutGuildSettings, NoneType, people(Role.ADMIN) | operators(),
    "Change how the bot behaves in a server.", status=204,
)  # fmt: skip
MAP_ROLES = Operation(
    "PUT", "/api/v1/guilds/{guild_id}/role-map", PutRoleMap, NoneType, people(Role.ADMIN) | operators(),
    "Change which roles of a server count as what; only the owner adds one that counts as moderator.", status=204,
)  # fmt: skip
ATTACH = Operation(
    "POST", "/api/v1/guilds/{guild_id}/channels/{channel_id}", ChannelOf, NoneType, people(Role.ADMIN),
    "Attach a channel of a server that somebody of the community proved to manage.", status=204,
)  # fmt: skip
ATTACH_WHOLE = Operation(
    "POST", "/api/v1/guilds/{guild_id}/attach", GuildOf, NoneType, people(Role.ADMIN),
    "Attach all of a server that somebody of the community proved to manage.", status=204,
)  # fmt: skip
TEST = Operation(
    "POST", "/api/v1/guilds/{guild_id}/channels/{channel_id}/test", ChannelOf, TestLine, people(Role.ADMIN),
    "Say a test line in an attached channel.",
)  # fmt: skip


class StartProof(msgspec.Struct, frozen=True):
    """Prove at Discord that one manages a server, for a community."""

    community_id: int


class ProofUrl(msgspec.Struct, frozen=True):
    """Where Discord asks the person; good once, within ten minutes."""

    url: str


class FinishProof(msgspec.Struct, frozen=True):
    """What Discord sent back to the redirect address."""

    state: str
    code: str
    guild_id: str


class Proved(msgspec.Struct, frozen=True):
    """The server, and the community for which it was proved."""

    guild_id: str
    name: str
    community_id: int


START = Operation(
    "POST", "/api/v1/grants/start", StartProof, ProofUrl, no_keys(people(Role.ADMIN)),
    "Begin to prove that one manages a server; the same address invites the bot.", status=201,
)  # fmt: skip
FINISH = Operation(
    "POST",
    "/api/v1/grants/finish",
    FinishProof,
    Proved,
    no_keys(signed_in()),
    "Finish what was begun, after Discord's yes.",
)


class UserQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Members of a server: one by `id`, or all whose names begin with `login`."""

    guild: str
    id: str = ""
    login: str = ""


class ChannelQuery(msgspec.Struct, frozen=True):
    """A channel by its id."""

    id: str


class ChannelFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """A channel or a thread (then `parent` is its channel) of a server that the bot is in."""

    id: str
    name: str
    guild_id: str
    parent: str = ""


class RoleQuery(msgspec.Struct, frozen=True):
    """What a user is in a server."""

    guild: str
    user: str


class RoleFacts(msgspec.Struct, frozen=True):
    """The highest role by Discord's own word and the server's role map."""

    role: Role


class HoldersOf(msgspec.Struct, frozen=True):
    """A role of a server, by its id."""

    kind: Literal["discord_role"]
    guild: str
    role: str


USERS = Operation(
    "GET", "/api/v1/lookups/users", UserQuery, UserList, any_service(), "Look up members of a server by id or name."
)
CHANNEL = Operation(
    "GET", "/api/v1/lookups/channels/{id}", ChannelQuery, ChannelFacts, any_service(), "Look up a channel."
)
ROLES = Operation(
    "GET", "/api/v1/lookups/roles", RoleQuery, RoleFacts, any_service(), "Tell what somebody is in a server."
)
HOLDERS = Operation(
    "GET", "/api/v1/role-holders", HoldersOf, Holders, services("labels"),
    "List who holds a role: 422 when Discord does not tell the bot about members.",
)  # fmt: skip
