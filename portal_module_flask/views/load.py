"""How busy the house is, for operators: the event log, deliveries, shared work, and one module at a time."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, request

from flask_core.contracts import claims, router
from flask_core.errors import ServiceError
from portal_module_flask.pages import ask, asked_page, blueprint, page
from portal_module_flask.visits import Visit, operators

_KINDS = ("twitch:channel", "twitch:shard", "discord:shard", "slack:socket")


def views() -> Blueprint:
    """/operator/events, /operator/claims and /operator/modules/<name>."""
    pages = blueprint("load")

    @pages.get("/operator/events")
    @operators
    async def events(visit: Visit) -> Any:
        try:
            state = await ask(visit, "router", router.STATE, router.Nothing())
        except ServiceError as problem:
            return await page("events", visit, state=None, problem=problem)
        return await page("events", visit, state=state, problem=None)

    @pages.get("/operator/claims")
    @operators
    async def shared_work(visit: Visit) -> Any:
        kind = request.args.get("kind", "")
        kind = kind if kind in _KINDS else ""
        try:
            found = await ask(visit, "router", claims.CLAIMS, claims.ListClaims(kind, asked_page()))
        except ServiceError as problem:
            return await page("claims", visit, found=None, kind=kind, kinds=_KINDS, problem=problem)
        return await page("claims", visit, found=found, kind=kind, kinds=_KINDS, problem=None)

    @pages.get("/operator/modules/<name>")
    @operators
    async def module(visit: Visit, name: str) -> Any:
        told = await ask(visit, "router", router.MODULE, router.ModuleName(name))
        return await page("operator_module", visit, told=told)

    return pages
