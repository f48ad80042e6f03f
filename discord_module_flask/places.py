"""What the gateway told about guilds: roles, channels, threads, and who may do what there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from discord_module_flask.servers.setups import Setup
from flask_core.datamodels import Account, Role

type Fields = dict[str, Any]

KICK, BAN, ADMINISTRATOR, MANAGE_GUILD = 1 << 1, 1 << 2, 1 << 3, 1 << 5
MANAGE_MESSAGES, MANAGE_ROLES, MODERATE_MEMBERS = 1 << 13, 1 << 28, 1 << 40
_ADMINS = ADMINISTRATOR | MANAGE_GUILD
_MODERATES = MODERATE_MEMBERS | KICK | BAN | MANAGE_MESSAGES
NEEDED = {
    "View Channels": 1 << 10, "Send Messages": 1 << 11, "Send Messages in Threads": 1 << 38, "Embed Links": 1 << 14,
    "Attach Files": 1 << 15, "Read Message History": 1 << 16, "Add Reactions": 1 << 6,
    "Manage Messages": MANAGE_MESSAGES, "Timeout Members": MODERATE_MEMBERS, "Manage Roles": MANAGE_ROLES,
    "Kick Members": KICK, "Ban Members": BAN, "Create Events": 1 << 44, "View Audit Log": 1 << 7,
}  # fmt: skip
"""What the bot asks for when it is invited, by Discord's own names."""


class Voice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody in a voice channel; `deaf` by themselves or by the server."""

    channel: str
    deaf: bool = False
    bot: bool = False


class Guild(msgspec.Struct, omit_defaults=True):
    """One guild: permissions by role, the parent of each thread, and what else events need."""

    id: str
    name: str
    owner_id: str
    members: int = 0
    home: str = ""
    afk_channel: str = ""
    permissions: dict[str, int] = {}
    parents: dict[str, str] = {}
    mine: list[str] = []
    voices: dict[str, Voice] = {}

    def speaks(self, said: Fields) -> None:
        """A voice state: where somebody is, or that they are nowhere."""
        user_id, channel = str(said["user_id"]), said.get("channel_id")
        if not channel:
            self.voices.pop(user_id, None)
            return
        before = self.voices.get(user_id)
        user = (said.get("member") or {}).get("user")
        bot = bool(user.get("bot")) if user else before is not None and before.bot
        self.voices[user_id] = Voice(channel, bool(said.get("deaf") or said.get("self_deaf")), bot)

    def allowed(self, user_id: str, roles: list[str]) -> int:
        """Everything that a member's roles permit in the guild."""
        if user_id == self.owner_id:
            return -1
        held = 0
        for role in (self.id, *roles):
            held |= self.permissions.get(role, 0)
        return -1 if held & ADMINISTRATOR else held

    @property
    def voice_channels(self) -> set[str]:
        """Where somebody is in voice now."""
        return {voice.channel for voice in self.voices.values()}

    @property
    def missing(self) -> list[str]:
        """Permissions that the bot lacks, by Discord's names."""
        held = self.allowed("", self.mine)
        return [name for name, bit in NEEDED.items() if not held & bit]


