"""Where one is signed in, and how that ends."""

from __future__ import annotations

from typing import Any

from quart import Blueprint

from flask_core.contracts import identity
from portal_module_flask.pages import ask, blueprint, go, page
from portal_module_flask.visits import Visit, signed_in

_HERE = "/me/sessions"


def views() -> Blueprint:
    """/me/sessions."""
    pages = blueprint("sessions")

    @pages.get(_HERE)
    @signed_in
    async def show(visit: Visit) -> Any:
        sessions = await ask(visit, "identity", identity.SESSIONS, identity.Nothing())
        return await page("sessions", visit, sessions=sessions.items)

    @pages.post(f"{_HERE}/<session_id>/end")
    @signed_in
    async def end_session(visit: Visit, session_id: str) -> Any:
        await ask(visit, "identity", identity.END_SESSION, identity.SessionOf(session_id))
        return go(_HERE)

    @pages.post(f"{_HERE}/end-others")
    @signed_in
    async def end_others(visit: Visit) -> Any:
        await ask(visit, "identity", identity.END_SESSIONS, identity.KeepSession(visit.person.session_id))
        return go(_HERE)

    return pages
