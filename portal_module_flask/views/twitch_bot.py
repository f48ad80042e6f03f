"""Twitch for operators: the installation's bot accounts, every channel, and how the module itself does."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, request

from flask_core.auth import utc_now
from flask_core.contracts import twitch
from flask_core.errors import ServiceError
from portal_module_flask.pages import blueprint, field, go, page
from portal_module_flask.twitch_pages import (
    OPERATOR,
    call,
    code_page,
    connect,
    just_connected,
    must_be_sure,
    status_of,
)
from portal_module_flask.visits import Visit, operators


def views() -> Blueprint:
    """Pages under /operator/twitch."""
    pages = blueprint("twitch_bot")

    @pages.get(OPERATOR)
    @operators
    async def bot(visit: Visit) -> Any:
        return await _bot_page(visit)

    @pages.post(f"{OPERATOR}/connect")
    @operators
    async def connect_bot(visit: Visit) -> Any:
        try:
            return await connect(visit, "bot", 0, OPERATOR)
        except ServiceError as problem:
            return await _bot_page(visit, problem)

    @pages.get(f"{OPERATOR}/codes/<grant_id>")
    @operators
    async def bot_code(visit: Visit, grant_id: str) -> Any:
        return await code_page(visit, grant_id, OPERATOR)

    @pages.post(f"{OPERATOR}/disconnect")
    @operators
    async def disconnect_bot(visit: Visit) -> Any:
        try:
            await must_be_sure()
            await call(visit, twitch.DISCONNECT, twitch.AccountOf(await field("user_id")))
        except ServiceError as problem:
            return await _bot_page(visit, problem)
        return go(f"{OPERATOR}?gone=1")

    return pages


async def _bot_page(visit: Visit, problem: ServiceError | None = None) -> Any:
    status, told = await status_of(visit, 0, problem)
    bots = [account for account in status.accounts if account.kind == "bot"] if status else []
    return await page(
        "twitch_bot", visit, status=problem.status if problem else 200, base=OPERATOR, state=status, bots=bots,
        problem=told, connected=just_connected([bot.login for bot in bots]), gone="gone" in request.args,
        now=utc_now(),
    )  # fmt: skip
