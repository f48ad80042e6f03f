"""The rules of every community as this replica knows them: compiled, a second behind the table at most."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts.rules import TOPIC_RULES
from flask_core.errors import Unavailable
from flask_core.shared_state import SharedState
from router_module_flask.moderation.rules.pattern_set import RuleSet
from router_module_flask.moderation.rules.repository import RuleRepository

log = logging.getLogger(__name__)

REFRESH_SECONDS = 60.0
FLUSH_SECONDS = 1.0
_COMPILED = 2_000


class RuleBook:
    """Which communities have rules is always known; what they say is compiled at their first line."""

    def __init__(
        self,
        rules: RuleRepository,
        shared: SharedState,
        *,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules
        self._shared = shared
        self._now = now
        self._clock = clock
        self._states: dict[int, tuple[int, ...]] | None = None
        self._sets: OrderedDict[int, RuleSet] = OrderedDict()
        self._old: OrderedDict[int, RuleSet] = OrderedDict()
        self._changes = 0
        self._reading = asyncio.Lock()
        self._telling: set[asyncio.Task[None]] = set()
        self._hits: Counter[tuple[int, int]] = Counter()
        self._problems: dict[tuple[int, int], str] = {}

    def idle(self, community_id: int) -> bool:
        """Whether it is known that no rule is on in this community."""
        return self._states is not None and community_id not in self._states

    def known(self, community_id: int) -> RuleSet | None:
        """The rules that are on, when they are compiled."""
        return self._sets.get(community_id)

    async def of(self, community_id: int) -> RuleSet:
        """The rules that are on; older ones while they cannot be read, and Unavailable when there are none."""
        if known := self._sets.get(community_id):
            return known
        async with self._reading:
            if known := self._sets.get(community_id):
                return known
            try:
                return await self._read(community_id)
            except Unavailable:
                if old := self._old.get(community_id):
                    return old
                raise

    async def _read(self, community_id: int) -> RuleSet:
        changes = self._changes
        watching = await self._rules.watching(community_id)
        # Hundreds of patterns take milliseconds, in which chat goes on.
        compiled = await asyncio.to_thread(RuleSet, watching)
        # What was changed meanwhile, or may be rolled back yet, is good for this once.
        if changes == self._changes and not self._rules.uncommitted:
            self._old.pop(community_id, None)
            _remember(self._sets, community_id, compiled)
        for rule in watching:
            if (problem := compiled.problems.get(rule.number, "")) and problem != rule.problem:
                self.mark(community_id, rule.number, problem)
        return compiled

    def changed(self, community_id: int) -> None:
        """As soon as a change of this task is committed: read it at the next line, here and in other replicas."""
        self._rules.after_commit(lambda: self._tell(community_id))

    def _tell(self, community_id: int) -> None:
        self.forget(community_id)
        task = asyncio.create_task(self._publish(community_id))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _publish(self, community_id: int) -> None:
        try:
            await self._shared.publish(TOPIC_RULES, str(community_id).encode())
        except Unavailable as error:
            log.warning("other replicas see a changed rule within a minute only: %s", error.message)

    def forget(self, community_id: int) -> None:
        """Read the rules of a community anew at its next line."""
        self._changes += 1
        if self._states is not None:
            self._states.setdefault(community_id, ())
        self._drop(community_id)

    def _drop(self, community_id: int) -> None:
        if (old := self._sets.pop(community_id, None)) is not None:
            _remember(self._old, community_id, old)

    async def refresh(self) -> None:
        """Look for changes that nobody told us about."""
        changes, states = self._changes, await self._rules.states()
        before = self._states or {}
        if changes == self._changes:
            self._states = states
        for community_id in [known for known in self._sets if states.get(known) != before.get(known)]:
            self._changes += 1
            self._drop(community_id)

    async def listen(self) -> None:
        """For ever: hear what other replicas changed."""
        async with self._shared.subscribe(TOPIC_RULES) as messages:
            await self.refresh()
            async for topic, message in messages:
                if topic:
                    self.forget(int(message))
                else:
                    await self.refresh()

    def hit(self, community_id: int, number: int) -> None:
        """Count a match; counters are added up every second, by every replica."""
        self._hits[community_id, number] += 1

    def mark(self, community_id: int, number: int, problem: str) -> None:
        """Remember what is wrong with a rule, for people to see."""
        self._problems[community_id, number] = problem

    async def keep(self) -> None:
        """For ever: write counters down, and look whether a change was missed."""
        refresh_at = self._clock() + REFRESH_SECONDS
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
                if self._clock() >= refresh_at:
                    await self.refresh()
                    refresh_at = self._clock() + REFRESH_SECONDS
            except Unavailable as error:
                log.warning("rules cannot be kept in step: %s", error.message)

    async def settle(self) -> None:
        """Write down what is left (for a graceful stop); a database that is away loses a second's counts."""
        try:
            await self.flush()
        except Unavailable as error:
            log.warning("hits of rules were not counted: %s", error.message)

    async def flush(self) -> None:
        """Write down what was counted and marked; what cannot be written is kept for the next time."""
        hits, self._hits = self._hits, Counter()
        problems, self._problems = self._problems, {}
        try:
            if hits:
                await self._rules.count(hits, self._now())
                hits = Counter()
            if problems:
                await self._rules.mark(problems)
        except Unavailable:
            self._hits.update(hits)
            self._problems = problems | self._problems
            raise


def _remember(sets: OrderedDict[int, RuleSet], community_id: int, compiled: RuleSet) -> None:
    sets[community_id] = compiled
    sets.move_to_end(community_id)
    if len(sets) > _COMPILED:
        sets.popitem(last=False)
