"""How long a community lets texts and traces be kept: its owners' choice, inside what the operator allows."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from flask_core.database import Tx
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput
from flask_core.operations import Caller


class RetentionChoices(msgspec.Struct, frozen=True):
    """None stands for what the operator set. With 0 hours no text is ever written."""

    message_hours: (
        Annotated[
            int,
            Meta(
                ge=0, le=72, title="Hours that texts are kept",
                description="Empty: as the operator set it. 0: never written; then !nuke and replays find nothing.",
            ),
        ]
        | None
    ) = None  # fmt: skip
    trace_days: (
        Annotated[
            int, Meta(ge=1, title="Days that traces are kept", description="Empty: as the operator set it.")
        ]
        | None
    ) = None  # fmt: skip


class Bounds(msgspec.Struct, frozen=True):
    """The operator's: what holds for communities that chose nothing, and the most that one may choose."""

    message_hours: int = 24
    trace_days: int = 7
    most_message_hours: int = 72
    most_trace_days: int = 30

    def hours(self, chosen: RetentionChoices) -> int:
        """Hours that texts are kept."""
        if chosen.message_hours is None:
            return self.message_hours
        return min(chosen.message_hours, self.most_message_hours)

    def days(self, chosen: RetentionChoices) -> int:
        """Days that traces are kept."""
        return self.trace_days if chosen.trace_days is None else min(chosen.trace_days, self.most_trace_days)

    def check(self, before: RetentionChoices, after: RetentionChoices, caller: Caller) -> None:
        """Raises Forbidden unless an owner changes it, InvalidInput for more than the operator allows."""
        if (before.message_hours, before.trace_days) == (after.message_hours, after.trace_days):
            return
        caller.require(Role.OWNER)
        if (after.message_hours or 0) > self.most_message_hours:
            raise InvalidInput(f"Texts are kept {self.most_message_hours} h at most here.", field="message_hours")
        if (after.trace_days or 0) > self.most_trace_days:
            raise InvalidInput(f"Traces are kept {self.most_trace_days} d at most here.", field="trace_days")


class Retained:
    """Which communities keep no texts; asked for every batch of records, so what was read is remembered a while."""

    def __init__(self, read: Callable[[int], Awaitable[tuple[RetentionChoices, int]]], bounds: Bounds) -> None:
        self._read = read
        self._bounds = bounds

    async def textless(self, communities: Iterable[int]) -> set[int]:
        """Those of the communities whose texts are never written."""
        asked = list(communities)
        chosen = await asyncio.gather(*(self._read(community_id) for community_id in asked))
        return {
            community_id
            for community_id, (choices, _) in zip(asked, chosen, strict=True)
            if self._bounds.hours(choices) <= 0
        }


_document = msgspec.json.Decoder(dict[str, object])


def chosen_by_communities(tx: Tx, bounds: Bounds) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Hours → communities, and days → communities, of those that differ from what the operator set."""
    hours: dict[int, list[int]] = defaultdict(list)
    days: dict[int, list[int]] = defaultdict(list)
    for community_id, text in tx.rows("SELECT community_id, document FROM community_settings"):
        choices = _choices(_document.decode(text))
        if bounds.hours(choices) != bounds.message_hours:
            hours[bounds.hours(choices)].append(community_id)
        if bounds.days(choices) != bounds.trace_days:
            days[bounds.days(choices)].append(community_id)
    return hours, days


def _choices(document: dict[str, object]) -> RetentionChoices:
    known = {name: document.get(name) for name in ("message_hours", "trace_days")}
    try:
        return msgspec.convert(known, RetentionChoices)
    except msgspec.ValidationError:
        # Written under other rules: as if nothing had been chosen.
        return RetentionChoices()
