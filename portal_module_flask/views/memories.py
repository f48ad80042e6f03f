"""Quotes, links, notes and reminders of a community."""

from __future__ import annotations

from typing import Any, Literal, cast

from quart import Blueprint, request

from flask_core.contracts import memories
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import asked_page, blueprint, field, go, page, whole
from portal_module_flask.visits import Visit, door, members

_KINDS = ("quote", "link", "note")


def views() -> Blueprint:
    """Pages under /c/<community>/memories."""
    pages = blueprint("memories")

    @pages.get("/c/<int:community_id>/memories")
    @members(Role.VIEWER)
    async def show(visit: Visit) -> Any:
        return await _list_page(visit)

    @pages.post("/c/<int:community_id>/memories")
    @members(Role.VIEWER)
    async def add(visit: Visit) -> Any:
        assert visit.community is not None
        form = await request.form
        asked = memories.AddEntry(
            visit.community.id, _kind(form.get("kind", "quote")), form.get("content", ""), form.get("title", ""),
            form.get("url", ""), form.get("author", ""), tuple(form.get("tags", "").split()),
        )  # fmt: skip
        try:
            await door().client.call("memories", memories.ADD, asked, acting=visit.acting)
        except ServiceError as problem:
            return await _list_page(visit, problem, form)
        return go(f"/c/{visit.community.id}/memories?kind={asked.kind}")

    @pages.post("/c/<int:community_id>/memories/<kind>/<int:number>/<act>")
    @members(Role.VIEWER)
    async def change(visit: Visit, kind: str, number: int, act: str) -> Any:
        assert visit.community is not None
        acts = {
            "delete": memories.DELETE, "restore": memories.RESTORE, "approve": memories.APPROVE,
            "reject": memories.REJECT,
        }  # fmt: skip
        if act not in acts:
            raise InvalidInput("That cannot be done with an entry.")
        entry = memories.EntryOf(visit.community.id, _kind(kind), number)
        await door().client.call("memories", acts[act], entry, acting=visit.acting)
        return go(f"/c/{visit.community.id}/memories?state={await field('state') or 'approved'}&kind={kind}")

    @pages.post("/c/<int:community_id>/memories/<kind>/<int:number>")
    @members(Role.VIEWER)
    async def edit(visit: Visit, kind: str, number: int) -> Any:
        assert visit.community is not None
        asked = memories.PatchEntry(
            visit.community.id, _kind(kind), number, whole(await field("version") or "0"),
            content=await field("content"),
        )  # fmt: skip
        await door().client.call("memories", memories.PATCH, asked, acting=visit.acting)
        return go(f"/c/{visit.community.id}/memories?kind={kind}")

    return pages


async def _list_page(visit: Visit, problem: ServiceError | None = None, values: Any = None) -> Any:
    assert visit.community is not None
    state = request.args.get("state", "approved")
    asked = memories.ListEntries(
        visit.community.id, request.args.get("kind", ""), request.args.get("q", ""),
        state=_state(state),
        sort="new", page=asked_page(),
    )  # fmt: skip
    found = None
    try:
        found = await door().client.call("memories", memories.LIST, asked, acting=visit.acting, timeout=3)
    except InvalidInput as refusal:
        problem = problem or refusal
    return await page(
        "memories", visit, status=problem.status if problem else 200, found=found, asked=asked, kinds=_KINDS,
        problem=problem, values=values or {},
    )  # fmt: skip


def _state(text: str) -> Literal["approved", "pending", "deleted"]:
    if text == "pending":
        return "pending"
    return "deleted" if text == "deleted" else "approved"


def _kind(text: str) -> memories.Kind:
    if text not in _KINDS:
        raise InvalidInput("Choose quote, link or note.")
    return cast(memories.Kind, text)
