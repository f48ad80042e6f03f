"""Twitch: a community's channels and the installation's bot account, connected with a code and taken back again."""

from __future__ import annotations

from typing import Any, get_args

from quart import Blueprint, request

from flask_core.contracts import community, twitch
from flask_core.datamodels import ChannelKey, Platform, Role
from flask_core.errors import InvalidInput, NotFound, ServiceError
from portal_module_flask.pages import blueprint, field, go, page
from portal_module_flask.twitch_checks import tile_of
from portal_module_flask.visits import Visit, door, members, operators

_OPERATOR = "/operator/twitch"


def views() -> Blueprint:
    """Pages under /c/<community>/platforms/twitch and /operator/twitch."""
    pages = blueprint("twitch")
    _channels(pages)
    _bot(pages)
    return pages


def _channels(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/platforms/twitch")
    @members(Role.MODERATOR)
    async def channels(visit: Visit) -> Any:
        return await _channels_page(visit)

    @pages.post("/c/<int:community_id>/platforms/twitch/connect")
    @members(Role.ADMIN)
    async def connect(visit: Visit) -> Any:
        asked = twitch.StartGrant("broadcaster", _here(visit), await field("user_id"), await _packs())
        try:
            grant = await _call(visit, twitch.START_GRANT, asked)
        except ServiceError as problem:
            return await _channels_page(visit, problem)
        return go(f"{_base(visit)}/codes/{grant.id}")

    @pages.get("/c/<int:community_id>/platforms/twitch/codes/<grant_id>")
    @members(Role.ADMIN)
    async def code(visit: Visit, grant_id: str) -> Any:
        return await _code_page(visit, grant_id, _base(visit))

    @pages.post("/c/<int:community_id>/platforms/twitch/disconnect")
    @members(Role.ADMIN)
    async def disconnect(visit: Visit) -> Any:
        user_id = await field("user_id")
        try:
            await _must_be_sure()
            await _detach(visit, user_id)
            await _call(visit, twitch.DISCONNECT, twitch.AccountOf(user_id, _here(visit)))
        except ServiceError as problem:
            return await _channels_page(visit, problem)
        return go(f"{_base(visit)}?gone=1")


def _bot(pages: Blueprint) -> None:
    @pages.get(_OPERATOR)
    @operators
    async def bot(visit: Visit) -> Any:
        return await _bot_page(visit)

    @pages.post(f"{_OPERATOR}/connect")
    @operators
    async def connect_bot(visit: Visit) -> Any:
        asked = twitch.StartGrant("bot", expected_user_id=await field("user_id"), packs=await _packs())
        try:
            grant = await _call(visit, twitch.START_GRANT, asked)
        except ServiceError as problem:
            return await _bot_page(visit, problem)
        return go(f"{_OPERATOR}/codes/{grant.id}")

    @pages.get(f"{_OPERATOR}/codes/<grant_id>")
    @operators
    async def bot_code(visit: Visit, grant_id: str) -> Any:
        return await _code_page(visit, grant_id, _OPERATOR)

    @pages.post(f"{_OPERATOR}/disconnect")
    @operators
    async def disconnect_bot(visit: Visit) -> Any:
        try:
            await _must_be_sure()
            await _call(visit, twitch.DISCONNECT, twitch.AccountOf(await field("user_id")))
        except ServiceError as problem:
            return await _bot_page(visit, problem)
        return go(f"{_OPERATOR}?gone=1")


def _here(visit: Visit) -> int:
    assert visit.community is not None
    return visit.community.id


def _base(visit: Visit) -> str:
    return f"/c/{_here(visit)}/platforms/twitch"


async def _call(visit: Visit, operation: Any, asked: Any) -> Any:
    return await door().client.call("twitch", operation, asked, acting=visit.acting)


async def _packs() -> tuple[twitch.Pack, ...]:
    """The boxes that were ticked; what is none of them is not asked for."""
    ticked = (await request.form).getlist("pack")
    return tuple(pack for pack in get_args(twitch.Pack) if pack in ticked)


async def _must_be_sure() -> None:
    if await field("sure") != "yes":
        raise InvalidInput("Tick the box to disconnect.")


async def _detach(visit: Visit, user_id: str) -> None:
    """Free the channel first: should Twitch's module be away now, the same form can be sent again."""
    key = str(ChannelKey(Platform.TWITCH, user_id, user_id))
    try:
        await door().client.call(
            "community", community.DETACH, community.ChannelOf(_here(visit), key), acting=visit.acting
        )
    except NotFound:
        return


async def _status(
    visit: Visit, community_id: int, problem: ServiceError | None
) -> tuple[twitch.Status | None, ServiceError | None]:
    """The tile; while the module is away the page says so and lives."""
    asked = twitch.OfCommunity(community_id)
    try:
        return await door().client.call("twitch", twitch.STATUS, asked, acting=visit.acting, timeout=3), problem
    except ServiceError as away:
        return None, problem or away


async def _channels_page(visit: Visit, problem: ServiceError | None = None) -> Any:
    status, told = await _status(visit, _here(visit), problem)
    tiles = [tile_of(channel, status.accounts) for channel in status.channels] if status else []
    return await page(
        "twitch", visit, status=problem.status if problem else 200, base=_base(visit), state=status, tiles=tiles,
        waits=any(tile.waits for tile in tiles), problem=told, gone="gone" in request.args,
        connected=_just_connected([tile.channel.login for tile in tiles]),
    )  # fmt: skip


async def _bot_page(visit: Visit, problem: ServiceError | None = None) -> Any:
    status, told = await _status(visit, 0, problem)
    bots = [account for account in status.accounts if account.kind == "bot"] if status else []
    return await page(
        "twitch_bot", visit, status=problem.status if problem else 200, base=_OPERATOR, state=status, bots=bots,
        problem=told, connected=_just_connected([bot.login for bot in bots]), gone="gone" in request.args,
    )  # fmt: skip


def _just_connected(logins: list[str]) -> str:
    """Who the address says was connected just now, if it is so."""
    login = request.args.get("connected", "")
    return login if login in logins else ""


async def _code_page(visit: Visit, grant_id: str, base: str) -> Any:
    grant = await _call(visit, twitch.GRANT, twitch.GrantId(grant_id))
    if grant.state is twitch.GrantState.CONNECTED:
        return go(f"{base}?connected={grant.login}")
    return await page("twitch_code", visit, base=base, grant=grant, waits=grant.state is twitch.GrantState.PENDING)
