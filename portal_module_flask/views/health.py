"""Health of all modules, for operators."""

from __future__ import annotations

import asyncio
from typing import Any

from quart import Blueprint

from flask_core.contracts import router
from flask_core.errors import ServiceError
from portal_module_flask.pages import blueprint, page
from portal_module_flask.visits import Visit, door, operators


def views() -> Blueprint:
    """/operator/health."""
    pages = blueprint("health")

    @pages.get("/operator/health")
    @operators
    async def health(visit: Visit) -> Any:
        client = door().client
        try:
            known, state = await asyncio.gather(
                client.call("router", router.MODULES, router.Nothing(), timeout=3),
                client.call("router", router.STATE, router.Nothing(), timeout=3),
            )
        except ServiceError as problem:
            return await page("health", visit, modules=(), state=None, problem=problem)
        return await page("health", visit, modules=known.items, state=state, problem=None)

    return pages
