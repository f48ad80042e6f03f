"""`make outages`: the way to Twitch is lost for a minute, five times; which replies got lost, what was said twice?"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos_counting import fate, traced
from benchmarks.report import Report
from benchmarks.town import Town, town
from flask_core.testing.cable import Cable
from flask_core.testing.fake_twitch import FakeUser, chat_message

SECONDS, OUTAGES, BETWEEN = (
    float(os.environ.get(name, usual))
    for name, usual in (("OUTAGE_SECONDS", "60"), ("OUTAGES", "5"), ("BETWEEN", "20"))
)
_CHANNELS, _EVERY = 3, 0.5
_PARTS = ("router", "twitch", "memories", "community")
_REPLICAS = 2
_BY_RULE = ("delivery_unknown", "delivery_expired")
"""Said, and nobody knows whether it arrived; or for a minute there was no way to say it."""


@dataclass
class Outage:
    """`ended` on the loop's clock."""

    kind: str
    ended: float = 0.0


@dataclass
class Viewers:
    """A command every half second; `lines` is when each was written, `answered` when Twitch first had the answer."""

    made: Town
    lines: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)

    async def write_on(self) -> None:
        """For ever, whatever happens meanwhile; each time somebody else, whom no cooldown stops."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as people:
            for number in range(1_000_000):
                await asyncio.sleep(max(0.0, began + number * _EVERY - time.monotonic()))
                channel = self.made.channels[number % len(self.made.channels)]
                event = chat_message(channel, FakeUser(str(500_000 + number), f"viewer{number}"), "!quote 1")
                self.lines[event["message_id"]] = asyncio.get_running_loop().time()
                people.create_task(self.made.twitch.notify("channel.chat.message", event))

    def heard(self, line: dict[str, Any]) -> None:
        """The bot said something."""
        self.answered.setdefault(line.get("reply_parent_message_id", ""), asyncio.get_running_loop().time())


async def pull(cable: Cable) -> list[Outage]:
    """Again and again, both kinds in turn, with time to come back in between."""
    outages: list[Outage] = []
    for number in range(int(OUTAGES)):
        await asyncio.sleep(BETWEEN)
        hangs = bool(number % 2)
        outages.append(Outage("silent" if hangs else "refused"))
        await (cable.hang() if hangs else cable.cut())
        await asyncio.sleep(SECONDS)
        cable.back()
        outages[-1].ended = asyncio.get_running_loop().time()
    await asyncio.sleep(BETWEEN)
    return outages


async def measure(report: Report) -> None:
    """Lose the way, come back, count."""
    cable = Cable()
    settings = {"TWITCH_TRANSPORT": "conduit", "TWITCH_SEND_BUDGET": "1000"}
    async with town(_PARTS, {"twitch": _REPLICAS}, cable=cable, **settings) as made:
        await made.connect(_CHANNELS)
        viewers = Viewers(made)
        made.twitch.echoes, made.twitch.on_said = True, viewers.heard
        writing = asyncio.create_task(viewers.write_on())
        outages = await pull(cable)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await made.router_is_idle()
        await count(report, made, viewers, outages)


async def count(report: Report, made: Town, viewers: Viewers, outages: list[Outage]) -> None:
    """What arrived has a trace; of these each shall have one answer at Twitch."""
    traces = await traced(made)
    found = {one: traces.get(f"twitch:chat:{one}") for one in viewers.lines}
    arrived = {one: trace for one, trace in found.items() if trace is not None and trace.outcome != "late"}
    answers = Counter(line.get("reply_parent_message_id", "") for line in made.twitch.said)
    silent = Counter(fate(trace) for one, trace in arrived.items() if not answers[one])
    states = Counter(delivery.state for trace in arrived.values() for delivery in trace.deliveries)
    report.say("outages", len(outages))
    report.say("seconds_per_outage", SECONDS)
    report.say("lines_sent", len(viewers.lines))
    report.say("lines_late", sum(trace is not None and trace.outcome == "late" for trace in found.values()))
    report.say("lines_arrived", len(arrived))
    report.say("replies_said", sum(bool(answers[one]) for one in arrived))
    report.say("replies_lost", sum(times for why, times in silent.items() if why not in _BY_RULE))
    report.say("replies_repeated", sum(times > 1 for times in answers.values()))
    report.say("replies_unknown", silent["delivery_unknown"])
    report.say("replies_expired", silent["delivery_expired"])
    report.say("deliveries_unknown", states["unknown"])
    for why, times in silent.items():
        if why not in _BY_RULE:
            report.say(f"lost_because_{why}", times)
    for number, outage in enumerate(outages, 1):
        later = {one: at - outage.ended for one, at in viewers.lines.items() if at >= outage.ended and one in arrived}
        said = [viewers.answered[one] - outage.ended for one in later if answers[one]]
        report.say(f"outage_{number}", outage.kind)
        report.say(f"seconds_until_reading_again_{number}", min(later.values(), default="never"))
        report.say(f"seconds_until_answering_again_{number}", min(said, default="never"))


async def main() -> None:
    """OUTAGE_SECONDS, OUTAGES and BETWEEN make a shorter run."""
    report = Report("outages")
    await measure(report)
    report.write()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
