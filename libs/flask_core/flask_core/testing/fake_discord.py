"""A small Discord: gateway sessions that resume, REST with rate limits, guilds with roles, signed interactions.

Tests act for people with `write`, `joins`, `interact` and look at `said`, `calls` and `callbacks`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from flask_core.testing.fake_discord_authorizing import Authorizing
from flask_core.testing.loopback import on_loopback

TOKEN = "MTAw.fake.bot-token"
APPLICATION_ID = "100"
CLIENT_SECRET = "fake-client-secret"
ADMINISTRATOR, MANAGE_GUILD, MODERATE, BAN = 1 << 3, 1 << 5, 1 << 40, 1 << 2
EVERYTHING = (1 << 50) - 1
BOT_PERMISSIONS = EVERYTHING & ~(ADMINISTRATOR | MANAGE_GUILD)
_TEXT, _VOICE, THREAD = 0, 2, 11
MEMBERS_INTENT = 1 << 1


def snowflake(numbers: itertools.count[int] = itertools.count(1)) -> str:  # noqa: B008 - one count for all of them
    """A new id, as old as now."""
    return str(((int(time.time() * 1000) - 1_420_070_400_000) << 22) + next(numbers) % (1 << 22))


def now() -> str:
    """This moment as Discord writes it."""
    return datetime.now(UTC).isoformat()


@dataclass
class FakeMember:
    """Somebody in a guild, as Discord shows them."""

    id: str
    name: str
    roles: list[str] = field(default_factory=list)
    bot: bool = False
    premium_since: str | None = None
    communication_disabled_until: str | None = None
    joined_at: str = "2024-01-02T03:04:05+00:00"

    @property
    def user(self) -> dict[str, Any]:
        """Without the guild."""
        return {"id": self.id, "username": self.name, "global_name": self.name.capitalize(), "bot": self.bot,
                "avatar": None, "discriminator": "0"}  # fmt: skip

    @property
    def partial(self) -> dict[str, Any]:
        """Within the guild, without the user."""
        return {
            "roles": self.roles, "joined_at": self.joined_at, "premium_since": self.premium_since, "nick": None,
            "communication_disabled_until": self.communication_disabled_until, "deaf": False, "mute": False, "flags": 0,
        }  # fmt: skip

    @property
    def shown(self) -> dict[str, Any]:
        """Whole."""
        return {**self.partial, "user": self.user}


@dataclass
class FakeGuild:
    """A server: `roles` and `channels` as Discord shows them, by id."""

    id: str
    name: str
    owner_id: str
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, FakeMember] = field(default_factory=dict)
    voice: dict[str, dict[str, Any]] = field(default_factory=dict)
    commands: list[dict[str, Any]] = field(default_factory=list)
    banned: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    afk_channel_id: str | None = None

    def add_role(self, name: str, permissions: int = 0, *, managed: bool = False) -> str:
        """A role above those there are; its id."""
        role_id = snowflake()
        self.roles[role_id] = {
            "id": role_id, "name": name, "permissions": str(permissions), "position": len(self.roles),
            "managed": managed, "color": 0, "hoist": False, "mentionable": False,
        }  # fmt: skip
        return role_id

    def add_channel(self, name: str, kind: int = _TEXT, parent: str | None = None) -> str:
        """A channel, a voice channel (2) or a thread (11) of `parent`; its id."""
        channel_id = snowflake()
        self.channels[channel_id] = {
            "id": channel_id, "name": name, "type": kind, "parent_id": parent, "guild_id": self.id,
            "permission_overwrites": [], "position": len(self.channels),
        }  # fmt: skip
        return channel_id

    def add_member(self, name: str, *roles: str, member_id: str = "", **more: Any) -> FakeMember:
        """Somebody who is there."""
        member = FakeMember(member_id or snowflake(), name, list(roles), **more)
        self.members[member.id] = member
        return member

    def shown(self, bot_id: str) -> dict[str, Any]:
        """As GUILD_CREATE carries it."""
        threads = [one for one in self.channels.values() if one["type"] == THREAD]
        return {
            "id": self.id, "name": self.name, "owner_id": self.owner_id, "member_count": len(self.members),
            "roles": list(self.roles.values()), "threads": threads, "unavailable": False, "large": False,
            "channels": [one for one in self.channels.values() if one["type"] != THREAD],
            "members": [self.members[bot_id].shown], "voice_states": list(self.voice.values()),
            "afk_channel_id": self.afk_channel_id, "emojis": [], "stickers": [], "presences": [],
        }  # fmt: skip


@dataclass
class Session:
    """One shard's session: what it was sent stays for a resume."""

    id: str
    shard: int
    shards: int
    intents: int
    sent: list[dict[str, Any]] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None
    alive: bool = True
    closed_here: bool = False


