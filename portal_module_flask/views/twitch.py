"""Twitch for a community: its channels and its own bot accounts, connected, tried, set and taken back again."""

from __future__ import annotations

from typing import Any, get_args

from quart import Blueprint, request

from flask_core.contracts import community, twitch
from flask_core.datamodels import ChannelKey, Platform, Role
from flask_core.errors import InvalidInput, NotFound, ServiceError
from portal_module_flask.pages import blueprint, community_of, field, go, page, whole
from portal_module_flask.twitch_checks import tile_of
from portal_module_flask.twitch_pages import call, code_page, connect, just_connected, must_be_sure, status_of
from portal_module_flask.visits import Visit, door, members


def views() -> Blueprint:
    """Pages under /c/<community>/platforms/twitch."""
    pages = blueprint("twitch")
    _channels(pages)
    _choices(pages)
    return pages


def _channels(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/platforms/twitch")
    @members(Role.MODERATOR)
    async def channels(visit: Visit) -> Any:
        return await _channels_page(visit)

    @pages.post("/c/<int:community_id>/platforms/twitch/connect")
    @members(Role.ADMIN)
    async def connect_account(visit: Visit) -> Any:
        kind: twitch.Kind = "bot" if await field("kind") == "bot" else "broadcaster"
        try:
            return await connect(visit, kind, community_of(visit), _base(visit))
        except ServiceError as problem:
            return await _channels_page(visit, problem)

    @pages.get("/c/<int:community_id>/platforms/twitch/codes/<grant_id>")
    @members(Role.ADMIN)
    async def code(visit: Visit, grant_id: str) -> Any:
        return await code_page(visit, grant_id, _base(visit))

    @pages.post("/c/<int:community_id>/platforms/twitch/disconnect")
    @members(Role.ADMIN)
    async def disconnect(visit: Visit) -> Any:
        user_id = await field("user_id")
        try:
            await must_be_sure()
            await _detach(visit, user_id)
            await call(visit, twitch.DISCONNECT, twitch.AccountOf(user_id, community_of(visit)))
        except ServiceError as problem:
            return await _channels_page(visit, problem)
        return go(f"{_base(visit)}?gone=1")


def _choices(pages: Blueprint) -> None:
    @pages.post("/c/<int:community_id>/platforms/twitch/settings")
    @members(Role.ADMIN)
    async def choose(visit: Visit) -> Any:
        try:
            asked = await _chosen(visit)
            await call(visit, twitch.SET_CHANNEL, asked)
        except ServiceError as problem:
            return await _channels_page(visit, problem)
        return go(f"{_base(visit)}?saved={asked.broadcaster_id}")

    @pages.post("/c/<int:community_id>/platforms/twitch/test")
    @members(Role.ADMIN)
    async def try_everything(visit: Visit) -> Any:
        user_id = await field("user_id")
        try:
            await call(visit, twitch.TEST_CHANNEL, twitch.ChannelOf(user_id, community_of(visit)))
        except ServiceError as problem:
            return await _channels_page(visit, problem)
        return go(f"{_base(visit)}?tested={user_id}")


async def _chosen(visit: Visit) -> twitch.ChannelSettings:
    """The form of a channel's settings. Raises InvalidInput for what the page does not offer."""
    packs = (await request.form).getlist("packs")
    shared_chat, style = await field("shared_chat"), await field("reply_style")
    if not set(packs) <= set(get_args(twitch.Pack)) or shared_chat not in {"ignore", "include"}:
        raise InvalidInput("This form cannot be read. Load the page again.")
    if style not in {"reply", "mention", "plain"}:
        raise InvalidInput("Answers are replies, mentions, or plain.", field="reply_style")
    return twitch.ChannelSettings(
        broadcaster_id=await field("user_id"),
        community_id=community_of(visit),
        shared_chat=shared_chat,  # type: ignore[arg-type]
        bot_user_id=await field("bot_user_id"),
        packs=tuple(packs),
        parts=whole(await field("parts")),
        reply_style=style,  # type: ignore[arg-type]
    )


def _base(visit: Visit) -> str:
    return f"/c/{community_of(visit)}/platforms/twitch"


async def _detach(visit: Visit, user_id: str) -> None:
    """Free the channel first: should Twitch's module be away now, the same form can be sent again."""
    key = str(ChannelKey(Platform.TWITCH, user_id, user_id))
    try:
        await door().client.call(
            "community", community.DETACH, community.ChannelOf(community_of(visit), key), acting=visit.acting
        )
    except NotFound:
        return


async def _channels_page(visit: Visit, problem: ServiceError | None = None) -> Any:
    here = community_of(visit)
    status, told = await status_of(visit, here, problem)
    tiles = [tile_of(channel, status.accounts) for channel in status.channels] if status else []
    bots = [one for one in status.accounts if one.kind == "bot"] if status else []
    logins = [tile.channel.login for tile in tiles] + [bot.login for bot in bots]
    return await page(
        "twitch", visit, status=problem.status if problem else 200, base=_base(visit), state=status, tiles=tiles,
        bots=bots, own_bots=[one for one in bots if one.community_id == here],
        waits=any(tile.waits for tile in tiles), problem=told, gone="gone" in request.args,
        connected=just_connected(logins), saved=request.args.get("saved", ""),
    )  # fmt: skip
