"""Discord: whether it is connected, how the bot is invited, and what is missing in which server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from quart import Blueprint, request

from flask_core.contracts import discord, discord_feedback, discord_guilds
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import ask, blueprint, field, go, page
from portal_module_flask.visits import Visit, door, members, signed_in


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist: done, or what is to be done."""

    name: str
    done: bool
    said: str


def views() -> Blueprint:
    """Pages under /c/<community>/platforms/discord, and where Discord sends people back to."""
    pages = blueprint("discord")

    @pages.get("/c/<int:community_id>/platforms/discord")
    @members(Role.MODERATOR)
    async def servers(visit: Visit) -> Any:
        return await _page(visit)

    @pages.post("/c/<int:community_id>/platforms/discord/commands")
    @members(Role.ADMIN)
    async def register(visit: Visit) -> Any:
        asked = discord.SyncCommands(_here(visit), await field("guild_id"))
        try:
            synced = await door().client.call("discord", discord.SYNC, asked, acting=visit.acting, timeout=10)
        except ServiceError as problem:
            return await _page(visit, problem)
        return go(f"{_base(visit)}?registered={synced.commands}")

    @pages.post("/c/<int:community_id>/platforms/discord/connect")
    @members(Role.ADMIN)
    async def connect(visit: Visit) -> Any:
        try:
            begun = await ask(visit, "discord", discord_guilds.START, discord_guilds.StartProof(_here(visit)))
        except ServiceError as problem:
            return await _page(visit, problem)
        # A form may not lead to another site: the last step is a link.
        return await _page(visit, prove=begun.url)

    @pages.post("/c/<int:community_id>/platforms/discord/reconnect")
    @members(Role.MODERATOR)
    async def reconnect(visit: Visit) -> Any:
        try:
            await ask(visit, "discord", discord.RECONNECT, discord.Reconnect())
        except ServiceError as problem:
            return await _page(visit, problem)
        return go(f"{_base(visit)}?again=1")

    @pages.get("/c/<int:community_id>/platforms/discord/feedback")
    @members(Role.MODERATOR)
    async def feedback(visit: Visit) -> Any:
        told = await ask(visit, "discord", discord_feedback.FEEDBACK, discord_feedback.FeedbackOf(_here(visit)))
        return await page("discord_feedback", visit, base=_base(visit), items=told.items)

    @pages.get("/connect/discord/callback")
    @signed_in
    async def back(visit: Visit) -> Any:
        given = {name: request.args.get(name, "")[:500] for name in ("state", "code", "guild_id")}
        try:
            if not all(given.values()):
                raise InvalidInput("Nothing was connected.")
            made = await ask(visit, "discord", discord_guilds.FINISH, discord_guilds.FinishProof(**given), seconds=20)
        except ServiceError as problem:
            return await page("discord_back", visit, status=problem.status, problem=problem)
        return go(f"/c/{made.community_id}/platforms/discord/{made.guild_id}?connected=1")

    return pages


def _here(visit: Visit) -> int:
    assert visit.community is not None
    return visit.community.id


def _base(visit: Visit) -> str:
    return f"/c/{_here(visit)}/platforms/discord"


async def _page(visit: Visit, problem: ServiceError | None = None, *, prove: str = "") -> Any:
    state, told = None, problem
    try:
        asked = discord.OfCommunity(_here(visit))
        state = await door().client.call("discord", discord.STATUS, asked, acting=visit.acting, timeout=3)
    except ServiceError as away:
        told = problem or away
    assert visit.community is not None
    registered = request.args.get("registered", "")
    return await page(
        "discord", visit, status=problem.status if problem else 200, base=_base(visit), state=state, problem=told,
        steps=steps_of(state, visit.community.name) if state else [],
        prove=prove, again="again" in request.args,
        registered=registered if registered.isdecimal() and len(registered) < 4 else "",
    )  # fmt: skip


def steps_of(state: discord.Status, community: str) -> list[Step]:
    """The way to a server in which everything works; each line looks for itself whether it is done."""
    invite = f"Invite the bot, then write /community attach {community} in each channel that belongs here."
    if state.can_prove:
        invite = "Connect a server: Discord asks which one, and invites the bot into it."
    readable = "Readable: commands with ! and moderation work."
    return [
        Step("Connection", state.connected, state.reason or "Discord tells the bot what happens."),
        Step("Server", bool(state.guilds), f"{len(state.guilds)} connected." if state.guilds else invite),
        Step("Messages", not state.off, " ".join(state.off) or readable),
        *(_in_servers(state.guilds) if state.guilds else ()),
    ]


def _in_servers(guilds: tuple[discord.GuildHealth, ...]) -> list[Step]:
    missing = sorted({name for guild in guilds for name in guild.missing})
    waiting = [guild.name for guild in guilds if not guild.commands]
    silent = [guild.name for guild in guilds if not guild.channels]
    return [
        Step("Channels", not silent, f"Attach one in {', '.join(silent)}." if silent else "Attached."),
        Step("Permissions", not missing, f"Missing: {', '.join(missing)}." if missing else "All there."),
        Step("Commands", not waiting, "They come within a minute." if waiting else "Registered."),
    ]
