"""One command of a community: the form that makes and changes it, what it would say, and its history."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from quart import Blueprint, request

from flask_core.contracts import alias
from flask_core.datamodels import Platform, Role
from flask_core.errors import Forbidden, InvalidInput, ServiceError, Stale
from portal_module_flask.own_forms import added, changed, word
from portal_module_flask.pages import ask, blueprint, community_of, go, page, whole
from portal_module_flask.views.settings import channels_of
from portal_module_flask.visits import Visit, members

_OWN = "/c/<int:community_id>/commands/own"
_PEOPLE = (
    alias.Pretended("Grace", Role.VIEWER, Platform.TWITCH),
    alias.Pretended("Ben", Role.MODERATOR, Platform.DISCORD),
    alias.Pretended("Ann", Role.OWNER, Platform.SLACK),
)

type Seen = list[tuple[alias.Pretended, alias.Preview]]


def views() -> Blueprint:
    """Pages /c/<community>/commands/own/new and …/<id>."""
    pages = blueprint("own_command")

    @pages.get(f"{_OWN}/new")
    @members(Role.VIEWER)
    async def new(visit: Visit) -> Any:
        return await _page(visit, kind=word("kind", request.args))

    @pages.post(_OWN)
    @members(Role.VIEWER)
    async def add(visit: Visit) -> Any:
        form = await request.form
        try:
            made = await ask(visit, "alias", alias.ADD, added(community_of(visit), form))
        except ServiceError as problem:
            return await _page(visit, kind=word("kind", form), problem=problem, typed=form)
        return go(f"/c/{community_of(visit)}/commands/own/{made.id}?saved=1")

    @pages.post(f"{_OWN}/preview")
    @members(Role.VIEWER)
    async def preview(visit: Visit) -> Any:
        form = await request.form
        seen, trouble = await _seen(visit, form)
        if request.headers.get("X-Requested-With") == "fetch":
            return await page("own_preview", visit, previews=seen, trouble=trouble)
        entry = whole(form["id"]) if form.get("id") else 0
        return await _page(visit, entry, kind=word("kind", form), typed=form, previews=seen, trouble=trouble)

    @pages.get(f"{_OWN}/<int:entry>")
    @members(Role.VIEWER)
    async def show(visit: Visit, entry: int) -> Any:
        return await _page(visit, entry)

    @pages.post(f"{_OWN}/<int:entry>")
    @members(Role.VIEWER)
    async def save(visit: Visit, entry: int) -> Any:
        form = await request.form
        try:
            await ask(visit, "alias", alias.PUT, changed(community_of(visit), entry, form))
        except ServiceError as problem:
            return await _page(visit, entry, problem=problem, typed=form)
        return go(f"/c/{community_of(visit)}/commands/own/{entry}?saved=1")

    return pages


async def _seen(visit: Visit, form: Any) -> tuple[Seen, ServiceError | None]:
    """What three people would be told, or why nobody can tell."""
    text = form.get("body", "")
    if not text.strip():
        return [], None
    dialect: Any = word("dialect", form)
    name = form.get("name", "").strip().removeprefix("!")[:50] or "preview"
    words = form.get("words", "")[:500]

    async def told(who: alias.Pretended) -> alias.Preview:
        asked = alias.AskPreview(community_of(visit), text, dialect, words, name, who)
        seen: alias.Preview = await ask(visit, "alias", alias.PREVIEW, asked, seconds=8)
        return seen

    try:
        # At once, so that pages of others are fetched once for all three.
        previews = await asyncio.gather(*map(told, _PEOPLE))
    except (InvalidInput, Forbidden) as refused:
        return [], refused
    return list(zip(_PEOPLE, previews, strict=True)), None


async def _page(
    visit: Visit,
    entry: int = 0,
    *,
    kind: str = "text",
    problem: ServiceError | None = None,
    typed: Any = None,
    previews: Seen | None = None,
    trouble: ServiceError | None = None,
) -> Any:
    known = await _known(visit, entry, problem)
    moderates = visit.role >= Role.MODERATOR
    dialect: Any = typed.get("dialect", "waddle") if typed is not None else known.dialect if known else "waddle"
    here, steps = community_of(visit), ()
    language = await ask(visit, "alias", alias.LANGUAGE, alias.AskLanguage(here, dialect))
    if known is not None and moderates:
        steps = (await ask(visit, "alias", alias.HISTORY, alias.OwnOf(here, entry))).items
    return await page(
        "own_command", visit, status=problem.status if problem else 200, e=known, kind=known.kind if known else kind,
        problem=problem, typed=typed, previews=previews, trouble=trouble, history=steps, language=language.items,
        channels=await channels_of(visit) if moderates else (), saved="saved" in request.args,
        roles=[(role.word, role.word) for role in Role],
    )  # fmt: skip


async def _known(visit: Visit, entry: int, problem: ServiceError | None) -> alias.CommandView | None:
    """The command as it is saved now."""
    if not entry:
        return None
    if isinstance(problem, Stale) and "current" in problem.details:
        return msgspec.convert(problem.details["current"], alias.CommandView)
    found: alias.CommandView = await ask(visit, "alias", alias.GET, alias.OwnOf(community_of(visit), entry))
    return found