class Guilds:
    """Those of the shards that this process holds; `setup_of` says how the bot behaves in one."""

    def __init__(self, setup_of: Callable[[str], Setup] = lambda _: Setup()) -> None:
        self.setup_of = setup_of
        self.known: dict[str, Guild] = {}
        self.changed: set[str] = set()

    def created(self, said: Fields, bot_id: str) -> Guild:
        """The bot is in a guild, or it came back."""
        guild = Guild(str(said["id"]), said["name"], str(said["owner_id"]), int(said.get("member_count") or 0))
        guild.permissions = {role["id"]: int(role["permissions"]) for role in said["roles"]}
        guild.parents = {one["id"]: one["parent_id"] for one in said.get("threads") or ()}
        texts = [one["id"] for one in said["channels"] if one["type"] == 0]
        guild.home = said.get("system_channel_id") or next(iter(texts), guild.id)
        guild.afk_channel = said.get("afk_channel_id") or ""
        me = (one for one in said.get("members") or () if one["user"]["id"] == bot_id)
        guild.mine = list(next(me, {"roles": []})["roles"])
        users = {one["user"]["id"]: one for one in said.get("members") or ()}
        for state in said.get("voice_states") or ():
            guild.speaks({**state, "member": users.get(state["user_id"])})
        self.known[guild.id] = guild
        self.changed.add(guild.id)
        return guild

    def heard(self, kind: str, said: Fields, bot_id: str) -> None:
        """Keep what changed; kinds that change nothing here are left alone."""
        guild = self.known.get(str(said.get("guild_id") or said.get("id") or ""))
        change = _CHANGES.get(kind)
        if guild is not None and change is not None:
            change(guild, said)
            self.changed.add(guild.id)
        elif guild is not None and kind == "GUILD_MEMBER_UPDATE" and said["user"]["id"] == bot_id:
            guild.mine = list(said["roles"])
            self.changed.add(guild.id)

    def parent(self, guild_id: str, channel_id: str) -> str:
        """The channel in which a thread is; "" for what is no thread."""
        guild = self.known.get(guild_id)
        return guild.parents.get(channel_id, "") if guild else ""

    def account(
        self,
        guild_id: str,
        user: Fields,
        member: Fields | None,
        permissions: int | None = None,
        guild: Guild | None = None,
    ) -> Account:
        """Somebody, with what they are in the guild; `permissions` where Discord names them itself.

        `guild` is what another process wrote down about one that is not heard here.
        """
        guild, member = guild or self.known.get(guild_id), member or {}
        user_id = str(user["id"])
        roles = list(member.get("roles") or ())
        held = permissions if permissions is not None else guild.allowed(user_id, roles) if guild else 0
        setup, login = self.setup_of(guild_id), str(user.get("username") or "").lower()
        name, bot = name_of(user, member), bool(user.get("bot"))
        if not setup.settings.platform_roles:
            return Account(user_id, login, name, bot=bot)
        mapped = setup.counts_as(roles)
        return Account(
            user_id=user_id,
            login=login,
            display_name=name,
            broadcaster=guild is not None and user_id == guild.owner_id,
            admin=bool(held & _ADMINS),
            moderator=bool(held & _MODERATES) or mapped is Role.MODERATOR,
            vip=mapped is Role.VIP,
            subscriber=bool(member.get("premium_since")) or mapped is Role.SUBSCRIBER,
            bot=bot,
        )


def name_of(user: Fields, member: Fields) -> str:
    """What somebody is called in a guild."""
    name = member.get("nick") or user.get("global_name") or user.get("username") or user["id"]
    return str(name)


def _role(guild: Guild, said: Fields) -> None:
    guild.permissions[said["role"]["id"]] = int(said["role"]["permissions"])


def _no_role(guild: Guild, said: Fields) -> None:
    guild.permissions.pop(said["role_id"], None)


def _thread(guild: Guild, said: Fields) -> None:
    guild.parents[said["id"]] = said["parent_id"]


def _threads(guild: Guild, said: Fields) -> None:
    guild.parents |= {one["id"]: one["parent_id"] for one in said["threads"]}


def _no_thread(guild: Guild, said: Fields) -> None:
    guild.parents.pop(said["id"], None)


def _guild(guild: Guild, said: Fields) -> None:
    guild.name, guild.owner_id = said["name"], str(said["owner_id"])
    guild.afk_channel = said.get("afk_channel_id") or ""


_CHANGES: dict[str, Callable[[Guild, Fields], None]] = {
    "GUILD_ROLE_CREATE": _role,
    "GUILD_ROLE_UPDATE": _role,
    "GUILD_ROLE_DELETE": _no_role,
    "THREAD_CREATE": _thread,
    "THREAD_UPDATE": _thread,
    "THREAD_LIST_SYNC": _threads,
    "THREAD_DELETE": _no_thread,
    "GUILD_UPDATE": _guild,
}
