"""Phrases what `!help`, `!commands`, `!ping`, `!why` and `!module` say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from difflib import get_close_matches

from flask_core.auth import utc_now
from flask_core.contracts.router import ModuleCommand, TraceView
from flask_core.datamodels import Cooldowns, GivenMember, MemberRef
from flask_core.errors import NotFound
from router_module_flask.customs.switches import Switches
from router_module_flask.introductions.directory import ALWAYS_ON
from router_module_flask.overview import Overview
from router_module_flask.trace_repository import TraceRepository

PER_PAGE = 10
_STARTERS = 3
_LATELY = timedelta(hours=24)


class Answers:
    """One sentence each, fit for every platform."""

    def __init__(
        self,
        overview: Overview,
        switches: Switches,
        traces: TraceRepository,
        *,
        public_url: str,
        default_cooldown: float = 0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._overview = overview
        self._switches = switches
        self._traces = traces
        self._public_url = public_url
        self._cooldown = Cooldowns(member=default_cooldown)
        self._now = now
        self._started = now()

    async def starters(self, member: MemberRef, community_id: int, channel: str) -> str:
        """Three commands to begin with, and where all of them are explained."""
        usable = await self._overview.usable_by(member, community_id, channel)
        starters = ", ".join(known.typed for known in _most_telling(usable)[:_STARTERS])
        page = f" All of them: {self._public_url}/c/{community_id}/commands" if self._public_url else ""
        return f"Try {starters}. !commands lists what you may use, !help <command> explains one.{page}"

    async def help(self, community_id: int, channel: str, wanted: str) -> str:
        """Purpose, usage, role and cooldown of a command."""
        name = " ".join(wanted.lower().lstrip("!#").split())
        everything = await self._overview.here(community_id, channel)
        for known in everything:
            if name in (known.typed[1:], known.card.path, *known.card.aliases):
                return self._explain(known)
        raise NotFound(_did_you_mean(name, {known.typed[1:]: known.typed for known in everything}))

    def _explain(self, known: ModuleCommand) -> str:
        card = known.card
        needs = f" For {card.role.word}s" if card.role else " For everybody"
        label = f" or members with the label {card.or_label}" if card.or_label else ""
        only = f" On {' and '.join(card.platforms)} only." if card.platforms else ""
        prefix = known.typed[0]
        aliases = f" Also: {', '.join(prefix + alias for alias in card.aliases)}." if card.aliases else ""
        return f"{card.usage}: {card.help}{needs}{label}.{only}{_waits(card.cooldowns or self._cooldown)}{aliases}"

    async def listed(self, member: MemberRef, community_id: int, channel: str, module: str, page: int) -> str:
        """Ten commands a page, of one module if it is named."""
        usable = await self._overview.usable_by(member, community_id, channel)
        if module:
            usable = [known for known in usable if known.module == module.lower()]
            if not usable:
                raise NotFound(f"No module called {module[:30]} has commands for you here.")
        pages = max(1, -(-len(usable) // PER_PAGE))
        page = min(max(1, page), pages)
        shown = usable[(page - 1) * PER_PAGE : page * PER_PAGE]
        which = f" (page {page}/{pages})" if pages > 1 or not module else ""
        return f"{', '.join(known.typed for known in shown)}{which}"

    def ping(self, typed_at: datetime) -> str:
        """How long the line took to get here, and how long this process has been up."""
        took = max(0, round((self._now() - typed_at).total_seconds() * 1000))
        return f"Pong. {took} ms, up {_span(self._now() - self._started)}."

    async def why(self, community_id: int, channel: str, about: GivenMember | None, message_id: str) -> str:
        """The newest decision, or the one behind a member, an event id or the message replied to."""
        trace = None
        if message_id:
            trace = await self._traces.by_message(community_id, message_id)
        elif about is not None and ":" in about.name:
            trace = await self._traces.one(community_id, about.name)
        else:
            since = self._now() - _LATELY
            trace = await self._traces.newest_decision(community_id, channel, about, since)
        if trace is None:
            raise NotFound("Nothing recorded in the last 24 h.")
        link = f" {self._public_url}/c/{community_id}/traces/{trace.event_id}" if self._public_url else ""
        return _story(trace) + link

    async def modules(self, community_id: int, channel: str) -> str:
        """Which modules are on here."""
        switches = await self._switches.of(community_id)
        said = [f"{name} {'on' if s.channels.get(channel, s.enabled) else 'off'}" for name, s in switches.items()]
        return ", ".join(said)

    async def switch(self, community_id: int, module: str, channel: str, *, on: bool, here: bool, by: str) -> str:
        """Switch a module in a channel (`here`) or everywhere, and say so."""
        name = module.lower()
        state = await self._switches.switch(community_id, name, on, channel=channel if here else "", by=by)
        word = "on" if on else "off"
        if here:
            return f"{name} is {word} in this channel."
        if state.channels.get(channel, on) != on:
            return f"{name} is {word}, but stays {'off' if on else 'on'} in this channel: !module {word} {name} here"
        return f"{name} is {word}."


def _most_telling(usable: list[ModuleCommand]) -> list[ModuleCommand]:
    """What a community switched on before what is everywhere, and one command of each module before its next."""
    nth: Counter[str] = Counter()
    ranked = []
    for known in usable:
        ranked.append((known.module in ALWAYS_ON, nth[known.module], known.card.path, known))
        nth[known.module] += 1
    return [known for *_, known in sorted(ranked, key=lambda rank: rank[:3])]


def _waits(cooldowns: Cooldowns) -> str:
    waits = [
        f"{seconds:g} s {for_whom}"
        for seconds, for_whom in (
            (cooldowns.member, "per member"), (cooldowns.channel, "per channel"), (cooldowns.everywhere, "everywhere"),
        )
        if seconds
    ]  # fmt: skip
    return f" Once in {', in '.join(waits)}." if waits else ""


def _did_you_mean(name: str, commands: dict[str, str]) -> str:
    near = get_close_matches(name[:50], commands, n=1)
    return f"There is no command of that name.{f' Did you mean {commands[near[0]]}?' if near else ''}"


def _story(trace: TraceView) -> str:
    what = f"!{trace.command}" if trace.command else trace.message_type
    who = f" by {trace.speaker}" if trace.speaker else ""
    steps = "; ".join(_steps(trace))
    said = ", ".join(f"{d.kind} {d.state}{' (' + d.reason + ')' if d.reason else ''}" for d in trace.deliveries)
    answered = f". Platform: {said}" if said else ""
    return f"{what}{who}: {steps}{answered}. {trace.total_ms:g} ms."


def _steps(trace: TraceView) -> Iterator[str]:
    """One clause per step; what a module did is told with the time that it took."""
    before = 0.0
    for step in trace.steps:
        ran = step.name == "module" or (trace.outcome == "heard" and step.name != "resolved")
        took = f" in {(step.ms or 0) - before:.0f} ms" if ran else ""
        if step.name != "resolved" or not trace.command:
            yield f"{step.name}: {step.said.rstrip('.')}{took}"
        before = step.ms or 0


def _span(time: timedelta) -> str:
    """`3 d 4 h`, `2 h 5 m`, `7 m`, `12 s`: the two largest units."""
    seconds = int(time.total_seconds())
    parts = [
        (seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"),
    ]  # fmt: skip
    first = next((index for index, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"
