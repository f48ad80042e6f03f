"""Who changed what in a community, and how it was before."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from quart import Blueprint, request

from flask_core.contracts import community, desk
from flask_core.datamodels import Role
from flask_core.errors import ServiceError
from portal_module_flask.again import Modules
from portal_module_flask.pages import ask, asked_page, blueprint, community_of, page
from portal_module_flask.visits import Visit, door, members

_PATIENCE = 2.0


def views() -> Blueprint:
    """/c/<community>/audit."""
    pages = blueprint("audit")

    @pages.get("/c/<int:community_id>/audit")
    @members(Role.ADMIN)
    async def show(visit: Visit) -> Any:
        asked = desk.ListAudit(
            community_of(visit), request.args.get("actor", ""), request.args.get("action", ""), asked_page()
        )
        found = await ask(visit, "router", desk.AUDIT, asked)
        names = await _names(visit, {one.actor for one in found.items})
        entries = [(one, differences(one.was, one.became)) for one in found.items]
        return await page("audit", visit, found=found, entries=entries, names=names, asked=asked)

    return pages


async def _names(visit: Visit, actors: set[str]) -> dict[str, str]:
    """What the actors are called; those whom nobody knows any more are left out."""
    client, here = door().client, community_of(visit)
    known = await asyncio.gather(*(_name(client, here, actor) for actor in sorted(actors)))
    return {actor: name for actor, name in zip(sorted(actors), known, strict=True) if name} | {
        visit.person.person_id: visit.person.name
    }


async def _name(client: Modules, here: int, actor: str) -> str:
    """The name of a member, or of the member that a person is."""
    try:
        role = await client.call("community", community.ROLE_OF, community.RoleOf(here, actor), timeout=_PATIENCE)
        asked = community.MemberOf(here, role.member_id or actor)
        return (await client.call("community", community.MEMBER, asked, timeout=_PATIENCE)).name
    except ServiceError:
        return ""


def differences(was: str, became: str) -> list[tuple[str, str, str]]:
    """(what, before, after) of two JSON texts; what is the same, or empty on both sides, is left out."""
    before, after = _read(was), _read(became)
    if not isinstance(before, dict) and not isinstance(after, dict):
        return [] if before == after else [("", _words(before), _words(after))]
    one, other = (side if isinstance(side, dict) else {} for side in (before, after))
    names = [*other, *(name for name in one if name not in other)]
    told = [
        (name.replace("_", " "), _words(one.get(name)), _words(other.get(name)))
        for name in names
        if one.get(name) != other.get(name)
    ]
    return [(name, before, after) for name, before, after in told if before or after]


def _read(text: str) -> Any:
    try:
        return msgspec.json.decode(text) if text else None
    except msgspec.DecodeError:
        return text


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(part)}" for name, part in value.items())
    return "" if value is None else str(value)
