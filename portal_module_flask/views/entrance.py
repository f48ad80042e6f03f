"""Set-up, sign-in and sign-out."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, request

from flask_core.contracts import community, community_endings, identity
from flask_core.errors import InvalidInput, NotFound, ServiceError, TooMany, Unauthenticated
from portal_module_flask.again import browser
from portal_module_flask.entering import enter, sign_in_page
from portal_module_flask.pages import blueprint, field, go, page
from portal_module_flask.visits import Visit, door, looks, open_page, own_path, signed_in


def views() -> Blueprint:
    """The pages under /auth, and the front page."""
    pages = blueprint("entrance")

    @pages.get("/")
    @open_page
    async def front() -> Any:
        visit = await looks()
        if visit is None:
            state = await door().client.call("identity", identity.CHECK_SET_UP, identity.CheckSetUp(""))
            return await page("front", needs_set_up=state.needed)
        own = await door().client.call("community", community.LIST, community.ListCommunities(), acting=visit.acting)
        deleted = await door().client.call(
            "community", community_endings.DELETED, community_endings.Nothing(), acting=visit.acting
        )  # fmt: skip
        if len(own.items) == 1 and not deleted.items:
            return go(f"/c/{own.items[0].id}/home")
        return await page("communities", visit, communities=own.items, deleted=deleted.items)

    @pages.get("/auth/set-up")
    @open_page
    async def set_up() -> Any:
        token = request.args.get("token", "")
        state = await door().client.call("identity", identity.CHECK_SET_UP, identity.CheckSetUp(token))
        if not state.open:
            raise NotFound("This link was used or is too old. A new one is printed at every start.")
        return await page("set_up", token=token, values={}, problem=None)

    @pages.post("/auth/set-up")
    @open_page
    async def do_set_up() -> Any:
        form = await request.form
        asked = identity.SetUp(
            form.get("token", ""), form.get("name", ""), form.get("email", ""), form.get("password", ""), browser()
        )
        try:
            session = await door().client.call("identity", identity.SET_UP, asked)
        except InvalidInput as problem:
            return await page("set_up", status=400, token=asked.token, values=form, problem=problem)
        return door().let_in(go("/communities/new"), session)

    @pages.get("/auth/sign-in")
    @open_page
    async def sign_in() -> Any:
        return await sign_in_page(own_path(request.args.get("next")))

    @pages.post("/auth/sign-in")
    @open_page
    async def do_sign_in() -> Any:
        form = await request.form
        try:
            session = await door().client.call(
                "identity",
                identity.SIGN_IN,
                identity.SignIn(form.get("email", ""), form.get("password", ""), browser()),
            )
        except (Unauthenticated, TooMany, InvalidInput) as problem:
            return await sign_in_page(own_path(form.get("next")), form, problem)
        return await enter(session, own_path(form.get("next")))

    @pages.post("/auth/sign-out")
    @signed_in
    async def sign_out(visit: Visit) -> Any:
        await door().client.call("identity", identity.SIGN_OUT, identity.SessionSecret(visit.secret))
        return door().let_out(go("/"))

    @pages.get("/communities/new")
    @signed_in
    async def new_community(visit: Visit) -> Any:
        return await page("new_community", visit, values={"name": ""}, problem=None)

    @pages.post("/communities/new")
    @signed_in
    async def make_community(visit: Visit) -> Any:
        name, zone = await field("name"), await field("time_zone") or "UTC"
        try:
            made = await door().client.call(
                "community", community.CREATE, community.CreateCommunity(name, time_zone=zone), acting=visit.acting
            )
        except ServiceError as problem:
            values = {"name": name, "time_zone": zone}
            return await page("new_community", visit, status=problem.status, values=values, problem=problem)
        return go(f"/c/{made.id}/playground")

    return pages
