"""One entry: everything about it, and the form that changes it."""

from __future__ import annotations

from typing import Any

import msgspec
from quart import Blueprint, request

from flask_core.contracts import memories
from flask_core.datamodels import Role
from flask_core.errors import ServiceError, Stale
from portal_module_flask.pages import ask, blueprint, community_of, go, page, whole
from portal_module_flask.views.memories import categories_for, kind_of
from portal_module_flask.visits import Visit, members


def views() -> Blueprint:
    """Pages /c/<community>/memories/<kind>/<number>."""
    pages = blueprint("memory_entry")

    @pages.get("/c/<int:community_id>/memories/<kind>/<int:number>")
    @members(Role.VIEWER)
    async def show(visit: Visit, kind: str, number: int) -> Any:
        return await _entry_page(visit, kind_of(kind), number)

    @pages.post("/c/<int:community_id>/memories/<kind>/<int:number>")
    @members(Role.VIEWER)
    async def edit(visit: Visit, kind: str, number: int) -> Any:
        form = await request.form
        asked = memories.PatchEntry(
            community_of(visit), kind_of(kind), number, whole(form.get("version", "0")),
            content=form.get("content"), title=form.get("title"), url=form.get("url"), author=form.get("author"),
            tags=tuple(form["tags"].split()) if "tags" in form else None, context=form.get("context"),
            category=form.get("category"), private="private" in form if "may_hide" in form else None,
        )  # fmt: skip
        try:
            await ask(visit, "memories", memories.PATCH, asked)
        except ServiceError as problem:
            return await _entry_page(visit, asked.kind, number, problem, form)
        return go(f"/c/{asked.community_id}/memories/{kind}/{number}?saved=1")

    return pages


async def _entry_page(
    visit: Visit, kind: memories.Kind, number: int, problem: ServiceError | None = None, typed: Any = None
) -> Any:
    if isinstance(problem, Stale) and "current" in problem.details:
        entry = msgspec.convert(problem.details["current"], memories.Entry)
    else:
        entry = await ask(visit, "memories", memories.GET, memories.EntryOf(community_of(visit), kind, number))
    return await page(
        "memory_entry", visit, status=problem.status if problem else 200, e=entry, typed=typed, problem=problem,
        saved="saved" in request.args, categories=await categories_for(visit),
    )  # fmt: skip
