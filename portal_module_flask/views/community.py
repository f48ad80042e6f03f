"""Home, members, modules and traces of a community."""

from __future__ import annotations

import asyncio
from typing import Any

from quart import Blueprint, request

from flask_core.contracts import community, router
from flask_core.datamodels import Role
from flask_core.errors import ServiceError
from portal_module_flask.pages import asked_page, blueprint, field, go, page
from portal_module_flask.views.notices import notices_here
from portal_module_flask.visits import Visit, door, members


def views() -> Blueprint:
    """Pages under /c/<community>/."""
    pages = blueprint("community")
    _home(pages)
    _members(pages)
    _modules(pages)
    _traces(pages)
    return pages


def _home(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/home")
    @members(Role.MODERATOR)
    async def home(visit: Visit) -> Any:
        assert visit.community is not None
        client, here = door().client, visit.community.id
        lately, asked = router.ListTraces(here, limit=10), community.CommunityId(here)
        traces, modules, channels, notices = await asyncio.gather(
            _or_problem(client.call("router", router.TRACES, lately, acting=visit.acting, timeout=3)),
            _or_problem(client.call("router", router.MODULES, router.Nothing(), timeout=3)),
            _or_problem(client.call("community", community.CHANNELS, asked, acting=visit.acting, timeout=3)),
            notices_here(visit),
        )
        return await page("home", visit, traces=traces, modules=modules, channels=channels, notices=notices)


def _members(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/members")
    @members(Role.MODERATOR)
    async def list_members(visit: Visit) -> Any:
        assert visit.community is not None
        status = request.args.get("status") or "active"
        asked = community.ListMembers(
            visit.community.id, request.args.get("q", ""), request.args.get("role", ""),
            "" if status == "any" else status, asked_page(),
        )  # fmt: skip
        found = await door().client.call("community", community.MEMBERS, asked, acting=visit.acting)
        return await page("members", visit, found=found, asked=asked, shown_status=status)

    @pages.post("/c/<int:community_id>/members/<member_id>/role")
    @members(Role.ADMIN)
    async def set_role(visit: Visit, member_id: str) -> Any:
        assert visit.community is not None
        asked = community.SetRole(visit.community.id, member_id, Role.named(await field("role")))
        await door().client.call("community", community.SET_ROLE, asked, acting=visit.acting)
        return go(f"/c/{visit.community.id}/members")

    @pages.post("/c/<int:community_id>/members/<member_id>/ban")
    @members(Role.MODERATOR)
    async def ban(visit: Visit, member_id: str) -> Any:
        assert visit.community is not None
        asked = community.Ban(visit.community.id, member_id, await field("reason"))
        await door().client.call("community", community.BAN, asked, acting=visit.acting)
        return go(f"/c/{visit.community.id}/members?status=banned")

    @pages.post("/c/<int:community_id>/members/<member_id>/unban")
    @members(Role.MODERATOR)
    async def unban(visit: Visit, member_id: str) -> Any:
        assert visit.community is not None
        asked = community.MemberOf(visit.community.id, member_id)
        await door().client.call("community", community.UNBAN, asked, acting=visit.acting)
        return go(f"/c/{visit.community.id}/members")


def _modules(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/modules")
    @members(Role.MODERATOR)
    async def list_modules(visit: Visit) -> Any:
        assert visit.community is not None
        client = door().client
        states, known = await asyncio.gather(
            client.call("router", router.ENABLEMENT, router.CommunityId(visit.community.id), acting=visit.acting),
            client.call("router", router.MODULES, router.Nothing()),
        )
        return await page("modules", visit, states={s.module: s for s in states.items}, modules=known.items)

    @pages.post("/c/<int:community_id>/modules/<name>/switch")
    @members(Role.ADMIN)
    async def switch(visit: Visit, name: str) -> Any:
        assert visit.community is not None
        asked = router.PutEnablement(visit.community.id, name, await field("enabled") == "yes")
        await door().client.call("router", router.ENABLE, asked, acting=visit.acting)
        return go(f"/c/{visit.community.id}/modules")


def _traces(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/traces")
    @members(Role.MODERATOR)
    async def list_traces(visit: Visit) -> Any:
        assert visit.community is not None
        asked = router.ListTraces(
            visit.community.id, q=request.args.get("q", ""), before=request.args.get("before", ""), limit=50
        )
        found = await door().client.call("router", router.TRACES, asked, acting=visit.acting)
        return await page("traces", visit, traces=found.items, asked=asked)

    @pages.get("/c/<int:community_id>/traces/<path:event_id>")
    @members(Role.MODERATOR)
    async def show_trace(visit: Visit, event_id: str) -> Any:
        assert visit.community is not None
        asked = router.TraceOf(visit.community.id, event_id)
        found = await door().client.call("router", router.TRACE, asked, acting=visit.acting)
        return await page("trace", visit, trace=found)


async def _or_problem(call: Any) -> Any:
    """The answer, or the refusal: a block that fails says so in place and the rest of the page lives."""
    try:
        return await call
    except ServiceError as problem:
        return problem
