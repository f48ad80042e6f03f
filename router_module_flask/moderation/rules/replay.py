"""Tries rules on what was written lately, before they bite: who would have been hit last night?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts.rules import Replay, ReplayAnswer, Rule, WouldHit
from flask_core.database import AsyncDAL
from flask_core.datamodels import MessageType, Role
from flask_core.errors import InvalidInput
from router_module_flask.models import role_told
from router_module_flask.moderation.rules.pattern_set import RuleSet
from router_module_flask.moderation.rules.service import Rules
from router_module_flask.moderation.rules.watch import NOT_SAID, within

LONGEST_HOURS = 24
MOST_MESSAGES = 20_000
MOST_SHOWN = 100
_AT_ONCE = 1_000
_SELECT = (
    "SELECT m.event_id, m.occurred_at, t.channel, t.speaker, m.text, m.member_id, t.message_type, t.steps"
    " FROM messages m JOIN traces t ON t.event_id = m.event_id"
    " WHERE m.community_id = ? AND t.outcome <> 'own' AND m.occurred_at > ? AND (m.occurred_at, m.event_id) < (?, ?)"
    " ORDER BY m.occurred_at DESC, m.event_id DESC LIMIT ?"
)
_steps = msgspec.json.Decoder(list[tuple[str, bool, str, float]])


@dataclass(frozen=True, slots=True)
class Written:
    """A message that is still kept; `role` is what its speaker was then."""

    event_id: str
    occurred_at: datetime
    channel: str
    speaker: str
    text: str
    member_id: str
    message_type: str
    role: Role


class RuleReplay:
    """Newest first, a bounded number of messages in pieces, so that chat goes on meanwhile."""

    def __init__(self, database: AsyncDAL, rules: Rules, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._rules = rules
        self._now = now

    async def run(self, asked: Replay) -> ReplayAnswer:
        """Who would have been hit. Labels are not kept with messages, so nobody is exempt by one here."""
        if not 1 <= asked.hours <= LONGEST_HOURS:
            raise InvalidInput(f"Look back 1 to {LONGEST_HOURS} hours.", field="hours")
        tried = await self._rules.sets(asked.community_id, asked.number, asked.draft)
        since, before = self._now() - timedelta(hours=asked.hours), (self._now() + timedelta(hours=1), "")
        hits: list[WouldHit] = []
        people: set[str] = set()
        messages = total = 0
        while messages < MOST_MESSAGES:
            written = await self._before(asked.community_id, since, *before)
            messages += len(written)
            for hit, who in await asyncio.to_thread(_hits, tried, written):
                total += 1
                people.add(who)
                if len(hits) < MOST_SHOWN:
                    hits.append(hit)
            if len(written) < _AT_ONCE:
                return ReplayAnswer(tuple(hits), messages, total, len(people), complete=True)
            before = (written[-1].occurred_at, written[-1].event_id)
        return ReplayAnswer(tuple(hits), messages, total, len(people), complete=False)

    async def _before(self, community_id: int, since: datetime, at: datetime, event_id: str) -> list[Written]:
        rows = await self._database.read(
            lambda tx: tx.rows(_SELECT, community_id, since, at, event_id, _AT_ONCE)
        )  # fmt: skip
        return [_written(row) for row in rows]


def _written(row: tuple[Any, ...]) -> Written:
    event_id, occurred_at, channel, speaker, text, member_id, message_type, steps = row
    role = role_told(_steps.decode(steps))
    return Written(event_id, occurred_at, channel, speaker, text, member_id, message_type, role)


def _hits(tried: RuleSet, written: list[Written]) -> list[tuple[WouldHit, str]]:
    found = []
    for line in written:
        rule = next((rule for rule in tried.matching(line.text) if _concerns(rule, line)), None)
        if rule is not None:
            hit = WouldHit(line.event_id, line.occurred_at, line.channel, line.speaker, line.text, rule.number)
            found.append((hit, line.member_id or line.speaker))
    return found


def _concerns(rule: Rule, line: Written) -> bool:
    exempt = rule.exempt
    if (exempt.role is not None and line.role >= exempt.role) or line.member_id in exempt.members:
        return False
    types = rule.scope.message_types
    said = line.message_type in types if types else MessageType(line.message_type) not in NOT_SAID
    return said and within(rule, line.channel)
