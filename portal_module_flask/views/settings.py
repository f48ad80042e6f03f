"""Forms for what a module lets a community's admins choose."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, request

from flask_core.contracts import community, module, router
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.forms import document_from, fields_of, names_channels
from portal_module_flask.pages import ask, blueprint, community_of, go, page, whole
from portal_module_flask.visits import Visit, door, members

_CHAT = "/c/<int:community_id>/settings/chat"
_MODULE = "/c/<int:community_id>/modules/<name>"
_CHAT_WORDS = {
    "title": "Chat settings",
    "lead": "How the bot behaves in all chats of this community. What is changed holds from the next line on.",
}


def views() -> Blueprint:
    """`/c/<community>/modules/<name>` and, for the router's own choices, `/c/<community>/settings/chat`."""
    pages = blueprint("settings")

    @pages.get(_CHAT)
    @members(Role.ADMIN)
    async def chat(visit: Visit) -> Any:
        return await _form(visit, "router", words=_CHAT_WORDS)

    @pages.post(_CHAT)
    @members(Role.ADMIN)
    async def save_chat(visit: Visit) -> Any:
        return await _save(visit, "router", "settings/chat", _CHAT_WORDS)

    @pages.get(_MODULE)
    @members(Role.ADMIN)
    async def settings(visit: Visit, name: str) -> Any:
        return await _form(visit, name)

    @pages.post(_MODULE)
    @members(Role.ADMIN)
    async def save_settings(visit: Visit, name: str) -> Any:
        return await _save(visit, name, f"modules/{name}", {})

    return pages


async def _save(visit: Visit, name: str, path: str, words: dict[str, str]) -> Any:
    known = await _module(name)
    form = await request.form
    try:
        document = document_from(known.manifest.settings_schema, form)
        asked = module.PutSettings(community_of(visit), document, whole(form.get("version", "0")))
        await ask(visit, name, module.PUT_SETTINGS, asked)
    except ServiceError as problem:
        return await _form(visit, name, problem, form, words)
    return go(f"/c/{community_of(visit)}/{path}?saved=1")


async def _form(
    visit: Visit, name: str, problem: ServiceError | None = None, typed: Any = None, words: dict[str, str] | None = None
) -> Any:
    known = await _module(name)
    schema = known.manifest.settings_schema
    settings, fields = None, []
    if schema:
        settings = await ask(visit, name, module.GET_SETTINGS, module.CommunityOnly(community_of(visit)))
        channels = await channels_of(visit) if names_channels(schema) else ()
        fields = fields_of(schema, settings.document, typed, channels)
    return await page(
        "module", visit, status=problem.status if problem else 200, known=known, settings=settings, fields=fields,
        problem=problem, saved="saved" in request.args, **(words or {}),
    )  # fmt: skip


async def channels_of(visit: Visit) -> tuple[tuple[str, str], ...]:
    """The community's channels, as key and words."""
    known = await ask(visit, "community", community.CHANNELS, community.CommunityId(community_of(visit)))
    return tuple((one.key, f"{one.name} ({one.key.partition(':')[0]})" if one.name else one.key) for one in known.items)


async def _module(name: str) -> router.ModuleState:
    known = await door().client.call("router", router.MODULES, router.Nothing())
    for state in known.items:
        if state.manifest.name == name:
            return state
    raise InvalidInput(f"No module is called {name[:40]}.")
