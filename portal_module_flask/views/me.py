"""A person's own page: name, password, sessions."""

from __future__ import annotations

import asyncio
from typing import Any

from quart import Blueprint, request

from flask_core.contracts import identity
from flask_core.errors import ServiceError
from portal_module_flask.pages import blueprint, field, go, page
from portal_module_flask.views.accounts import accounts_for
from portal_module_flask.views.notices import notices_for
from portal_module_flask.visits import Visit, door, signed_in


def views() -> Blueprint:
    """/me."""
    pages = blueprint("me")

    @pages.get("/me")
    @signed_in
    async def me(visit: Visit) -> Any:
        return await _me_page(visit)

    @pages.post("/me/sessions/<session_id>/end")
    @signed_in
    async def end_session(visit: Visit, session_id: str) -> Any:
        await door().client.call("identity", identity.END_SESSION, identity.SessionOf(session_id), acting=visit.acting)
        return go("/me")

    @pages.post("/me/name")
    @signed_in
    async def rename(visit: Visit) -> Any:
        try:
            await door().client.call(
                "identity", identity.RENAME, identity.NameMe(await field("name")), acting=visit.acting
            )
        except ServiceError as problem:
            return await _me_page(visit, problem)
        return go("/me")

    @pages.post("/me/password")
    @signed_in
    async def change_password(visit: Visit) -> Any:
        asked = identity.ChangePassword(await field("old"), await field("new"), visit.person.session_id)
        try:
            await door().client.call("identity", identity.CHANGE_PASSWORD, asked, acting=visit.acting)
        except ServiceError as problem:
            return await _me_page(visit, problem)
        return go("/me")

    return pages


async def _me_page(visit: Visit, problem: ServiceError | None = None) -> Any:
    client = door().client
    person, sessions, notices, accounts = await asyncio.gather(
        client.call("identity", identity.ME, identity.Nothing(), acting=visit.acting),
        client.call("identity", identity.SESSIONS, identity.Nothing(), acting=visit.acting),
        notices_for(visit),
        accounts_for(visit),
    )
    linked = request.args.get("linked", "")
    return await page(
        "me", visit, status=problem.status if problem else 200, person=person, sessions=sessions.items, problem=problem,
        notices=notices, accounts=accounts, linked_now=linked if linked in accounts.platforms else "",
    )  # fmt: skip
