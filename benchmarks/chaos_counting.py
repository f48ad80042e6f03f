"""After `make chaos`: what was sent, what is missing, what was said twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from benchmarks.report import Report
from benchmarks.town import Town, module_of
from flask_core.contracts import browser_source, router
from flask_core.testing.fake_twitch_sockets import Session

_LISTED = 100
_HANGS_UP = 1.0


class Killed(NamedTuple):
    """Who was killed, and when on the loop's clock."""

    name: str
    at: float


async def traced(made: Town) -> dict[str, router.TraceView]:
    """Everything that the router recorded, by event."""
    client, found, before = made.client("portal"), {}, ""
    while True:
        asked = router.ListTraces(made.community_id, limit=_LISTED, before=before)
        page = (await client.call("router", router.TRACES, asked, timeout=30)).items
        found.update({trace.event_id: trace for trace in page})
        if len(page) < _LISTED:
            return found
        before = page[-1].event_id


async def count(
    report: Report,
    made: Town,
    lines: Mapping[str, str],
    raids: Mapping[str, str],
    told: Mapping[str, tuple[Session, float]],
    killed: list[Killed],
) -> None:
    """Everything, against what Twitch told to whom.

    What Twitch wrote to a replica that was killed before it could hand it on died with it: nobody at Twitch
    knows, and no way of reading WebSockets brings it back. It is counted for itself, with how long it was held.
    """
    traces = await traced(made)
    shown = await shown_alerts(made)
    answers = Counter(line["reply_parent_message_id"] for line in made.twitch.said if "reply_parent_message_id" in line)
    missing = [told_as for told_as, line in lines.items() if f"twitch:chat:{line}" not in traces]
    missing += [told_as for told_as, login in raids.items() if not shown[login]]
    held = {one: _held(told[one], killed) for one in missing if one in told}
    died = {one: seconds for one, seconds in held.items() if seconds is not None}
    report.say("events_sent", len(lines) + len(raids))
    report.say("events_no_shard_took", len(lines) + len(raids) - len(told))
    report.say("events_lost", len(missing) - len(died))
    report.say("events_that_died_with_their_reader", len(died))
    report.say("longest_held_by_who_died_s", max(died.values(), default=0.0))
    report.say("replies_said", len(answers))
    report.say("replies_duplicated", sum(times > 1 for times in answers.values()))
    report.say("alerts_duplicated", sum(times > 1 for times in shown.values()))
    silent = [line for told_as, line in lines.items() if not answers[line] and told_as not in died]
    report.say("replies_never_said", len(silent))
    _explain(report, (told[one][1] for one in missing if one in told and one not in died), killed)
    for outcome, times in Counter(fate(traces.get(f"twitch:chat:{one}")) for one in silent).items():
        report.say(f"never_said_because_{outcome}", times)


def _held(told: tuple[Session, float], killed: list[Killed]) -> float | None:
    """How long somebody had it who was killed with it; None for somebody who lived on."""
    session, at = told
    for one in killed:
        if module_of(one.name) == "twitch" and at <= one.at + _HANGS_UP and 0 <= session.ended_at - one.at < _HANGS_UP:
            return max(0.0, one.at - at)
    return None


def _explain(report: Report, lost: Iterable[float], killed: list[Killed]) -> None:
    for name, times in Counter(_next_killed(at, killed) for at in lost).items():
        report.say(f"lost_before_kill_of_{name}", times)


def fate(trace: router.TraceView | None) -> str:
    """Why a line got no answer: the outcome of its trace, or the state of its delivery."""
    if trace is None:
        return "lost"
    states = [delivery.state for delivery in trace.deliveries]
    return f"delivery_{states[0]}" if states else trace.outcome


def _next_killed(at: float, killed: list[Killed]) -> str:
    """Who was killed next after an event had been told: most likely who had it."""
    return next((one.name for one in killed if one.at >= at), "nobody")


async def shown_alerts(made: Town) -> Counter[str]:
    """How many alerts each raider got."""
    asked = browser_source.ListItems(made.community_id, lane="alerts")
    items = await made.client("portal").call("browser_source", browser_source.ITEMS, asked, acting=made.owner)
    return Counter(word for item in items.items for word in item.said.split() if word.startswith("viewer"))
