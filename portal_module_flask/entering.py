"""The pages before somebody is in: the sign-in page, the second factor, and the way on from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quart import Response

from flask_core.contracts import identity
from flask_core.errors import ServiceError
from portal_module_flask.pages import go, page
from portal_module_flask.platforms import platforms
from portal_module_flask.visits import door


async def enter(session: identity.NewSession, following: str) -> Any:
    """Let somebody in and on to where they wanted, after their second factor if there is one."""
    if session.challenge:
        return await second_step(session.challenge, following, by_code=session.by_code, by_passkey=session.by_passkey)
    return door().let_in(go(following), session)


async def second_step(
    challenge: str, following: str, *, by_code: bool, by_passkey: bool, problem: ServiceError | None = None
) -> Response:
    """The page that asks for the second factor."""
    return await page(
        "second_step", status=problem.status if problem else 200, challenge=challenge, by_code=by_code,
        by_passkey=by_passkey, next=following, problem=problem,
    )  # fmt: skip


async def sign_in_page(
    following: str, values: Mapping[str, str] | None = None, problem: ServiceError | None = None
) -> Response:
    """The page with every way in."""
    status, offered = problem.status if problem else 200, await platforms()
    return await page("sign_in", status=status, next=following, values=values or {}, problem=problem, platforms=offered)
