"""Reminders: one's own, and for moderators those of each channel."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

from quart import Blueprint, request

from flask_core.contracts import community, memories
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import ask, blueprint, community_of, field, go, page, whole
from portal_module_flask.visits import Visit, members

_HERE = "/c/<int:community_id>/memories/reminders"


def views() -> Blueprint:
    """Pages under /c/<community>/memories/reminders."""
    pages = blueprint("reminders")

    @pages.get(_HERE)
    @members(Role.VIEWER)
    async def show(visit: Visit) -> Any:
        return await _list_page(visit, request.args)

    @pages.post(_HERE)
    @members(Role.VIEWER)
    async def add(visit: Visit) -> Any:
        form = await request.form
        try:
            if "check" in form:
                words = memories.ReadWhen(community_of(visit), form.get("when", ""), form.get("zone", ""))
                read = await ask(visit, "memories", memories.WHEN, words)
                return await _list_page(visit, form, values=form, understood=read)
            asked = memories.AddReminder(
                community_of(visit), form.get("text", ""), form.get("when", ""), form.get("channel", ""),
                "private" in form, form.get("rrule", ""), form.get("clock", ""), form.get("zone", ""),
            )  # fmt: skip
            made = await ask(visit, "memories", memories.REMIND, asked)
        except ServiceError as problem:
            return await _list_page(visit, form, problem, form)
        return _back(visit, form, new=made.number)

    _changes(pages)
    return pages


def _changes(pages: Blueprint) -> None:
    @pages.post(f"{_HERE}/<int:number>")
    @members(Role.VIEWER)
    async def change(visit: Visit, number: int) -> Any:
        form = await request.form
        asked = memories.PatchReminder(
            community_of(visit), number, form.get("text"), form.get("when", ""), form.get("rrule", ""),
            form.get("clock", ""), form.get("zone", ""),
        )  # fmt: skip
        try:
            await ask(visit, "memories", memories.CHANGE_REMINDER, asked)
        except ServiceError as problem:
            return await _list_page(visit, form, problem, form, row=number)
        return _back(visit, form, new=number)

    @pages.post(f"{_HERE}/<int:number>/<act>")
    @members(Role.VIEWER)
    async def act_on(visit: Visit, number: int, act: str) -> Any:
        form = await request.form
        try:
            shown = await _act(visit, number, act)
        except ServiceError as problem:
            return await _list_page(visit, form, problem)
        return _back(visit, {"channel": form.get("channel", "")}, new=shown)


async def _act(visit: Visit, number: int, act: str) -> int:
    """Do it; the number of the reminder that waits from then on, 0 for none."""
    reminder = memories.ReminderOf(community_of(visit), number)
    if act == "cancel":
        await ask(visit, "memories", memories.CANCEL, reminder)
        return 0
    if act == "renew":
        renewed = await ask(visit, "memories", memories.RENEW, reminder)
        return int(renewed.number)
    if act == "snooze":
        asked = memories.SnoozeReminder(reminder.community_id, number, whole(await field("minutes") or "0"))
        later = await ask(visit, "memories", memories.SNOOZE, asked)
        return int(later.number)
    raise InvalidInput("That cannot be done with a reminder.")


def _back(visit: Visit, shown: Any, *, new: int) -> Any:
    """On to the list that a form came from, with the one that it was about at the top."""
    query = {"channel": shown.get("channel", ""), "new": str(new) if new else ""}
    words = urlencode({name: value for name, value in query.items() if value})
    return go(f"/c/{community_of(visit)}/memories/reminders" + (f"?{words}" if words else ""))


async def _list_page(
    visit: Visit,
    shown: Any,
    problem: ServiceError | None = None,
    values: Any = None,
    *,
    row: int = 0,
    understood: memories.Understood | None = None,
) -> Any:
    """The list that `shown` (the address, or a form) names; `values` were typed for `row`, 0 being a new one."""
    state: Literal["waiting", "over"] = "over" if shown.get("state") == "over" else "waiting"
    channels: tuple[community.Channel, ...] = ()
    if visit.role >= Role.MODERATOR:
        known = await ask(visit, "community", community.CHANNELS, community.CommunityId(community_of(visit)))
        channels = known.items
    keys = {channel.key for channel in channels}
    channel = shown.get("channel", "") if shown.get("channel") in keys else ""
    found = await ask(
        visit, "memories", memories.REMINDERS, memories.ListReminders(community_of(visit), channel, state)
    )
    return await page(
        "reminders", visit, status=problem.status if problem else 200, reminders=found.items, channels=channels,
        channel=channel, state=state, problem=problem, values=values or {}, row=row, understood=understood,
        new=shown.get("new", ""),
    )  # fmt: skip
