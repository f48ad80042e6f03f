"""What happened lately, for the tile: the last event of each workspace, deliveries that came again, slow answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Histogram

from flask_core.errors import ServiceError
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

_KEPT, _DAY = 7 * 86_400.0, 86_400.0
_EVERY = 5.0
_ECHO_SECONDS = 60.0
TEST_LINE = "This is a test of WaddleBot. Everything works."
_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 5)


class News:
    """Written at most once in five seconds per workspace, so that a busy one costs nothing."""

    def __init__(
        self, shared: SharedState, registry: CollectorRegistry, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shared = shared
        self._clock = clock
        self._written: dict[str, float] = {}
        self._taken = Counter(
            "waddlebot_slack_deliveries_total", "Deliveries of Slack by outcome.", ("outcome",), registry=registry
        )
        self._seconds = Histogram(
            "waddlebot_slack_answer_seconds", "Until a delivery was acknowledged.", registry=registry, buckets=_BUCKETS
        )

    def count(self, outcome: str) -> None:
        """A delivery was taken, repeated, dropped or lost."""
        self._taken.labels(outcome).inc()

    def took(self, seconds: float) -> None:
        """How long a delivery waited for its acknowledgement."""
        self._seconds.observe(seconds)

    async def heard(self, team_id: str) -> None:
        """Something came from a workspace."""
        now = self._clock()
        if self._written.get(team_id, -_EVERY) + _EVERY > now:
            return
        self._written[team_id] = now
        try:
            await self._shared.set(f"slack:heard:{team_id}", f"{time.time():.0f}".encode(), _KEPT)
        except ServiceError as error:
            log.info("the tile does not hear of an event: %s", error.code)

    async def last(self, team_id: str) -> datetime | None:
        """When something came last."""
        kept = await self._shared.get(f"slack:heard:{team_id}")
        return datetime.fromtimestamp(float(kept), UTC) if kept else None

    async def held_back(self, team_id: str, minute: datetime) -> None:
        """Slack left out events of a workspace."""
        await self._shared.set(f"slack:held:{team_id}", f"{minute.timestamp():.0f}".encode(), _DAY)

    async def held_back_at(self, team_id: str) -> datetime | None:
        """Since when Slack left out events lately; None for not within a day."""
        kept = await self._shared.get(f"slack:held:{team_id}")
        return datetime.fromtimestamp(float(kept), UTC) if kept else None

    async def echo(self, team_id: str, ts: str) -> None:
        """Slack told us of our own test line."""
        await self._shared.set(_echo(team_id, ts), b"1", _ECHO_SECONDS)

    async def echoed(self, team_id: str, ts: str) -> bool:
        """Whether it did."""
        return await self._shared.get(_echo(team_id, ts)) is not None

    async def repeated(self) -> None:
        """Slack sent something again."""
        self.count("retried")
        await self._shared.increment("slack:retries", _DAY)

    async def retries(self) -> int:
        """How often that was, lately: within a day of the first."""
        return int(await self._shared.get("slack:retries") or 0)


def _echo(team_id: str, ts: str) -> str:
    return f"slack:echo:{team_id}:{ts}"
