"""One's own API keys: what programs may do for somebody, where, and until when."""

from __future__ import annotations

import asyncio
from typing import Any

from quart import Blueprint, request

from flask_core.contracts import community, identity, router
from flask_core.errors import ServiceError, Unavailable
from portal_module_flask.pages import ask, blueprint, field, go, page, whole
from portal_module_flask.visits import Visit, door, signed_in

_HERE = "/me/keys"
TERMS = (30, 90, 365, 730)
# Their operations are for the portal's own pages alone.
_CLOSED = frozenset({"portal", "identity"})
WIDE = (
    ("read", "Read everything that you may see"),
    ("chat", "Write in playgrounds, as the terminal chat does"),
    ("ai", "Ask the AI of a community"),
    ("communities", "Change communities: channels, members, roles, bans"),
    ("moderation", "Change rules, filters, timers and which modules run"),
    ("overlays", "Change and control overlays"),
)
_IN_WIDE = frozenset({"community", "router", "browser_source"})


def views() -> Blueprint:
    """Pages under /me/keys."""
    pages = blueprint("keys")

    @pages.get(_HERE)
    @signed_in
    async def show(visit: Visit) -> Any:
        return await _page(visit)

    @pages.post(_HERE)
    @signed_in
    async def create(visit: Visit) -> Any:
        form = await request.form
        places = tuple(whole(place) for place in form.getlist("community"))
        scopes = tuple(identity.KeyScope(name, places) for name in form.getlist("scope"))
        asked = identity.CreateKey(await field("name"), scopes, whole(form.get("days", "365")))
        try:
            made = await ask(visit, "identity", identity.CREATE_KEY, asked)
        except ServiceError as problem:
            return await _page(visit, problem, asked)
        return await page("key_once", visit, made=made)

    @pages.post(f"{_HERE}/<key_id>/regenerate")
    @signed_in
    async def regenerate(visit: Visit, key_id: str) -> Any:
        made = await ask(visit, "identity", identity.REGENERATE_KEY, identity.RegenerateKey(key_id))
        return await page("key_once", visit, made=made)

    @pages.post(f"{_HERE}/<key_id>/delete")
    @signed_in
    async def delete(visit: Visit, key_id: str) -> Any:
        await ask(visit, "identity", identity.REVOKE_KEY, identity.KeyOf(key_id))
        return go(_HERE)

    return pages


async def _page(visit: Visit, problem: ServiceError | None = None, asked: identity.CreateKey | None = None) -> Any:
    keys, own, narrow = await asyncio.gather(
        ask(visit, "identity", identity.KEYS, identity.Nothing()),
        ask(visit, "community", community.LIST, community.ListCommunities()),
        _narrow(),
    )
    chosen = asked or identity.CreateKey("", (identity.KeyScope("read"),))
    return await page(
        "keys", visit, status=problem.status if problem else 200, keys=keys.items, communities=own.items,
        names={one.id: one.name for one in own.items}, wide=WIDE, narrow=narrow, terms=TERMS, problem=problem,
        chosen=chosen, scopes={scope.name for scope in chosen.scopes},
        places={place for scope in chosen.scopes for place in scope.communities},
    )  # fmt: skip


async def _narrow() -> list[str]:
    """`module:write` of the modules that run; none while the router is away."""
    try:
        listed = await door().client.call("router", router.MODULES, router.Nothing(), timeout=3)
    except Unavailable:
        return []
    names = [one.manifest.name for one in listed.items]
    return sorted(f"{name}:write" for name in names if name not in _CLOSED | _IN_WIDE)
