"""Filters of chat: switches and sliders, trying a text out, offences, first messages that wait."""

from __future__ import annotations

import asyncio
from typing import Any

from quart import Blueprint, request

from flask_core.contracts import community, filters
from flask_core.contracts.router import CommunityId
from flask_core.datamodels import Platform, Role
from flask_core.errors import InvalidInput, NotFound, ServiceError
from portal_module_flask.filter_forms import change_of, shown_again
from portal_module_flask.pages import ask, asked_page, blueprint, community_of, field, go, page, whole
from portal_module_flask.visits import Visit, members

_BASE = "/c/<int:community_id>/moderation/filters"
_ROLES = tuple(role.word for role in Role if role > Role.VIEWER)


def views() -> Blueprint:
    """Pages under /c/<community>/moderation/filters."""
    pages = blueprint("filters")

    @pages.get(_BASE)
    @members(Role.MODERATOR)
    async def show(visit: Visit) -> Any:
        return await _filters_page(visit)

    @pages.post(f"{_BASE}/try")
    @members(Role.MODERATOR)
    async def try_text(visit: Visit) -> Any:
        form = await request.form
        tried = filters.TryText(community_of(visit), form.get("text", ""), "first" in form)
        hits = await ask(visit, "router", filters.TRY_TEXT, tried)
        if request.headers.get("X-Requested-With") == "fetch":
            return await page("filter_hits", visit, tried=tried, hits=hits.items)
        return await _filters_page(visit, tried=tried, hits=hits.items)

    @pages.post(f"{_BASE}/<name>/switch")
    @members(Role.MODERATOR)
    async def switch(visit: Visit, name: str) -> Any:
        form = await request.form
        known = await _known(visit, name)
        asked = filters.PutFilter(
            community_of(visit), known.name, whole(form.get("version", "")), enabled=form.get("enabled") == "yes"
        )
        try:
            await ask(visit, "router", filters.PUT_FILTER, asked)
        except ServiceError as problem:
            return await _filters_page(visit, problem=problem)
        return _back(visit, known.name)

    @pages.post(f"{_BASE}/<name>")
    @members(Role.MODERATOR)
    async def save(visit: Visit, name: str) -> Any:
        form = await request.form
        known = await _known(visit, name)
        try:
            asked = change_of(known, form, community_of(visit), whole(form.get("version", "")))
            await ask(visit, "router", filters.PUT_FILTER, asked)
        except ServiceError as problem:
            return await _filters_page(visit, problem=problem, typed=shown_again(known, form))
        return _back(visit, known.name)

    _decisions(pages)
    return pages


def _decisions(pages: Blueprint) -> None:
    @pages.post(f"{_BASE}/forgive")
    @members(Role.MODERATOR)
    async def forgive(visit: Visit) -> Any:
        known = await _known(visit, await field("filter"))
        asked = filters.OffenceOf(community_of(visit), await field("member_id"), known.name)
        try:
            await ask(visit, "router", filters.FORGIVE, asked)
        except ServiceError as problem:
            return await _filters_page(visit, problem=problem)
        return go(f"{_here(visit)}#offences")

    @pages.post(f"{_BASE}/held/<int:number>/<act>")
    @members(Role.MODERATOR)
    async def decide(visit: Visit, number: int, act: str) -> Any:
        operations = {"release": filters.RELEASE, "delete": filters.DROP}
        if act not in operations:
            raise InvalidInput("That cannot be done with a message.")
        try:
            await ask(visit, "router", operations[act], filters.HeldOf(community_of(visit), number))
        except ServiceError as problem:
            return await _filters_page(visit, problem=problem)
        return go(f"{_here(visit)}#held")


def _here(visit: Visit) -> str:
    return f"/c/{community_of(visit)}/moderation/filters"


def _back(visit: Visit, name: str) -> Any:
    """On to the filter that was changed, which says that it was."""
    return go(f"{_here(visit)}?saved={name}#{name}")


async def _known(visit: Visit, name: str) -> filters.Filter:
    every = await ask(visit, "router", filters.FILTERS, CommunityId(community_of(visit)))
    for known in every.items:
        if known.name == name:
            return known  # type: ignore[no-any-return]
    raise NotFound("There is no such filter.")


async def _filters_page(
    visit: Visit,
    *,
    problem: ServiceError | None = None,
    typed: filters.Filter | None = None,
    tried: filters.TryText | None = None,
    hits: tuple[filters.Hit, ...] = (),
) -> Any:
    """The page; `typed` is a filter as somebody wanted it who was refused."""
    here = community_of(visit)
    every, held, offences, channels = await asyncio.gather(
        ask(visit, "router", filters.FILTERS, CommunityId(here)),
        ask(visit, "router", filters.HELD, CommunityId(here)),
        ask(visit, "router", filters.OFFENCES, filters.ListOffences(here, page=asked_page())),
        ask(visit, "community", community.CHANNELS, community.CommunityId(here)),
    )
    return await page(
        "filters", visit, status=problem.status if problem else 200, problem=problem, held=held.items,
        filters=[typed if typed and typed.name == one.name else one for one in every.items],
        titles={one.name: one.title for one in every.items}, saved=request.args.get("saved", ""),
        typed=typed.name if typed else "", offences=offences, channels=channels.items, platforms=tuple(Platform),
        roles=_ROLES, tried=tried, hits=hits,
    )  # fmt: skip