@dataclass
class FakeDiscord(Authorizing):
    """`refuses_intents` are closed with 4014; `limits` are 429 answers and `fails` others, by how the path begins."""

    guilds: dict[str, FakeGuild] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    edited: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    bearers: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    identifies: list[dict[str, Any]] = field(default_factory=list)
    resumes: int = 0
    heartbeats: int = 0
    refuses_intents: int = 0
    refuses_token: bool = False
    closed_dms: set[str] = field(default_factory=set)
    limits: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    fails: dict[str, list[int]] = field(default_factory=dict)
    shards: int = 1
    url: str = ""
    bot: FakeMember = field(default_factory=lambda: FakeMember(APPLICATION_ID, "waddlebot", bot=True))
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    _nonces: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    @property
    def public_key(self) -> str:
        """What the developer portal shows."""
        return self.key.public_key().public_bytes_raw().hex()

    def add_guild(self, name: str, owner: str = "ann", guild_id: str = "") -> FakeGuild:
        """A guild with a channel `general`, its owner, and the bot with a role of its own."""
        guild = FakeGuild(guild_id or snowflake(), name, snowflake())
        guild.roles[guild.id] = {
            "id": guild.id, "name": "@everyone", "permissions": str(1 << 10 | 1 << 11), "position": 0, "managed": False,
        }  # fmt: skip
        guild.add_channel("general")
        guild.add_member(owner, member_id=guild.owner_id)
        role = guild.add_role("WaddleBot", BOT_PERMISSIONS, managed=True)
        guild.members[self.bot.id] = FakeMember(self.bot.id, self.bot.name, [role], bot=True)
        self.guilds[guild.id] = guild
        return guild

    def shard_of(self, guild_id: str, shards: int) -> int:
        """Which shard hears a guild; direct messages come to the first."""
        return (int(guild_id) >> 22) % shards if guild_id else 0

    async def dispatch(self, kind: str, data: dict[str, Any], guild_id: str = "") -> None:
        """Something happens: every session of the right shard hears it, or will when it resumes."""
        for session in [one for one in self.sessions.values() if one.alive]:
            if self.shard_of(guild_id, session.shards) == session.shard:
                await self.tell(session, kind, data)

    async def tell(self, session: Session, kind: str, data: dict[str, Any]) -> None:
        """One session hears it."""
        session.sent.append({"op": 0, "t": kind, "s": len(session.sent) + 1, "d": data})
        await self.send(session, session.sent[-1])

    async def send(self, session: Session, payload: dict[str, Any]) -> None:
        """A frame, if anybody listens."""
        if session.socket is not None and not session.socket.closed:
            await session.socket.send_str(json.dumps(payload))

    async def write(
        self, guild: FakeGuild, who: FakeMember, text: str, channel: str = "", **more: Any
    ) -> dict[str, Any]:
        """Somebody writes a message; it is returned."""
        channel = channel or next(iter(guild.channels))
        message = {**self.message(who, text, channel), "guild_id": guild.id, "member": who.partial, **more}
        await self.dispatch("MESSAGE_CREATE", message, guild.id)
        return message

    def message(self, who: FakeMember, text: str, channel: str) -> dict[str, Any]:
        """As Discord shows one."""
        return {
            "id": snowflake(), "channel_id": channel, "author": who.user, "content": text, "timestamp": now(),
            "edited_timestamp": None, "attachments": [], "embeds": [], "mentions": [], "mention_roles": [],
            "mention_everyone": False, "type": 0, "tts": False, "pinned": False, "flags": 0,
        }  # fmt: skip

    async def close_sockets(self, code: int) -> None:
        """Discord closes every connection."""
        for session in self.sessions.values():
            if session.socket is not None:
                session.closed_here = True
                await session.socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        """Op 7."""
        for session in self.sessions.values():
            await self.send(session, {"op": 7, "d": None})

    def forget_sessions(self) -> None:
        """No session can be resumed any more."""
        for session in self.sessions.values():
            session.alive = False

    def says_yes(self, who: FakeMember) -> str:
        """Somebody lets the application see which servers they are in; the code that they bring back."""
        code = f"code-{snowflake()}"
        self.codes[code] = who.id
        return code

    def allowed(self, guild: FakeGuild, who: FakeMember) -> int:
        """What somebody may do in a guild, as Discord counts it."""
        allowed = EVERYTHING if who.id == guild.owner_id else 0
        for role in [guild.id, *who.roles]:
            allowed |= int(guild.roles[role]["permissions"])
        return EVERYTHING if allowed & ADMINISTRATOR else allowed

    def interaction(
        self, guild: FakeGuild, who: FakeMember, kind: int, data: dict[str, Any], channel: str = ""
    ) -> dict[str, Any]:
        """What Discord sends when somebody uses a command (2), a component (3), autocomplete (4) or a modal (5)."""
        interaction_id, token = snowflake(), f"token-{snowflake()}"
        self.tokens[token] = interaction_id
        member = {**who.shown, "permissions": str(self.allowed(guild, who))}
        channel = channel or next(iter(guild.channels))
        return {
            "id": interaction_id, "application_id": APPLICATION_ID, "type": kind, "data": data, "token": token,
            "version": 1, "guild_id": guild.id, "channel_id": channel, "channel": guild.channels[channel],
            "member": member, "locale": "en-US",
        }  # fmt: skip

    async def interact(
        self, guild: FakeGuild, who: FakeMember, kind: int, data: dict[str, Any], **more: Any
    ) -> dict[str, Any]:
        """The same over the gateway; the interaction is returned. `more` is the message of a component, for one."""
        said = {**self.interaction(guild, who, kind, data), **more}
        self.unanswered.add(said["token"])
        await self.dispatch("INTERACTION_CREATE", said, guild.id)
        return said

    def signed(self, body: bytes, at: int | None = None) -> dict[str, str]:
        """The headers with which Discord posts `body`."""
        timestamp = str(int(time.time()) if at is None else at)
        signature = self.key.sign(timestamp.encode() + body).hex()
        return {"X-Signature-Ed25519": signature, "X-Signature-Timestamp": timestamp,
                "Content-Type": "application/json"}  # fmt: skip

    def keep(self, channel: str, said: dict[str, Any]) -> dict[str, Any]:
        """A message of the bot's; with a nonce that was used it is the one that was said before."""
        nonce = (channel, str(said.get("nonce")))
        if said.get("enforce_nonce") and nonce in self._nonces:
            return self._nonces[nonce]
        message = {**self.message(self.bot, said.get("content", ""), channel), **said, "channel_id": channel}
        self.said.append(message)
        self._nonces[nonce] = message
        return message


@asynccontextmanager
async def running_discord(port: int = 0) -> AsyncIterator[FakeDiscord]:
    """A Discord on loopback: `discord.url` is the address of its API."""
    from flask_core.testing.fake_discord_gateway import gateway  # noqa: PLC0415 (they need what stands above)
    from flask_core.testing.fake_discord_pages import add_pages  # noqa: PLC0415

    discord = FakeDiscord()
    app = web.Application()
    app.router.add_get("/gateway/", gateway(discord))
    add_pages(app, discord)
    async with on_loopback(app, port) as host:
        discord.url = f"{host}/api"
        try:
            yield discord
        finally:
            async with asyncio.timeout(5):
                await discord.close_sockets(1001)
