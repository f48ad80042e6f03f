"""The REST addresses of the fake Discord."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from flask_core.testing.fake_discord import (
    APPLICATION_ID,
    CLIENT_SECRET,
    MEMBERS_INTENT,
    THREAD,
    TOKEN,
    FakeDiscord,
    FakeGuild,
    snowflake,
)

_NO_DM, _NO_ACCESS, _UNKNOWN = 50_007, 50_001, 10_003


class Refused(Exception):
    """Discord says no, with its own code."""

    def __init__(self, status: int, code: int, word: str) -> None:
        super().__init__(word)
        self.status = status
        self.code = code


def answered(said: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """As Discord sends JSON: without a charset, which its library would not take for JSON."""
    return web.Response(
        body=json.dumps(said).encode(), status=status, headers={**(headers or {}), "Content-Type": "application/json"}
    )


def add_pages(app: web.Application, discord: FakeDiscord) -> None:
    """All of them."""
    app.middlewares.append(_door(discord))
    pages = _Pages(discord)
    member, commands = "/api/guilds/{guild}/members/{user}", "/api/applications/{app}/guilds/{guild}/commands"
    hook = "/api/webhooks/{app}/{token}"
    app.add_routes([
        web.post("/api/oauth2/token", pages.token), web.post("/api/oauth2/token/revoke", pages.give_back),
        web.get("/api/users/@me/guilds", pages.own_guilds),
        web.get("/api/users/@me", pages.me), web.get("/api/gateway/bot", pages.gateway),
        web.post("/api/users/@me/channels", pages.open_dm), web.post("/api/channels/{channel}/messages", pages.say),
        web.delete("/api/channels/{channel}/messages/{message}", pages.delete),
        web.get("/api/guilds/{guild}", pages.guild), web.get("/api/guilds/{guild}/channels", pages.channels),
        web.get("/api/guilds/{guild}/members", pages.members), web.get("/api/channels/{channel}", pages.channel),
        web.post("/api/guilds/{guild}/scheduled-events", pages.schedule),
        web.patch("/api/guilds/{guild}/scheduled-events/{event}", pages.reschedule),
        web.delete("/api/guilds/{guild}/scheduled-events/{event}", pages.unschedule),
        web.get("/api/guilds/{guild}/members/search", pages.search), web.get("/api/guilds/{guild}/roles", pages.roles),
        web.get(member, pages.member), web.patch(member, pages.change),
        web.put(f"{member}/roles/{{role}}", pages.grant), web.delete(f"{member}/roles/{{role}}", pages.revoke),
        web.put("/api/guilds/{guild}/bans/{user}", pages.ban),
        web.delete("/api/guilds/{guild}/bans/{user}", pages.unban),
        web.put(commands, pages.commands), web.post("/api/interactions/{id}/{token}/callback", pages.callback),
        web.patch(f"{hook}/messages/@original", pages.edit), web.post(hook, pages.follow),
    ])  # fmt: skip


def _door(discord: FakeDiscord) -> Any:
    @web.middleware
    async def door(request: web.Request, handler: Any) -> web.StreamResponse:
        if not request.path.startswith("/api/"):
            return await handler(request)  # type: ignore[no-any-return]
        as_json = request.content_type == "application/json" and request.can_read_body
        said = await request.json() if as_json else None
        path = request.path.removeprefix("/api")
        discord.calls.append((request.method, path, said))
        if reason := request.headers.get("X-Audit-Log-Reason"):
            discord.reasons.append(unquote(reason))
        if (refusal := _refusal(discord, request, path)) is not None:
            return refusal
        try:
            return await handler(request)  # type: ignore[no-any-return]
        except Refused as refused:
            return answered({"message": str(refused), "code": refused.code}, status=refused.status)

    return door


def _refusal(discord: FakeDiscord, request: web.Request, path: str) -> web.Response | None:
    for start, statuses in discord.fails.items():
        if path.startswith(start) and statuses:
            return answered({"message": "broken", "code": 0}, status=statuses.pop(0))
    for start, waits in discord.limits.items():
        if path.startswith(start) and waits:
            limited = waits.pop(0)
            # The library takes a 429 without Via for a block of the address.
            headers = {"Via": "1.1 fake", "Retry-After": str(limited["retry_after"]), "X-RateLimit-Scope": "user"}
            return answered({"message": "slow down", "global": False, **limited}, status=429, headers=headers)
    said = request.headers.get("Authorization", "")
    if path.startswith("/oauth2/") or "/interactions/" in path or said.removeprefix("Bearer ") in discord.bearers:
        return None
    if said != f"Bot {TOKEN}":
        return answered({"message": "401: Unauthorized", "code": 0}, status=401)
    return None


class _Pages:
    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord

    def _guild(self, request: web.Request) -> FakeGuild:
        if (guild := self._discord.guilds.get(request.match_info["guild"])) is None:
            raise Refused(404, 10_004, "Unknown Guild")
        return guild

    def _member(self, request: web.Request) -> Any:
        if (member := self._guild(request).members.get(request.match_info["user"])) is None:
            raise Refused(404, 10_007, "Unknown Member")
        return member

    async def me(self, request: web.Request) -> web.Response:
        user = self._discord.bearers.get(request.headers["Authorization"].removeprefix("Bearer "))
        if user is None:
            return answered(self._discord.bot.user)
        email = self._discord.emails.get(user)
        return answered({**self._discord.people[user].user, "email": email, "verified": bool(email)})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        code, verifier = str(form.get("code")), str(form.get("code_verifier", ""))
        user = self._discord.codes.pop(code, "")
        if not user or not self._discord.fits(code, str(form.get("redirect_uri")), verifier):
            raise Refused(400, 0, "invalid_grant")
        if form.get("client_secret") != CLIENT_SECRET:
            raise Refused(401, 0, "invalid_client")
        token = f"user-{snowflake()}"
        self._discord.bearers[token] = user
        return answered({"access_token": token, "token_type": "Bearer", "expires_in": 604800, "scope": "guilds"})

    async def give_back(self, request: web.Request) -> web.Response:
        self._discord.bearers.pop(str((await request.post()).get("token")), None)
        return answered({})

    async def own_guilds(self, request: web.Request) -> web.Response:
        user = self._discord.bearers[request.headers["Authorization"].removeprefix("Bearer ")]
        mine = [one for one in self._discord.guilds.values() if user in one.members]
        return answered([
            {
                "id": one.id, "name": one.name, "owner": one.owner_id == user,
                "permissions": str(self._discord.allowed(one, one.members[user])),
            }
            for one in mine
        ])  # fmt: skip

    async def gateway(self, _: web.Request) -> web.Response:
        url = self._discord.url.replace("http", "ws").replace("/api", "/gateway/")
        budget = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return answered({"url": url, "shards": self._discord.shards, "session_start_limit": budget})

    async def open_dm(self, request: web.Request) -> web.Response:
        return answered({"id": f"9{(await request.json())['recipient_id']}", "type": 1})

    async def say(self, request: web.Request) -> web.Response:
        channel = request.match_info["channel"]
        if channel.startswith("9") and channel[1:] in self._discord.closed_dms:
            raise Refused(403, _NO_DM, "Cannot send messages to this user")
        known = any(channel in guild.channels for guild in self._discord.guilds.values())
        if not known and not channel.startswith("9"):
            raise Refused(404, _UNKNOWN, "Unknown Channel")
        said = await self._body(request)
        if len(said.get("content", "")) > 2_000:
            raise Refused(400, 50_035, "Invalid Form Body")
        return answered(self._discord.keep(channel, said))

    async def _body(self, request: web.Request) -> dict[str, Any]:
        if request.content_type == "application/json":
            return dict(await request.json())
        fields = await request.post()
        files = [one.filename for one in fields.values() if isinstance(one, web.FileField)]
        return {**json.loads(str(fields["payload_json"])), "files": files}

    async def delete(self, request: web.Request) -> web.Response:
        self._discord.deleted.append(request.match_info["message"])
        return web.Response(status=204)

    async def guild(self, request: web.Request) -> web.Response:
        return answered(self._guild(request).shown(self._discord.bot.id))

    async def channels(self, request: web.Request) -> web.Response:
        return answered([one for one in self._guild(request).channels.values() if one["type"] != THREAD])

    async def channel(self, request: web.Request) -> web.Response:
        for guild in self._discord.guilds.values():
            if found := guild.channels.get(request.match_info["channel"]):
                return answered(found)
        raise Refused(404, _UNKNOWN, "Unknown Channel")

    async def schedule(self, request: web.Request) -> web.Response:
        event = {"id": snowflake(), **await request.json()}
        self._guild(request).events[event["id"]] = event
        return answered(event)

    async def reschedule(self, request: web.Request) -> web.Response:
        event = self._event(request)
        event |= await request.json()
        return answered(event)

    async def unschedule(self, request: web.Request) -> web.Response:
        del self._guild(request).events[self._event(request)["id"]]
        return web.Response(status=204)

    def _event(self, request: web.Request) -> dict[str, Any]:
        if (event := self._guild(request).events.get(request.match_info["event"])) is None:
            raise Refused(404, 10_070, "Unknown Guild Scheduled Event")
        return event

    async def members(self, request: web.Request) -> web.Response:
        everybody, after = self._guild(request).members, int(request.query.get("after", "0"))
        if self._discord.refuses_intents & MEMBERS_INTENT:
            raise Refused(403, _NO_ACCESS, "Missing Access")
        ordered = sorted((one for one in everybody.values() if int(one.id) > after), key=lambda one: int(one.id))
        return answered([one.shown for one in ordered[: int(request.query.get("limit", "1"))]])

    async def search(self, request: web.Request) -> web.Response:
        wanted = request.query["query"].lower()
        found = [one.shown for one in self._guild(request).members.values() if one.name.lower().startswith(wanted)]
        return answered(found[: int(request.query.get("limit", "1"))])

    async def roles(self, request: web.Request) -> web.Response:
        return answered(list(self._guild(request).roles.values()))

    async def member(self, request: web.Request) -> web.Response:
        return answered(self._member(request).shown)

    async def change(self, request: web.Request) -> web.Response:
        member, said = self._member(request), await request.json()
        member.communication_disabled_until = said["communication_disabled_until"]
        return answered(member.shown)

    async def grant(self, request: web.Request) -> web.Response:
        self._member(request).roles.append(request.match_info["role"])
        return web.Response(status=204)

    async def revoke(self, request: web.Request) -> web.Response:
        self._member(request).roles.remove(request.match_info["role"])
        return web.Response(status=204)

    async def ban(self, request: web.Request) -> web.Response:
        self._guild(request).banned[request.match_info["user"]] = await request.json()
        return web.Response(status=204)

    async def unban(self, request: web.Request) -> web.Response:
        if self._guild(request).banned.pop(request.match_info["user"], None) is None:
            raise Refused(404, 10_026, "Unknown Ban")
        return web.Response(status=204)

    async def commands(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        guild.commands = await request.json()
        return answered([{**one, "id": snowflake()} for one in guild.commands])

    async def callback(self, request: web.Request) -> web.Response:
        if request.match_info["token"] not in self._discord.tokens:
            raise Refused(404, 10_062, "Unknown interaction")
        self._discord.unanswered.discard(request.match_info["token"])
        self._discord.callbacks.append({"id": request.match_info["id"], **await request.json()})
        return web.Response(status=204)

    async def edit(self, request: web.Request) -> web.Response:
        return await self._answered(request, self._discord.edited)

    async def follow(self, request: web.Request) -> web.Response:
        return await self._answered(request, self._discord.said)

    async def _answered(self, request: web.Request, kept: list[dict[str, Any]]) -> web.Response:
        token = request.match_info["token"]
        known = token in self._discord.tokens and token not in self._discord.unanswered
        if not known or request.match_info["app"] != APPLICATION_ID:
            raise Refused(404, 10_015, "Unknown Webhook")
        message = {**self._discord.message(self._discord.bot, "", ""), **await self._body(request), "token": token}
        kept.append(message)
        return answered(message)
