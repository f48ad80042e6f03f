"""The gateway of the fake Discord: hello, identify, resume, heartbeats."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web

from flask_core.testing.fake_discord import TOKEN, FakeDiscord, Session, snowflake

_BEAT_MS = 41_250
_TOKEN_REFUSED, _INTENTS_REFUSED = 4004, 4014


def gateway(discord: FakeDiscord) -> Callable[[web.Request], Awaitable[web.WebSocketResponse]]:
    """The address that sockets are opened at."""

    async def connect(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"op": 10, "d": {"heartbeat_interval": _BEAT_MS}}))
        session: Session | None = None
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                session = await _heard(discord, socket, json.loads(frame.data), session)
        if session is not None and session.socket is socket:
            session.socket = None
            # Discord ends a session whose client says goodbye; one that it closed itself can be resumed.
            session.alive = session.alive and (session.closed_here or socket.close_code not in {1000, 1001})
        return socket

    return connect


async def _heard(
    discord: FakeDiscord, socket: web.WebSocketResponse, said: dict[str, Any], session: Session | None
) -> Session | None:
    if said["op"] == 1:
        discord.heartbeats += 1
        await socket.send_str(json.dumps({"op": 11}))
    elif said["op"] == 2:
        return await _identify(discord, socket, said["d"])
    elif said["op"] == 6:
        return await _resume(discord, socket, said["d"])
    return session


async def _identify(discord: FakeDiscord, socket: web.WebSocketResponse, said: dict[str, Any]) -> Session | None:
    discord.identifies.append(said)
    if said["token"] != TOKEN or discord.refuses_token:
        await socket.close(code=_TOKEN_REFUSED)
        return None
    if said["intents"] & discord.refuses_intents:
        await socket.close(code=_INTENTS_REFUSED)
        return None
    shard, shards = said.get("shard", (0, 1))
    for old in [one for one in discord.sessions.values() if one.shard == shard]:
        old.alive = False
    session = Session(snowflake(), shard, shards, said["intents"], socket=socket)
    discord.sessions[session.id] = session
    mine = [one for one in discord.guilds.values() if discord.shard_of(one.id, shards) == shard]
    ready = {
        "v": 10, "user": discord.bot.user, "session_id": session.id, "shard": [shard, shards],
        "resume_gateway_url": discord.url.replace("http", "ws").replace("/api", "/gateway/"),
        "guilds": [{"id": one.id, "unavailable": True} for one in mine],
        "application": {"id": discord.bot.id, "flags": 0},
    }  # fmt: skip
    await discord.tell(session, "READY", ready)
    for guild in mine:
        await discord.tell(session, "GUILD_CREATE", guild.shown(discord.bot.id))
    return session


async def _resume(discord: FakeDiscord, socket: web.WebSocketResponse, said: dict[str, Any]) -> Session | None:
    session = discord.sessions.get(said["session_id"])
    if session is None or not session.alive:
        await socket.send_str(json.dumps({"op": 9, "d": False}))
        return None
    discord.resumes += 1
    session.socket, session.closed_here = socket, False
    for payload in session.sent[said["seq"] :]:
        await discord.send(session, payload)
    await discord.tell(session, "RESUMED", {})
    return session
