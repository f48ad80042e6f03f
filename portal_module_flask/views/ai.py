"""The AI: whether it answers, what it costs, one's own talk with it, and what admins choose."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, request

from flask_core.contracts import ai
from flask_core.datamodels import Role
from flask_core.errors import ServiceError
from portal_module_flask import ai_forms
from portal_module_flask.pages import ask, asked_page, blueprint, community_of, field, go, page, whole
from portal_module_flask.visits import Visit, members

_HERE = "/c/<int:community_id>/ai"
_MODEL_SECONDS = 30.0


def views() -> Blueprint:
    """Pages under /c/<community>/ai."""
    pages = blueprint("ai")

    @pages.get(_HERE)
    @members(Role.VIEWER)
    async def show(visit: Visit) -> Any:
        if visit.role < Role.MODERATOR:
            return await _talk(visit)
        here = community_of(visit)
        return await page(
            "ai", visit, health=await ask(visit, "ai", ai.STATUS, ai.OfCommunity(here)),
            usage=await ask(visit, "ai", ai.USAGE, ai.UsageOf(here)),
            answers=await ask(visit, "ai", ai.ANSWERS, ai.AnswersOf(here, page=asked_page())),
        )  # fmt: skip

    @pages.get(f"{_HERE}/talk")
    @members(Role.VIEWER)
    async def talk(visit: Visit) -> Any:
        return await _talk(visit)

    @pages.post(f"{_HERE}/talk/forget")
    @members(Role.VIEWER)
    async def forget(visit: Visit) -> Any:
        await ask(visit, "ai", ai.FORGET, ai.OfCommunity(community_of(visit)))
        return go(f"/c/{community_of(visit)}/ai/talk")

    _settings(pages)
    return pages


def _settings(pages: Blueprint) -> None:
    @pages.get(f"{_HERE}/settings")
    @members(Role.ADMIN)
    async def settings(visit: Visit) -> Any:
        return await _settings_page(visit)

    @pages.post(f"{_HERE}/settings")
    @members(Role.ADMIN)
    async def save(visit: Visit) -> Any:
        form = await request.form
        try:
            now = await ask(visit, "ai", ai.CONFIG, ai.OfCommunity(community_of(visit)))
            document = ai_forms.document_from(form, now.document)
            key = "" if "forget_key" in form else form.get("api_key", "").strip() or None
            asked = ai.PutConfig(community_of(visit), document, whole(form.get("version", "")), key)
            await ask(visit, "ai", ai.PUT_CONFIG, asked)
        except ServiceError as problem:
            return await _settings_page(visit, problem, form)
        return go(f"/c/{community_of(visit)}/ai/settings?saved=1")

    @pages.post(f"{_HERE}/test")
    @members(Role.ADMIN)
    async def test(visit: Visit) -> Any:
        text = await field("text")
        try:
            asked = ai.Try(community_of(visit), text, await field("as_role") or "viewer")
            tried = await ask(visit, "ai", ai.TEST, asked, seconds=_MODEL_SECONDS)
        except ServiceError as problem:
            return await _settings_page(visit, problem, text=text)
        return await _settings_page(visit, tried=tried, text=text)


async def _talk(visit: Visit) -> Any:
    own = await ask(visit, "ai", ai.CONVERSATION, ai.OfCommunity(community_of(visit)))
    return await page("ai_talk", visit, turns=own.turns)


async def _settings_page(
    visit: Visit,
    problem: ServiceError | None = None,
    typed: Any = None,
    *,
    tried: ai.Tried | None = None,
    text: str = "",
) -> Any:
    here = ai.OfCommunity(community_of(visit))
    config = await ask(visit, "ai", ai.CONFIG, here)
    values = _typed(typed, config.document) if typed is not None else config.document
    return await page(
        "ai_settings", visit, status=problem.status if problem else 200, config=config, values=values, problem=problem,
        saved="saved" in request.args, tried=tried, question=text, providers=await _providers(visit, here),
        events=ai_forms.event_values(values["triggers"]), event_words=ai_forms.EVENTS, counted=ai_forms.COUNTED,
        kinds=ai_forms.KINDS, roles=ai_forms.ROLES,
    )  # fmt: skip


def _typed(form: Any, saved: dict[str, Any]) -> dict[str, Any]:
    """What the fields show after a refusal: what was typed, as far as it can be shown."""
    try:
        return ai_forms.document_from(form, saved)
    except ServiceError:
        return saved


async def _providers(visit: Visit, here: ai.OfCommunity) -> tuple[ai.ProviderView, ...]:
    """Looking takes seconds where nobody answers; the page does without then."""
    try:
        found: ai.ProviderList = await ask(visit, "ai", ai.PROVIDERS, here, seconds=7)
    except ServiceError:
        return ()
    return found.items
