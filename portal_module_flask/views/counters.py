"""Counters of a community and the texts that it keeps."""

from __future__ import annotations

import re
from typing import Any

from quart import Blueprint, request

from flask_core.contracts import alias
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import ask, blueprint, community_of, go, page
from portal_module_flask.visits import Visit, members

_BASE = "/c/<int:community_id>/commands/counters"
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}", re.ASCII)


def views() -> Blueprint:
    """Pages under /c/<community>/commands/counters."""
    pages = blueprint("counters")

    @pages.get(_BASE)
    @members(Role.VIEWER)
    async def show(visit: Visit) -> Any:
        return await _page(visit)

    @pages.post(f"{_BASE}/<act>")
    @members(Role.MODERATOR)
    async def change(visit: Visit, act: str) -> Any:
        form = await request.form
        try:
            operation, asked = _asked(community_of(visit), act, form)
            await ask(visit, "alias", operation, asked)
        except ServiceError as problem:
            return await _page(visit, problem, form)
        return go(f"/c/{community_of(visit)}/commands/counters")

    return pages


def _asked(here: int, act: str, form: Any) -> tuple[Any, Any]:
    """What a form wants done."""
    name, value = form.get("name", ""), form.get("value", "")
    match act:
        case "set":
            if not _NUMBER.fullmatch(value.strip()):
                raise InvalidInput("A counter is a whole number.")
            return alias.PUT_COUNTER, alias.PutCounter(here, name, value=int(value))
        case "screen":
            return alias.PUT_COUNTER, alias.PutCounter(here, name, on_screen=form.get("on_screen") == "yes")
        case "forget":
            return alias.DELETE_COUNTER, alias.CounterOf(here, name)
        case "keep-text":
            return alias.PUT_VARIABLE, alias.PutVariable(here, name, value)
        case "forget-text":
            return alias.DELETE_VARIABLE, alias.VariableOf(here, name)
    raise InvalidInput("That cannot be done with a counter.")


async def _page(visit: Visit, problem: ServiceError | None = None, typed: Any = None) -> Any:
    here = alias.CommunityId(community_of(visit))
    counters = await ask(visit, "alias", alias.COUNTERS, here)
    moderates = visit.role >= Role.MODERATOR
    variables = (await ask(visit, "alias", alias.VARIABLES, here)).items if moderates else ()
    return await page(
        "counters", visit, status=problem.status if problem else 200, counters=counters.items, variables=variables,
        problem=problem, typed=typed or {},
    )  # fmt: skip
