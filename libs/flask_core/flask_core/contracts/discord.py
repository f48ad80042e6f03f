"""What discord offers: the health tile with the link that invites the bot, and the guilds of a community."""

from __future__ import annotations

from datetime import datetime
from types import NoneType

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, operators, people, services


class OfCommunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """The guilds of one community; 0 means the whole installation (services and operators)."""

    community_id: int = 0


class ShardHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """A shard of this process: `latency_ms` between heartbeat and answer, `reason` while it is not up."""

    number: int
    up: bool
    latency_ms: float | None = None
    reason: str = ""


class GuildHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """A server that the bot is in; `missing` are permissions by Discord's names, `channels` the attached ones."""

    id: str
    name: str
    members: int
    channels: int
    missing: tuple[str, ...] = ()
    commands: int = 0
    commands_at: datetime | None = None


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """The health tile: `reason` says in a sentence what has to be done first, "" when all is well.

    `off` are sentences about what does not work for a missing intent. `refused` counts what Discord refused lately.
    `can_prove`: people can go to Discord, prove there that they manage a server, and come back.
    """

    connected: bool
    shards: tuple[ShardHealth, ...]
    guilds: tuple[GuildHealth, ...]
    guild_count: int = 0
    invite_url: str = ""
    reason: str = ""
    off: tuple[str, ...] = ()
    spooled: int = 0
    refused: int = 0
    can_connect: bool = True
    can_prove: bool = False
    last_event_at: datetime | None = None


STATUS = Operation(
    "GET", "/api/v1/status", OfCommunity, Status, people(Role.MODERATOR) | services("portal") | operators(),
    "Show the health tile.",
)  # fmt: skip


class SyncCommands(msgspec.Struct, frozen=True):
    """A guild of the community's whose slash commands are to be registered now."""

    community_id: int
    guild_id: str


class Synced(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many commands the guild shows, and whether Discord had to be told."""

    commands: int
    changed: bool


SYNC = Operation(
    "POST", "/api/v1/guilds/{guild_id}/sync-commands", SyncCommands, Synced, people(Role.ADMIN) | operators(),
    "Register a guild's slash commands now.",
)  # fmt: skip


class Reconnect(msgspec.Struct, frozen=True):
    """Nothing has to be said about it."""


RECONNECT = Operation(
    "POST", "/api/v1/reconnect", Reconnect, NoneType, operators(),
    "Begin all sessions anew and ask Discord for every intent again.", status=204,
)  # fmt: skip
