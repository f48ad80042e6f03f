"""Phrases what `!help`, `!commands`, `!ping`, `!why` and `!module` say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from difflib import get_close_matches

from flask_core.auth import utc_now
from flask_core.contracts.router import ModuleCommand, TraceView
from flask_core.datamodels import Role
from flask_core.errors import NotFound
from router_module_flask.overview import Overview
from router_module_flask.registry import Registry
from router_module_flask.trace_repository import TraceRepository

PER_PAGE = 10
_STARTERS = 3


class Answers:
    """One sentence each, fit for every platform."""

    def __init__(
        self,
        overview: Overview,
        registry: Registry,
        traces: TraceRepository,
        *,
        public_url: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._overview = overview
        self._registry = registry
        self._traces = traces
        self._public_url = public_url
        self._now = now
        self._started = now()

    async def help(self, community_id: int, role: Role, channel: str, wanted: str | None) -> str:
        """Purpose, usage, role and cooldown of a command; alone: where to begin."""
        usable = await self._overview.usable(community_id, role, channel)
        if not wanted:
            others = [known for known in usable if known.module != "router"] or usable
            starters = ", ".join(f"!{known.card.path}" for known in others[:_STARTERS])
            page = f" All of them: {self._public_url}/c/{community_id}/commands" if self._public_url else ""
            return f"Try {starters}. !commands lists what you may use, !help <command> explains one.{page}"
        name = wanted.lower().lstrip("!#")
        everything = await self._overview.usable(community_id, Role.OWNER, channel)
        for known in everything:
            if name in (known.card.path, *known.card.aliases):
                return _explain(known)
        raise NotFound(_did_you_mean(name, everything))

    async def listed(self, community_id: int, role: Role, channel: str, page_or_module: str) -> str:
        """Ten commands a page, or those of one module."""
        usable = await self._overview.usable(community_id, role, channel)
        if not page_or_module.isdigit():
            usable = [known for known in usable if known.module == page_or_module.lower()]
            if not usable:
                raise NotFound(f"No module called {page_or_module[:30]} has commands for you here.")
            return ", ".join(f"!{known.card.path}" for known in usable)
        pages = max(1, -(-len(usable) // PER_PAGE))
        page = min(max(1, int(page_or_module[:6])), pages)
        shown = usable[(page - 1) * PER_PAGE : page * PER_PAGE]
        return f"{', '.join(f'!{known.card.path}' for known in shown)} (page {page}/{pages})"

    def ping(self, typed_at: datetime) -> str:
        """How long the line took to get here, and how long this process has been up."""
        took = max(0, round((self._now() - typed_at).total_seconds() * 1000))
        return f"Pong. {took} ms, up {_span(self._now() - self._started)}."

    async def why(self, community_id: int, channel: str, about: str, message_id: str) -> str:
        """The newest decision, or the one behind a member, an event id or the message replied to."""
        trace = None
        if message_id:
            trace = await self._traces.by_message(community_id, message_id)
        elif ":" in about:
            trace = await self._traces.one(community_id, about)
        else:
            trace = await self._traces.newest_decision(community_id, channel, about)
        if trace is None:
            raise NotFound("Nothing recorded in the last 24 h.")
        link = f" {self._public_url}/c/{community_id}/traces/{trace.event_id}" if self._public_url else ""
        return _story(trace) + link

    async def modules(self, community_id: int, channel: str) -> str:
        """Which modules are on here."""
        switches = await self._registry.switches(community_id)
        said = [f"{name} {'on' if s.channels.get(channel, s.enabled) else 'off'}" for name, s in switches.items()]
        return ", ".join(said)

    async def switch(self, community_id: int, module: str, channel: str, enabled: bool, actor: str) -> str:
        """Switch a module and say so."""
        await self._registry.switch(community_id, module.lower(), channel, enabled, actor)
        return f"{module.lower()} is {'on' if enabled else 'off'}{' in this channel' if channel else ''}."


def _explain(known: ModuleCommand) -> str:
    card = known.card
    needs = f" For {card.role.word}s" if card.role else " For everybody"
    label = f" or members with the label {card.or_label}" if card.or_label else ""
    cooldown = f" Once in {card.cooldowns.member:g} s." if card.cooldowns and card.cooldowns.member else ""
    aliases = f" Also: {', '.join('!' + alias for alias in card.aliases)}." if card.aliases else ""
    return f"{card.usage}: {card.help}{needs}{label}.{cooldown}{aliases}"


def _did_you_mean(name: str, commands: list[ModuleCommand]) -> str:
    near = get_close_matches(name[:50], [known.card.path for known in commands], n=1)
    return (
        f"There is no command of that name. Did you mean !{near[0]}?" if near else "There is no command of that name."
    )


def _story(trace: TraceView) -> str:
    what = f"!{trace.command}" if trace.command else trace.message_type
    who = f" by {trace.speaker}" if trace.speaker else ""
    steps = "; ".join(
        f"{step.name}: {step.said}" for step in trace.steps if step.name != "resolved" or not trace.command
    )
    said = ", ".join(f"{d.kind} {d.state}{' (' + d.reason + ')' if d.reason else ''}" for d in trace.deliveries)
    answered = f". Platform: {said}" if said else ""
    return f"{what}{who}: {steps}{answered}. {trace.total_ms:g} ms."


def _span(time: timedelta) -> str:
    """`3 d 4 h`, `2 h 5 m`, `7 m`, `12 s`: the two largest units."""
    seconds = int(time.total_seconds())
    parts = [
        (seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"),
    ]  # fmt: skip
    first = next((index for index, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"
