"""Tools of the AI: servers, and what may be used of them by whom."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, request

from flask_core.contracts import ai, ai_tools
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, NotFound, ServiceError
from portal_module_flask.pages import ask, blueprint, community_of, field, go, page, whole
from portal_module_flask.visits import Visit, members

_HERE = "/c/<int:community_id>/ai/tools"
_ONE = f"{_HERE}/<name>"
_SERVER_SECONDS = 10.0
_ROLES = ("viewer", "subscriber", "regular", "vip", "moderator", "admin", "owner")


def views() -> Blueprint:
    """Pages under /c/<community>/ai/tools."""
    pages = blueprint("ai_tools")

    @pages.get(_HERE)
    @members(Role.ADMIN)
    async def servers(visit: Visit) -> Any:
        return await _servers_page(visit)

    @pages.post(_HERE)
    @members(Role.ADMIN)
    async def add(visit: Visit) -> Any:
        form = await request.form
        try:
            name, url = form.get("name", "").strip().lower(), form.get("url", "").strip()
            asked = ai_tools.AddServer(community_of(visit), name, url, _headers(form))
            await ask(visit, "ai", ai_tools.ADD_SERVER, asked)
        except ServiceError as problem:
            return await _servers_page(visit, problem, form)
        return go(f"/c/{community_of(visit)}/ai/tools/{name}")

    _one(pages)
    return pages


def _one(pages: Blueprint) -> None:
    @pages.get(_ONE)
    @members(Role.ADMIN)
    async def show(visit: Visit, name: str) -> Any:
        return await _server_page(visit, name)

    @pages.post(_ONE)
    @members(Role.ADMIN)
    async def change(visit: Visit, name: str) -> Any:
        form = await request.form
        headers = {} if "forget_headers" in form else _headers(form) or None
        asked = ai_tools.ChangeServer(
            community_of(visit), name, whole(form.get("version", "")), form.get("url", "").strip(), headers,
            "enabled" in form,
        )  # fmt: skip
        return await _done(visit, name, ai_tools.CHANGE_SERVER, asked)

    @pages.post(f"{_ONE}/delete")
    @members(Role.ADMIN)
    async def delete(visit: Visit, name: str) -> Any:
        await ask(visit, "ai", ai_tools.DELETE_SERVER, ai_tools.NamedServer(community_of(visit), name))
        return go(f"/c/{community_of(visit)}/ai/tools")

    @pages.post(f"{_ONE}/tool")
    @members(Role.ADMIN)
    async def tool(visit: Visit, name: str) -> Any:
        form = await request.form
        asked = ai_tools.PutTool(
            community_of(visit), name, await field("tool"), "allowed" in form, await field("hash"),
            form.get("role", "viewer"), "writes" in form, await field("note"),
        )  # fmt: skip
        return await _done(visit, name, ai_tools.PUT_TOOL, asked)

    @pages.post(f"{_ONE}/resources")
    @members(Role.ADMIN)
    async def resources(visit: Visit, name: str) -> Any:
        uris = tuple((await request.form).getlist("uri"))
        return await _done(visit, name, ai_tools.PUT_RESOURCES, ai_tools.PutResources(community_of(visit), name, uris))


async def _done(visit: Visit, name: str, operation: Any, asked: Any) -> Any:
    try:
        await ask(visit, "ai", operation, asked, seconds=_SERVER_SECONDS)
    except ServiceError as problem:
        return await _server_page(visit, name, problem)
    return go(f"/c/{community_of(visit)}/ai/tools/{name}?saved=1")


async def _servers_page(visit: Visit, problem: ServiceError | None = None, typed: Any = None) -> Any:
    found = await ask(visit, "ai", ai_tools.SERVERS, ai.OfCommunity(community_of(visit)))
    return await page(
        "ai_servers", visit, status=problem.status if problem else 200, servers=found.items, problem=problem,
        typed=typed or {},
    )  # fmt: skip


async def _server_page(visit: Visit, name: str, problem: ServiceError | None = None) -> Any:
    here = community_of(visit)
    found = await ask(visit, "ai", ai_tools.SERVERS, ai.OfCommunity(here))
    server = next((one for one in found.items if one.name == name), None)
    if server is None:
        raise NotFound("There is no such server.")
    probe, away = None, None
    try:
        asked = ai_tools.NamedServer(here, name)
        probe = await ask(visit, "ai", ai_tools.PROBE, asked, seconds=_SERVER_SECONDS) if server.enabled else None
    except ServiceError as failure:
        away = failure
    return await page(
        "ai_server", visit, status=problem.status if problem else 200, server=server, probe=probe, away=away,
        choices={one.tool: one for one in server.tools}, problem=problem, roles=_ROLES, saved="saved" in request.args,
    )  # fmt: skip


def _headers(form: Any) -> dict[str, str]:
    """Lines like `Authorization: Bearer …`. Raises InvalidInput for what is no header."""
    headers = {}
    for line in form.get("header_lines", "").splitlines():
        name, colon, value = line.partition(":")
        if line.strip() and not colon:
            raise InvalidInput("Write headers like Authorization: Bearer abc, one per line.", field="headers")
        if colon:
            headers[name.strip()] = value.strip()
    return headers
