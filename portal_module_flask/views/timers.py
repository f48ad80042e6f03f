"""Timers: what is said again and again, when, and why it was not."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, request

from flask_core.auth import utc_now
from flask_core.contracts import community, timers
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask import timer_forms
from portal_module_flask.pages import ask, blueprint, community_of, go, page, whole
from portal_module_flask.visits import Visit, members

_HERE = "/c/<int:community_id>/timers"
_NEW = {"every": 15, "lines": 5}


def views() -> Blueprint:
    """Pages under /c/<community>/timers."""
    pages = blueprint("timers")

    @pages.get(_HERE)
    @members(Role.MODERATOR)
    async def show(visit: Visit) -> Any:
        return await _list_page(visit)

    @pages.post(_HERE)
    @members(Role.MODERATOR)
    async def add(visit: Visit) -> Any:
        form = await request.form
        try:
            settings = timer_forms.settings_from(form)
            asked = timers.AddTimer(community_of(visit), form.get("name", ""), settings)
            await ask(visit, "router", timers.ADD_TIMER, asked)
        except ServiceError as problem:
            return await _list_page(visit, problem, timer_forms.typed_values(form))
        return go(f"/c/{community_of(visit)}/timers")

    _one(pages)
    return pages


def _one(pages: Blueprint) -> None:
    @pages.get(f"{_HERE}/<name>")
    @members(Role.MODERATOR)
    async def edit(visit: Visit, name: str) -> Any:
        return await _edit_page(visit, name)

    @pages.post(f"{_HERE}/<name>")
    @members(Role.MODERATOR)
    async def save(visit: Visit, name: str) -> Any:
        form = await request.form
        version = whole(form.get("version", ""))
        try:
            settings = timer_forms.settings_from(form)
            asked = timers.ChangeTimer(community_of(visit), name, settings, version=version)
            await ask(visit, "router", timers.CHANGE_TIMER, asked)
        except ServiceError as problem:
            if problem.status == 404:
                raise
            return await _edit_page(visit, name, problem, timer_forms.typed_values(form))
        return go(f"/c/{community_of(visit)}/timers")

    @pages.post(f"{_HERE}/<name>/<act>")
    @members(Role.MODERATOR)
    async def act_on(visit: Visit, name: str, act: str) -> Any:
        try:
            await _act(visit, name, act)
        except ServiceError as problem:
            return await _list_page(visit, problem)
        return go(f"/c/{community_of(visit)}/timers")


async def _act(visit: Visit, name: str, act: str) -> None:
    one = timers.TimerOf(community_of(visit), name)
    if act in ("on", "off"):
        switched = timers.ChangeTimer(one.community_id, name, enabled=act == "on")
        await ask(visit, "router", timers.CHANGE_TIMER, switched)
    elif act == "run":
        await ask(visit, "router", timers.RUN_TIMER, one)
    elif act == "delete":
        await ask(visit, "router", timers.REMOVE_TIMER, one)
    else:
        raise InvalidInput("That cannot be done with a timer.")


async def _list_page(visit: Visit, problem: ServiceError | None = None, typed: Any = None) -> Any:
    found = await ask(visit, "router", timers.TIMERS, timers.TimersOf(community_of(visit)))
    now = utc_now()
    return await page(
        "timers", visit, status=problem.status if problem else 200, timers=found.items, problem=problem,
        values=typed or _NEW, channels=await _channels(visit), coming=timer_forms.next_hour(found.items, now),
        next_at={timer.name: timer_forms.next_at(timer) for timer in found.items},
        soon=lambda at: timer_forms.soon(at, now),
    )  # fmt: skip


async def _edit_page(visit: Visit, name: str, problem: ServiceError | None = None, typed: Any = None) -> Any:
    timer = await ask(visit, "router", timers.TIMER, timers.TimerOf(community_of(visit), name))
    return await page(
        "timer", visit, status=problem.status if problem else 200, timer=timer, problem=problem,
        values=typed or timer_forms.values_of(timer.settings), channels=await _channels(visit),
    )  # fmt: skip


async def _channels(visit: Visit) -> dict[str, str]:
    """Attached channels by key, with their names."""
    known = await ask(visit, "community", community.CHANNELS, community.CommunityId(community_of(visit)))
    return {channel.key: channel.name or channel.key for channel in known.items}
