"""The drawers that entries are put into."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, request

from flask_core.contracts import memories
from flask_core.datamodels import Role
from flask_core.errors import ServiceError
from portal_module_flask.pages import ask, blueprint, community_of, go, page
from portal_module_flask.visits import Visit, members

_HERE = "/c/<int:community_id>/memories/categories"


def views() -> Blueprint:
    """Pages under /c/<community>/memories/categories."""
    pages = blueprint("categories")

    @pages.get(_HERE)
    @members(Role.MODERATOR)
    async def show(visit: Visit) -> Any:
        return await _list_page(visit)

    @pages.post(_HERE)
    @members(Role.MODERATOR)
    async def add(visit: Visit) -> Any:
        form = await request.form
        asked = memories.AddCategory(
            community_of(visit), form.get("name", ""), form.get("colour", ""), form.get("icon", "")
        )
        return await _done(visit, memories.ADD_CATEGORY, asked, form)

    @pages.post(f"{_HERE}/<int:category_id>")
    @members(Role.MODERATOR)
    async def change(visit: Visit, category_id: int) -> Any:
        form = await request.form
        asked = memories.PatchCategory(
            community_of(visit), category_id, form.get("name"), form.get("colour"), form.get("icon")
        )
        return await _done(visit, memories.PATCH_CATEGORY, asked, form, category_id)

    @pages.post(f"{_HERE}/<int:category_id>/delete")
    @members(Role.MODERATOR)
    async def delete(visit: Visit, category_id: int) -> Any:
        return await _done(visit, memories.DELETE_CATEGORY, memories.CategoryOf(community_of(visit), category_id))

    return pages


async def _done(visit: Visit, operation: Any, asked: Any, form: Any = None, row: int = 0) -> Any:
    try:
        await ask(visit, "memories", operation, asked)
    except ServiceError as problem:
        return await _list_page(visit, problem, form, row)
    return go(f"/c/{community_of(visit)}/memories/categories")


async def _list_page(visit: Visit, problem: ServiceError | None = None, values: Any = None, row: int = 0) -> Any:
    """All of them; `values` were typed for the category `row`, 0 being a new one."""
    found = await ask(visit, "memories", memories.CATEGORIES, memories.CommunityId(community_of(visit)))
    return await page(
        "categories", visit, status=problem.status if problem else 200, categories=found.items, problem=problem,
        values=values or {}, row=row,
    )  # fmt: skip
