"""Bringing what another bot did: begin, look at every row, decide, take over, take back."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

import msgspec
from quart import Blueprint, Response, request

from flask_core.contracts import alias, alias_imports
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import ask, asked_page, blueprint, community_of, field, go, page, whole
from portal_module_flask.uploads import uploaded
from portal_module_flask.visits import Visit, members, signed_in

_ALIAS = "alias"
_LONG = 30.0
STATUSES = {
    "conflict": "to decide", "review": "to look at", "ok": "ready", "unchanged": "here already",
    "unsupported": "not possible",
}  # fmt: skip
KINDS = {
    "command": "Commands", "alias": "Aliases", "trigger": "Words that run a command", "timer": "Timers",
    "filter": "Filters", "counter": "Counters", "variable": "Texts by name", "regular": "Regulars",
    "built_in": "Built in there", "song": "Songs",
}  # fmt: skip
_SHOWN = ("status", "kind", "page")
SOURCES = {"nightbot": "Nightbot", "streamelements": "StreamElements", "file": "a file"}


def views() -> Blueprint:
    """Pages under /c/<community>/commands/own/imports, and where Nightbot sends people back to."""
    pages = blueprint("imports")
    _beginning(pages)
    _coming_back(pages)
    _deciding(pages)
    _ending(pages)
    return pages


def _beginning(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/commands/own/imports")
    @members(Role.ADMIN)
    async def show(visit: Visit) -> Any:
        return await _start_page(visit)

    @pages.post("/c/<int:community_id>/commands/own/imports/nightbot")
    @members(Role.ADMIN)
    async def connect(visit: Visit) -> Any:
        try:
            found = await ask(visit, _ALIAS, alias_imports.CONNECT, alias_imports.ImportsOf(community_of(visit)))
        except ServiceError as problem:
            return await _start_page(visit, problem)
        # A form may not lead to another site: the last step is a link.
        return await _start_page(visit, connect=found.url)

    @pages.post("/c/<int:community_id>/commands/own/imports/streamelements")
    @members(Role.ADMIN)
    async def streamelements(visit: Visit) -> Any:
        channel, token = (await field("channel"))[:100], (await field("token"))[:5_000]
        asked = alias_imports.StartImport(community_of(visit), "streamelements", channel, token)
        return await _begin(visit, asked)

    @pages.post("/c/<int:community_id>/commands/own/imports/file")
    @members(Role.ADMIN)
    async def file(visit: Visit) -> Any:
        try:
            text = await uploaded("file") or str((await request.form).get("text", ""))
        except ServiceError as problem:
            return await _start_page(visit, problem)
        if len(text) > alias_imports.MOST_FILE:
            return await _start_page(visit, InvalidInput("A file has at most 2 MiB."))
        return await _begin(visit, alias_imports.StartImport(community_of(visit), "file", file=text))

    @pages.get("/c/<int:community_id>/commands/own/export")
    @members(Role.ADMIN)
    async def take_along(visit: Visit) -> Any:
        found = await ask(visit, _ALIAS, alias.EXPORT, alias.CommunityId(community_of(visit)), seconds=_LONG)
        name = f"commands-{community_of(visit)}.json"
        return Response(
            msgspec.json.format(msgspec.json.encode(found), indent=1),
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _coming_back(pages: Blueprint) -> None:
    @pages.get("/connect/nightbot/callback")
    @signed_in
    async def back(visit: Visit) -> Any:
        code, state = request.args.get("code", "")[:500], request.args.get("state", "")[:200]
        if not code or not state:
            return await page("nightbot_back", visit, problem=InvalidInput("Nightbot was not connected."))
        try:
            finish = alias_imports.FinishConnect(code, state)
            begun = await ask(visit, _ALIAS, alias_imports.FINISH, finish, seconds=20)
        except ServiceError as problem:
            return await page("nightbot_back", visit, status=problem.status, problem=problem)
        return go(f"/c/{begun.community_id}/commands/own/imports/{begun.import_id}")


def _deciding(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/commands/own/imports/<int:import_id>")
    @members(Role.ADMIN)
    async def look(visit: Visit, import_id: int) -> Any:
        return await _one_page(visit, import_id)

    @pages.post("/c/<int:community_id>/commands/own/imports/<int:import_id>/rows/<int:row>")
    @members(Role.ADMIN)
    async def choose(visit: Visit, import_id: int, row: int) -> Any:
        form = await request.form
        role = str(form.get("role", ""))
        try:
            if (choice := str(form.get("choice", ""))) not in {"accept", "skip", "rename", "replace"}:
                raise InvalidInput("Choose what becomes of it.")
            asked = alias_imports.ChooseRow(
                community_of(visit), import_id, row, cast(Any, choice), str(form.get("name", ""))[:100],
                str(form["text"])[:4_000] if "text" in form else None, 
                "simpler" in form, Role.named(role) if role else None,
            )  # fmt: skip
            await ask(visit, _ALIAS, alias_imports.CHOOSE, asked)
        except ServiceError as problem:
            return await _one_page(visit, import_id, problem, form)
        return go(f"{_base(visit)}/{import_id}?{_shown(form)}#row-{row}")

    @pages.post("/c/<int:community_id>/commands/own/imports/<int:import_id>/choices")
    @members(Role.ADMIN)
    async def choose_all(visit: Visit, import_id: int) -> Any:
        status, choice = (await field("of")), (await field("choice"))
        try:
            if status not in {"review", "conflict"} or choice not in {"accept", "skip", "replace"}:
                raise InvalidInput("Choose what becomes of them.")
            asked = alias_imports.ChooseAll(community_of(visit), import_id, cast(Any, status), cast(Any, choice))
            await ask(visit, _ALIAS, alias_imports.CHOOSE_ALL, asked, seconds=_LONG)
        except ServiceError as problem:
            return await _one_page(visit, import_id, problem)
        return go(f"{_base(visit)}/{import_id}?{_shown(await request.form)}")


def _ending(pages: Blueprint) -> None:
    @pages.post("/c/<int:community_id>/commands/own/imports/<int:import_id>/apply")
    @members(Role.ADMIN)
    async def apply(visit: Visit, import_id: int) -> Any:
        return await _end(visit, import_id, alias_imports.APPLY)

    @pages.post("/c/<int:community_id>/commands/own/imports/<int:import_id>/undo")
    @members(Role.ADMIN)
    async def undo(visit: Visit, import_id: int) -> Any:
        if await field("sure") != "yes":
            return await _one_page(visit, import_id, InvalidInput("Tick the box to take it back."))
        return await _end(visit, import_id, alias_imports.UNDO)


async def _end(visit: Visit, import_id: int, operation: Any) -> Any:
    try:
        await ask(visit, _ALIAS, operation, alias_imports.ImportOf(community_of(visit), import_id))
    except ServiceError as problem:
        return await _one_page(visit, import_id, problem)
    return go(f"{_base(visit)}/{import_id}")


def _base(visit: Visit) -> str:
    return f"/c/{community_of(visit)}/commands/own/imports"


async def _begin(visit: Visit, asked: alias_imports.StartImport) -> Any:
    try:
        begun = await ask(visit, _ALIAS, alias_imports.START, asked, seconds=_LONG)
    except ServiceError as problem:
        return await _start_page(visit, problem)
    return go(f"{_base(visit)}/{begun.id}")


async def _start_page(visit: Visit, problem: ServiceError | None = None, connect: str = "") -> Any:
    found = await ask(visit, _ALIAS, alias_imports.LIST, alias_imports.ImportsOf(community_of(visit)))
    return await page(
        "imports", visit, status=problem.status if problem else 200, base=_base(visit), found=found, problem=problem,
        connect=connect, sources=SOURCES,
    )  # fmt: skip


async def _one_page(
    visit: Visit, import_id: int, problem: ServiceError | None = None, values: Any = None
) -> Any:  # fmt: skip
    here = community_of(visit)
    one = await ask(visit, _ALIAS, alias_imports.GET, alias_imports.ImportOf(here, import_id))
    shown = request.args if values is None else {name: values.get(f"of_{name}", "") for name in _SHOWN}
    status, kind = str(shown.get("status", "")), str(shown.get("kind", ""))
    status, kind = status if status in STATUSES else "", kind if kind in KINDS else ""
    number = whole(shown["page"] or "1") if values is not None else asked_page()
    asked = alias_imports.ListRows(here, import_id, cast(Any, status), kind, max(1, number))
    rows = await ask(visit, _ALIAS, alias_imports.ROWS, asked, seconds=8) if one.statuses else None
    return await page(
        "import_one", visit, status=problem.status if problem else 200, base=f"{_base(visit)}/{import_id}", one=one,
        rows=rows, asked=asked, statuses=STATUSES, kinds=KINDS, sources=SOURCES, problem=problem,
        roles=[role for role in Role if role <= visit.role],
    )  # fmt: skip


def _shown(form: Any) -> str:
    """What the page was showing, for the way back to it."""
    return urlencode({name: form[f"of_{name}"] for name in _SHOWN if form.get(f"of_{name}")})
