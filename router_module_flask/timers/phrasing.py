"""Timers in chat: what was asked, and the answer in a line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_core.contracts.timers import TimerSettings, TimerView
from flask_core.datamodels import Invocation
from router_module_flask.timers.models import Author
from router_module_flask.timers.rights import author_in_chat
from router_module_flask.timers.service import Timers

_SHOWN = 15


@dataclass(frozen=True, slots=True)
class TimerChat:
    """Answers the commands about timers; `public_url` is the portal's."""

    timers: Timers
    public_url: str

    async def add(self, invocation: Invocation, name: str, every: timedelta, text: str) -> str:
        """A new timer for this channel."""
        command = text.strip() if text.strip().startswith(("!", "#")) else ""
        settings = TimerSettings(
            int(every.total_seconds()), () if command else (text,), command, channels=(invocation.channel.key,)
        )
        return _told(await self.timers.add(invocation.community.id, name, settings, _by(invocation)))

    async def listed(self, community_id: int) -> str:
        """All in short."""
        found = await self.timers.listed(community_id)
        if not found:
            return 'No timers yet. Add one: !timer add discord 15m "Come to our Discord."'
        said = " · ".join(
            f"{one.name} {_time(one.settings.every)}{'' if one.enabled else ' (off)'}" for one in found[:_SHOWN]
        )
        more = f" (+{len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
        return f"{said}{more}: {self.public_url}/c/{community_id}/timers"

    async def switch(self, invocation: Invocation, name: str, *, on: bool) -> str:
        """On or off."""
        timer = await self.timers.change(invocation.community.id, name, _by(invocation), enabled=on)
        return _told(timer) if on else f"Timer {timer.name} is off."

    async def run(self, invocation: Invocation, name: str) -> str:
        """Now."""
        timer = await self.timers.run(invocation.community.id, name, _by(invocation))
        return f"Timer {timer.name} ran."

    async def remove(self, invocation: Invocation, name: str) -> str:
        """Gone."""
        await self.timers.remove(invocation.community.id, name, _by(invocation))
        return f"Timer {name.strip().lower()} is gone."


def _told(timer: TimerView) -> str:
    """`Timer discord: every 15 m, after 5 lines.`"""
    lines = timer.settings.lines
    after = f", after {lines} line{'s' if lines != 1 else ''}" if lines else ""
    return f"Timer {timer.name}: every {_time(timer.settings.every)}{after}."


def _time(seconds: int) -> str:
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    parts = [f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if number]
    return " ".join(parts)


def _by(invocation: Invocation) -> Author:
    return author_in_chat(invocation.member)
