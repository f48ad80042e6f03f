"""What another bot says beside what ours would say, before anything is taken over."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, request

from flask_core.contracts import alias_shadow
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import ask, blueprint, community_of, field, go, page, whole
from portal_module_flask.visits import Visit, members

_ALIAS = "alias"


def views() -> Blueprint:
    """/c/<community>/commands/own/shadow."""
    pages = blueprint("shadow")

    @pages.get("/c/<int:community_id>/commands/own/shadow")
    @members(Role.ADMIN)
    async def show(visit: Visit) -> Any:
        return await _page(visit)

    @pages.post("/c/<int:community_id>/commands/own/shadow")
    @members(Role.ADMIN)
    async def start(visit: Visit) -> Any:
        try:
            days = whole(await field("days") or "7")
            if not 1 <= days <= 14:
                raise InvalidInput("Compare for 1 to 14 days.")
            asked = alias_shadow.StartShadow(
                community_of(visit), whole(await field("of") or "0"), (await field("bot"))[:100] or "Nightbot", days
            )
            await ask(visit, _ALIAS, alias_shadow.START_SHADOW, asked)
        except ServiceError as problem:
            return await _page(visit, problem)
        return go(_base(visit))

    @pages.post("/c/<int:community_id>/commands/own/shadow/stop")
    @members(Role.ADMIN)
    async def stop(visit: Visit) -> Any:
        await ask(visit, _ALIAS, alias_shadow.STOP_SHADOW, alias_shadow.ShadowOf(community_of(visit)))
        return go(_base(visit))

    return pages


def _base(visit: Visit) -> str:
    return f"/c/{community_of(visit)}/commands/own/shadow"


async def _page(visit: Visit, problem: ServiceError | None = None) -> Any:
    asked = alias_shadow.ShadowOf(community_of(visit))
    state = await ask(visit, _ALIAS, alias_shadow.SHADOW, asked)
    report = await ask(visit, _ALIAS, alias_shadow.REPORT, asked)
    number = request.args.get("import", "") or str((await request.form).get("of", ""))
    return await page(
        "shadow", visit, status=problem.status if problem else 200, base=_base(visit), state=state, runs=report.items,
        number=number if number.isascii() and number.isdecimal() else "", problem=problem,
    )  # fmt: skip
