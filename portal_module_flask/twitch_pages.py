"""What the pages about Twitch share: asking its module, connecting with a code or on a way there and back."""

from __future__ import annotations

from typing import Any, get_args

from quart import request

from flask_core.contracts import twitch
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import field, go, page
from portal_module_flask.visits import Visit, door

OPERATOR = "/operator/twitch"
_READING, _TRYING = 3.0, 20.0


async def call(visit: Visit, operation: Any, asked: Any, *, seconds: float = _TRYING) -> Any:
    """What Twitch's module answers; what has to go to Twitch and back may take a while."""
    return await door().client.call("twitch", operation, asked, acting=visit.acting, timeout=seconds)


async def status_of(
    visit: Visit, community_id: int, problem: ServiceError | None
) -> tuple[twitch.Status | None, ServiceError | None]:
    """The tile; while the module is away the page says so and lives."""
    asked = twitch.OfCommunity(community_id)
    try:
        return await call(visit, twitch.STATUS, asked, seconds=_READING), problem
    except ServiceError as away:
        return None, problem or away


async def connect(visit: Visit, kind: twitch.Kind, community_id: int, base: str) -> Any:
    """A code to type at Twitch or, where people can come back from there, an address to go to."""
    asked = twitch.StartGrant(
        kind, community_id, await field("user_id"), await _packs(), session=visit.person.session_id
    )
    if await field("way") != "redirect":
        grant = await call(visit, twitch.START_GRANT, asked)
        return go(f"{base}/codes/{grant.id}")
    grant = await call(visit, twitch.START_REDIRECT, asked)
    # The address is shown once and kept nowhere. It is a link: a form may lead to pages of ours only.
    return await page("twitch_go", visit, base=base, grant=grant)


async def _packs() -> tuple[twitch.Pack, ...]:
    """The boxes that were ticked; what is none of them is not asked for."""
    ticked = (await request.form).getlist("pack")
    return tuple(pack for pack in get_args(twitch.Pack) if pack in ticked)


async def code_page(visit: Visit, grant_id: str, base: str) -> Any:
    """A code and whether somebody has typed it; once it is connected the page before."""
    grant = await call(visit, twitch.GRANT, twitch.GrantId(grant_id))
    if grant.state is twitch.GrantState.CONNECTED:
        return go(f"{base}?connected={grant.login}")
    return await ended_page(visit, grant, base)


async def ended_page(visit: Visit, grant: twitch.Grant, base: str, *, status: int = 200) -> Any:
    """How far somebody came, or why they did not arrive."""
    waits = grant.state is twitch.GrantState.PENDING
    return await page("twitch_code", visit, status=status, base=base, grant=grant, waits=waits)


async def must_be_sure() -> None:
    """Raises InvalidInput for a form whose box was not ticked."""
    if await field("sure") != "yes":
        raise InvalidInput("Tick the box to disconnect.")


def just_connected(logins: list[str]) -> str:
    """Who the address says was connected just now, if it is so."""
    login = request.args.get("connected", "")
    return login if login in logins else ""
