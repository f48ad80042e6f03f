"""A community's own commands: the list with its search and its bin, and the page for everybody."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

from quart import Blueprint, request

from flask_core.contracts import alias, community
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, NotFound, ServiceError
from portal_module_flask.pages import ask, asked_page, blueprint, community_of, field, go, page, whole
from portal_module_flask.visits import Visit, door, members, open_page

_LIST = "/c/<int:community_id>/commands/own"
_PER_PAGE = 50


def views() -> Blueprint:
    """Pages under /c/<community>/commands/own, and /c/<community>/command-page."""
    pages = blueprint("own_commands")

    @pages.get(_LIST)
    @members(Role.VIEWER)
    async def listed(visit: Visit) -> Any:
        return await _list_page(visit, request.args)

    @pages.post(f"{_LIST}/<int:entry>/<act>")
    @members(Role.VIEWER)
    async def change(visit: Visit, entry: int, act: str) -> Any:
        kind = await field("kind")
        try:
            await _do(visit, entry, act)
        except ServiceError as problem:
            return await _list_page(visit, {"kind": kind}, problem)
        gone = {"gone": entry} if act == "delete" else {}
        return go(f"/c/{community_of(visit)}/commands/own?{urlencode({'kind': kind} | gone)}")

    @pages.get("/c/<int:community_id>/command-page")
    @open_page
    async def for_everybody(community_id: int) -> Any:
        asked = alias.ListOwn(community_id, page=asked_page(), per_page=_PER_PAGE)
        found = await door().client.call("alias", alias.LIST, asked, timeout=3)
        here = await door().client.call("community", community.GET, community.CommunityId(community_id), timeout=3)
        return await page(
            "command_page", named=here.name, items=found.items, total=found.total, number=found.page,
            per_page=found.per_page,
        )  # fmt: skip

    return pages


async def _do(visit: Visit, entry: int, act: str) -> None:
    one = alias.OwnOf(community_of(visit), entry)
    if act in {"on", "off"}:
        version = whole(await field("version") or "0")
        await ask(visit, "alias", alias.PUT, alias.PutOwn(one.community_id, entry, version, enabled=act == "on"))
    elif act in _ACTS:
        await ask(visit, "alias", _ACTS[act], one)
    else:
        raise InvalidInput("That cannot be done with a command.")


_ACTS: dict[str, Any] = {"delete": alias.DELETE, "restore": alias.RESTORE}


async def _list_page(visit: Visit, shown: Any, problem: ServiceError | None = None) -> Any:
    """The list that `shown` (the address, or what a form came from) asks for."""
    state: Literal["kept", "bin"] = "bin" if shown.get("state") == "bin" else "kept"
    kind: Literal["", "alias"] = "alias" if shown.get("kind") == "alias" else ""
    asked = alias.ListOwn(
        community_of(visit), kind, shown.get("q", "")[:200], state=state, page=asked_page(), per_page=_PER_PAGE
    )
    found = await ask(visit, "alias", alias.LIST, asked)
    return await page(
        "own_commands", visit, status=problem.status if problem else 200, found=found, asked=asked, problem=problem,
        gone=await _gone(visit, shown.get("gone", "")),
    )  # fmt: skip


async def _gone(visit: Visit, text: str) -> alias.CommandView | None:
    """What was just deleted, so that the page can offer it back."""
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        return None
    try:
        found: alias.CommandView = await ask(visit, "alias", alias.GET, alias.OwnOf(community_of(visit), int(text)))
    except NotFound:
        return None
    return found if found.deleted_at is not None else None
