"""What a community keeps: quotes, links and notes with their search, suggestions, votes and the bin."""

from __future__ import annotations

from typing import Any, Literal, cast
from urllib.parse import urlencode

from quart import Blueprint, request

from flask_core.contracts import memories
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import ask, asked_page, blueprint, community_of, field, go, page
from portal_module_flask.visits import Visit, members

LETTERS: dict[str, str] = {"quote": "#", "link": "L", "note": "N"}
SORTS = {"new": "newest first", "number": "by number", "top": "most votes", "used": "most used"}
_ACTS = {
    "delete": memories.DELETE, "restore": memories.RESTORE, "approve": memories.APPROVE, "reject": memories.REJECT,
}  # fmt: skip
_VOTES = {"up": 1, "down": -1}


def views() -> Blueprint:
    """Pages under /c/<community>/memories."""
    pages = blueprint("memories")
    _list(pages)
    _acts(pages)
    return pages


def _list(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/memories")
    @members(Role.VIEWER)
    async def show(visit: Visit) -> Any:
        return await _list_page(visit, request.args)

    @pages.post("/c/<int:community_id>/memories")
    @members(Role.VIEWER)
    async def add(visit: Visit) -> Any:
        form = await request.form
        try:
            asked = memories.AddEntry(
                community_of(visit), kind_of(form.get("kind", "quote")), form.get("content", ""),
                form.get("title", ""), form.get("url", ""), form.get("author", ""),
                tuple(form.get("tags", "").split()), "private" in form, category=form.get("category", ""),
            )  # fmt: skip
            made = await ask(visit, "memories", memories.ADD, asked)
        except ServiceError as problem:
            return await _list_page(visit, {}, problem, form)
        waits = "" if made.state == "approved" else "&waits=yes"
        return go(f"/c/{community_of(visit)}/memories?kind={asked.kind}{waits}")

    @pages.post("/c/<int:community_id>/memories/empty-bin")
    @members(Role.ADMIN)
    async def empty_bin(visit: Visit) -> Any:
        await ask(visit, "memories", memories.EMPTY_BIN, memories.CommunityId(community_of(visit)))
        return go(f"/c/{community_of(visit)}/memories?state=deleted")


def _acts(pages: Blueprint) -> None:
    @pages.post("/c/<int:community_id>/memories/<kind>/<int:number>/<act>")
    @members(Role.VIEWER)
    async def change(visit: Visit, kind: str, number: int, act: str) -> Any:
        if act not in _ACTS:
            raise InvalidInput("That cannot be done with an entry.")
        back = {"state": await field("state") or "approved", "kind": await field("filter")}
        try:
            await ask(visit, "memories", _ACTS[act], memories.EntryOf(community_of(visit), kind_of(kind), number))
        except ServiceError as problem:
            return await _list_page(visit, back, problem)
        gone = {"gone": f"{kind}-{number}"} if act == "delete" else {}
        return go(f"/c/{community_of(visit)}/memories?{urlencode(back | gone)}")

    @pages.post("/c/<int:community_id>/memories/<kind>/<int:number>/vote")
    @members(Role.VIEWER)
    async def vote(visit: Visit, kind: str, number: int) -> Any:
        back = {"kind": await field("filter"), "page": await field("page"), "sort": await field("sort")}
        value = _VOTES.get(await field("value"), 0)
        try:
            asked = memories.Vote(community_of(visit), kind_of(kind), number, value)
            await ask(visit, "memories", memories.VOTE, asked)
        except ServiceError as problem:
            return await _list_page(visit, back, problem)
        return go(f"/c/{community_of(visit)}/memories?{urlencode(back)}")


async def _list_page(visit: Visit, shown: Any, problem: ServiceError | None = None, values: Any = None) -> Any:
    """The list that `shown` (the address, or what a form came from) asks for."""
    asked = memories.ListEntries(
        community_of(visit), shown.get("kind", ""), shown.get("q", ""), state=_state(shown.get("state", "")),
        sort=_sort(shown.get("sort", "")), page=asked_page(), category=shown.get("category", ""),
    )  # fmt: skip
    found = None
    try:
        found = await ask(visit, "memories", memories.LIST, asked)
    except InvalidInput as refusal:
        problem = problem or refusal
    return await page(
        "memories", visit, status=problem.status if problem else 200, found=found, asked=asked, letters=LETTERS,
        sorts=SORTS, problem=problem, values=values or {}, gone=_gone(shown.get("gone", "")),
        waits="waits" in shown, categories=await categories_for(visit),
    )  # fmt: skip


async def categories_for(visit: Visit) -> dict[str, memories.CategoryView]:
    """The drawers by name, for those who may see them."""
    if visit.role < Role.MODERATOR:
        return {}
    found = await ask(visit, "memories", memories.CATEGORIES, memories.CommunityId(community_of(visit)))
    return {one.name: one for one in found.items}


def _gone(text: str) -> tuple[str, str] | None:
    """Kind and number of what was just deleted, so that the page can offer it back."""
    kind, _, number = text.partition("-")
    return (kind, number) if kind in LETTERS and number.isascii() and number.isdecimal() else None


def _state(text: str) -> Literal["approved", "pending", "deleted"]:
    if text == "pending":
        return "pending"
    return "deleted" if text == "deleted" else "approved"


def _sort(text: str) -> Literal["number", "new", "top", "used"]:
    return cast(Literal["number", "new", "top", "used"], text) if text in SORTS else "new"


def kind_of(text: str) -> memories.Kind:
    """The kind in an address or a form; raises InvalidInput."""
    if text not in LETTERS:
        raise InvalidInput("Choose quote, link or note.")
    return cast(memories.Kind, text)
