"""Many messages at once: what would be hit, then do it, then take it back if need be."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, cast, get_args

from quart import Blueprint, request

from flask_core.contracts import community
from flask_core.contracts import nukes as contract
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import ask, blueprint, community_of, go, page, whole
from portal_module_flask.visits import Visit, members

_HERE = "/c/<int:community_id>/moderation/nukes"
_BACK = ((60, "1 minute"), (300, "5 minutes"), (900, "15 minutes"), (3_600, "1 hour"), (86_400, "1 day"))
_TIMEOUTS = ((60, "1 minute"), (600, "10 minutes"), (3_600, "1 hour"), (86_400, "1 day"), (604_800, "7 days"))
_LONG = 15.0


def views() -> Blueprint:
    """/c/<community>/moderation/nukes."""
    pages = blueprint("nukes")

    @pages.get(_HERE)
    @members(Role.MODERATOR)
    async def show(visit: Visit) -> Any:
        return await _page(visit)

    @pages.post(_HERE)
    @members(Role.MODERATOR)
    async def make(visit: Visit) -> Any:
        form = await request.form
        try:
            asked = _asked(visit, form)
            made = await ask(visit, "router", contract.NUKE, asked, seconds=_LONG)
        except ServiceError as problem:
            return await _page(visit, form, problem)
        if asked.dry_run:
            return await _page(visit, form, preview=made)
        return go(f"/c/{community_of(visit)}/moderation/nukes?made={made.number}")

    @pages.post(f"{_HERE}/<int:number>/undo")
    @members(Role.MODERATOR)
    async def undo(visit: Visit, number: int) -> Any:
        asked = contract.NukeOf(community_of(visit), number)
        try:
            undone = await ask(visit, "router", contract.UNDO, asked, seconds=_LONG)
        except ServiceError as problem:
            return await _page(visit, problem=problem)
        words = f"undone={number}&lifted={undone.lifted}&left={undone.left}"
        return go(f"/c/{community_of(visit)}/moderation/nukes?{words}")

    return pages


def _asked(visit: Visit, form: Any) -> contract.MakeNuke:
    """What the form means; without `sure` a preview."""
    kind, act = form.get("kind", "text"), form.get("act", "timeout")
    if kind not in get_args(contract.NukeKind) or act not in get_args(contract.NukeAct):
        raise InvalidInput("This form cannot be read. Load the page again.")
    return contract.MakeNuke(
        community_of(visit), cast(contract.NukeKind, kind), form.get("words", "").strip(),
        whole(form.get("back", "300")), cast(contract.NukeAct, act), whole(form.get("seconds", "600")),
        form.get("channel", ""), "sure" not in form, form.get("key", "")[:64],
    )  # fmt: skip


async def _page(
    visit: Visit, form: Any = None, problem: ServiceError | None = None, preview: contract.Nuke | None = None
) -> Any:
    here = community_of(visit)
    made, channels = await asyncio.gather(
        ask(visit, "router", contract.NUKES, contract.ListNukes(here)),
        ask(visit, "community", community.CHANNELS, community.CommunityId(here)),
    )
    args = {name: whole(request.args.get(name, "0")) for name in ("made", "undone", "lifted", "left")}
    return await page(
        "nukes", visit, status=problem.status if problem else 200, nukes=made.items, channels=channels.items,
        values=form or {}, problem=problem, preview=preview, key=secrets.token_hex(16), back=_BACK, timeouts=_TIMEOUTS,
        args=args,
    )  # fmt: skip
