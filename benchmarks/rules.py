"""What moderation rules cost: a community with 500 beside one without, and 10,000 patterns beside ten."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from msgspec.structs import replace

from benchmarks.lines import channel_of, line
from benchmarks.report import Report
from benchmarks.rounds import medians
from flask_core.contracts import community, filters, router, rules
from flask_core.contracts.rules import MOST_RULES, Draft, Match, Rule
from flask_core.datamodels import Role
from flask_core.operations import Acting
from flask_core.service_client import ServiceClient
from flask_core.testing.installation import Installation, installation
from router_module_flask.moderation.rules.pattern_set import RuleSet
from router_module_flask.wiring import Router

LINES, AT_ONCE, PEOPLE = 4_000, 100, 800
MATCHED, FEW, MANY = 20_000, 10, 10_000
_FOLDERS = ("router_module_flask", "community_module_flask")
_KINDS: tuple[Match, ...] = ("contains", "word", "word", "wildcard", "regex", "exact")
_COMMON = (
    "good evening everybody how is the stream going today i really like this game what a play nice one see you tomorrow"
    " thanks for the raid that was close again please more music chat is fast tonight welcome back friend"
)
_numbers = count(1)


async def measure(report: Report) -> None:
    """How much of the throughput of plain chat rules cost, and how their cost grows with their number."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"ROUTER_BACKLOG_LIMIT": "100000", "COMMUNITY_MAX_OWNED": "5"}
        async with installation(
            _FOLDERS, f"sqlite://{folder}/town.db", settings=settings, prepare=lambda inst: inst.fake("twitch")
        ) as inst:
            await _settle(inst)
            speed = await medians({"plain": _chat(inst, 1), "watched": _chat(inst, 2)})
            hit = "SELECT count(*) FROM traces WHERE outcome <> 'plain'"
            if await inst.services["router"].database.read(lambda tx: tx.value(hit)):
                raise RuntimeError("ordinary chat was hit")
    for who, value in speed.items():
        report.say(f"chat_lines_per_cpu_s_{who}", value)
    report.say("rule_cost_share", 1 - speed["watched"] / speed["plain"])
    took = await medians({"few": _matching(FEW), "many": _matching(MANY)})
    report.say("rule_cost_growth", took["many"] / took["few"])


async def _settle(inst: Installation) -> None:
    """Two communities with a channel each; the second one has as many rules as one can have, and all filters."""
    portal = inst.fake("portal").client
    ann = Acting("person-ann", datetime.now(UTC), operator=True, role=Role.OWNER, name="Ann")
    twitch: Any = inst.runtime.modules["twitch"]
    for number in (1, 2):
        made = await portal.call("community", community.CREATE, community.CreateCommunity(f"Town {number}"), acting=ann)
        attach = community.AttachChannel(made.id, channel_of(number), f"streamer{number}")
        await twitch.client.call("community", community.ATTACH, attach)
    for draft in drafts(MOST_RULES):
        await portal.call("router", rules.ADD, rules.AddRule(made.id, draft), acting=ann)
    for known in (await portal.call("router", filters.FILTERS, router.CommunityId(made.id), acting=ann)).items:
        # Everybody speaks several times in ten seconds here.
        values = {"messages": 30, "seconds": 2} if known.name == "flood" else {}
        switched = filters.PutFilter(made.id, known.name, known.version, enabled=True, values=values)
        await portal.call("router", filters.PUT_FILTER, switched, acting=ann)


def drafts(many: int) -> list[Draft]:
    """So many live rules of every kind, none of which ordinary chat runs into."""
    chance = random.Random(many)
    kinds = [_KINDS[number % len(_KINDS)] for number in range(many)]
    return [
        Draft(match=kind, pattern=_pattern(kind, chance), actions=(rules.Block(),), dry_run=False) for kind in kinds
    ]


def _pattern(kind: Match, chance: random.Random) -> str:
    words = ["".join(chance.choices("abcdefghijklmnoprstuvwyz", k=chance.randint(5, 10))) + "q" for _ in range(2)]
    joint = {"wildcard": "*", "regex": r"\W+[a-z]*"}.get(kind, " ")
    return joint.join(words)


def _texts(many: int) -> list[str]:
    chance = random.Random(7)
    return [" ".join(chance.choices(_COMMON.split(), k=chance.randint(3, 14))) for _ in range(many)]


def _chat(inst: Installation, channel: int) -> Callable[[], Any]:
    """Lines from the router's door until they are on record, in one channel, per second of this process's processor."""
    client: ServiceClient = inst.runtime.modules["twitch"].client  # type: ignore[attr-defined]
    parts: Router = inst.app("router").extensions["router"]
    texts = _texts(LINES)

    async def one() -> float:
        events = [
            line(next(_numbers) * 2 + channel, text, people=PEOPLE, channels=1, moderator=False) for text in texts
        ]
        # Nobody says the same twice, or it would be no ordinary chat.
        there = [replace(event, channel=channel_of(channel), text=f"{event.text} {event.event_id}") for event in events]
        began = time.process_time()
        for first in range(0, LINES, AT_ONCE):
            await client.call("router", router.INGEST, router.batch_of(there[first : first + AT_ONCE]), timeout=30)
        while (await parts.log.depth())[0]:  # noqa: ASYNC110 - the log tells nobody that it is empty
            # Asking costs time of the same processor, and the slower one would be asked more often.
            await asyncio.sleep(0.1)
        return LINES / (time.process_time() - began)

    return one


def _matching(many: int) -> Callable[[], Any]:
    """Seconds to match lines, of which every hundredth says what a rule looks for."""
    numbered = enumerate(drafts(many), 1)
    fields = Draft.__struct_fields__
    kept = RuleSet([Rule(number=n, version=1, **{f: getattr(draft, f) for f in fields}) for n, draft in numbered])
    sought = next(rule.pattern for rule in kept.by_number.values() if rule.match == "contains")
    lines = [f"{text} {sought}" if n % 100 == 0 else text for n, text in enumerate(_texts(MATCHED))]

    async def one() -> float:
        began = time.perf_counter()
        hits = sum(len(kept.matching(text)) for text in lines)
        took = time.perf_counter() - began
        if hits != MATCHED // 100:
            raise RuntimeError(f"{hits} lines were hit")
        return took

    return one
