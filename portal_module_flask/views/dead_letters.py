"""Events that were given up, for operators."""

from __future__ import annotations

import asyncio
from typing import Any

from quart import Blueprint, request

from flask_core.contracts import desk
from flask_core.errors import ServiceError
from portal_module_flask.pages import ask, blueprint, field, go, page
from portal_module_flask.visits import Visit, operators

_HERE = "/operator/dead-letters"


def views() -> Blueprint:
    """/operator/dead-letters."""
    pages = blueprint("dead_letters")

    @pages.get(_HERE)
    @operators
    async def show(visit: Visit) -> Any:
        return await _list_page(visit)

    @pages.post(_HERE)
    @operators
    async def replay(visit: Visit) -> Any:
        try:
            replayed = await ask(visit, "router", desk.REPLAY, desk.DeadLetterOf(await field("id")))
        except ServiceError as problem:
            return await _list_page(visit, problem)
        return go(f"{_HERE}?replayed={replayed.event_id}")

    return pages


async def _list_page(visit: Visit, problem: ServiceError | None = None) -> Any:
    letters, done = await asyncio.gather(
        ask(visit, "router", desk.DEAD_LETTERS, desk.Nothing()),
        ask(visit, "router", desk.INSTALLATION_AUDIT, desk.InstallationAudit()),
    )
    return await page(
        "dead_letters", visit, status=problem.status if problem else 200, letters=letters, problem=problem,
        done=[one for one in done.items if one.action == "dead_letter.replay"], replayed=request.args.get("replayed"),
    )  # fmt: skip
