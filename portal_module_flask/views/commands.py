"""What people can type, and for admins what is different about a command here."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote

from quart import Blueprint, request

from flask_core.contracts import commands, router
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from flask_core.grammar import duration_seconds
from portal_module_flask.pages import ask, blueprint, community_of, go, page, whole
from portal_module_flask.views.settings import channels_of
from portal_module_flask.visits import Visit, door, members

_LIST = "/c/<int:community_id>/commands"
_ONE = f"{_LIST}/<path:command>"
_PLAIN = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?", re.ASCII)


def views() -> Blueprint:
    """Pages under /c/<community>/commands."""
    pages = blueprint("commands")

    @pages.get(_LIST)
    @members(Role.VIEWER)
    async def listed(visit: Visit) -> Any:
        q = request.args.get("q", "")
        found = await _listed(visit, q)
        near = _near(q, await _listed(visit, "")) if q and not found else ""
        return await page("commands", visit, commands=found, q=q, near=near, quote=quote)

    @pages.get(_ONE)
    @members(Role.MODERATOR)
    async def one(visit: Visit, command: str) -> Any:
        return await _page(visit, command)

    @pages.post(_ONE)
    @members(Role.ADMIN)
    async def change(visit: Visit, command: str) -> Any:
        form = await request.form
        try:
            asked = commands.PutCommand(community_of(visit), command, _choice(form), whole(form.get("version", "0")))
            await ask(visit, "router", commands.PUT_COMMAND, asked)
        except ServiceError as problem:
            return await _page(visit, command, problem, form)
        return go(f"/c/{community_of(visit)}/commands/{quote(command, safe='')}?saved=1")

    return pages


async def _listed(visit: Visit, q: str) -> tuple[router.ModuleCommand, ...]:
    asked = router.ListCommands(community_of(visit), Role.OWNER, q=q)
    return tuple((await door().client.call("router", router.COMMANDS, asked)).items)


def _near(q: str, known: tuple[router.ModuleCommand, ...]) -> str:
    """The command that is spelled most like what was looked for, or "" when none is."""
    return next(iter(get_close_matches(q.lstrip("!#")[:50], [one.card.path for one in known], n=1)), "")


def _choice(form: Any) -> commands.CommandChoice:
    role = form.get("role", "")
    member, channel, everywhere = (_seconds(form.get(bucket, "")) for bucket in ("member", "channel", "everywhere"))
    return commands.CommandChoice(
        form.get("rename", ""), Role.named(role) if role else None, member, channel, everywhere,
        tuple(form.getlist("channels")),
    )  # fmt: skip


def _seconds(text: str) -> float | None:
    """`30`, `2.5`, `30s`, `2m`; nothing for what the module declared. Raises InvalidInput."""
    text = text.strip()
    if not text:
        return None
    plain = _PLAIN.fullmatch(text)
    seconds = float(text) if plain else duration_seconds(text)
    if seconds is None or seconds > commands.LONGEST_COOLDOWN:
        raise InvalidInput("A cooldown is written 30s, 5m or 2h, up to 24h.", field="cooldown")
    return float(seconds)


async def _page(visit: Visit, command: str, problem: ServiceError | None = None, typed: Any = None) -> Any:
    known = await ask(visit, "router", commands.COMMAND, commands.CommandOf(community_of(visit), command))
    return await page(
        "command", visit, status=problem.status if problem else 200, known=known, problem=problem, typed=typed,
        channels=await channels_of(visit), saved="saved" in request.args, roles=[role.word for role in Role],
    )  # fmt: skip
