"""The order in which deliveries go out: who comes first, who waits, and who is left out when there is too much."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from flask_core.contracts.module import Priority
from router_module_flask.delivering.rows import Due

AT_ONCE = 50
# So many waiting lines take a platform longer than a timer's line makes sense.
CROWDED = 500


class Lane:
    """What one module has to do: lower priorities first, a channel in one batch at a time."""

    def __init__(self) -> None:
        self.waiting: list[deque[Due]] = [deque() for _ in range(4)]
        self.busy: set[str] = set()
        self.senders = 0

    @property
    def crowded(self) -> bool:
        """Whether so much waits that timers are left out."""
        return sum(map(len, self.waiting)) >= CROWDED

    def put(self, due: Due) -> None:
        """Behind whatever has the same priority."""
        self.waiting[min(max(due.delivery.priority, 0), 3)].append(due)

    def take(self) -> list[Due]:
        """Up to a batch from channels that no other sender is busy with."""
        taken: list[Due] = []
        for queue in self.waiting:
            skipped: list[Due] = []
            while queue and len(taken) < AT_ONCE:
                due = queue.popleft()
                (skipped if due.delivery.channel in self.busy else taken).append(due)
            queue.extendleft(reversed(skipped))
        self.busy.update(due.delivery.channel for due in taken)
        return taken

    def free(self, batch: Sequence[Due]) -> None:
        """Others may be busy with these channels again."""
        self.busy.difference_update(due.delivery.channel for due in batch)


class Holds:
    """Channels in which something has to be tried again: what comes after it waits as long, or it would overtake."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, int], datetime] = {}

    def hold(self, due: Due, until: datetime, now: datetime) -> None:
        """Nothing of this priority is said in its channel before `until`."""
        if len(self._until) > 1_000:
            self._until = {place: end for place, end in self._until.items() if end > now}
        self._until[_place(due)] = max(until, self._until.get(_place(due), until))

    def until(self, due: Due, now: datetime) -> datetime | None:
        """When this one may be said, or None for now."""
        until = self._until.get(_place(due))
        return until if until is not None and until > now else None


def _place(due: Due) -> tuple[str, int]:
    return due.delivery.channel, due.delivery.priority


def urgent(due: Due) -> bool:
    """Moderation and roles have senders of their own, so that no chat holds them up."""
    return due.delivery.priority == Priority.MODERATION


def expendable(due: Due) -> bool:
    """Timers are the first to be left out."""
    return due.delivery.priority >= Priority.TIMER
