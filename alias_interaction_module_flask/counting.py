"""Counts, tells how a number changed, and shows it on the overlay where the community wants that."""

from __future__ import annotations

from alias_interaction_module_flask.counters import Counters
from alias_interaction_module_flask.models import Counter
from flask_core.datamodels import Action, Reply, Ticker


async def add(counters: Counters, community_id: int, name: str, change: int) -> Reply:
    """`deaths: 41 → 42.`"""
    after = await counters.add(community_id, name, change)
    return changed(after.value - change, after)


async def set_to(counters: Counters, community_id: int, name: str, value: int) -> Reply:
    """`deaths: 41 → 0.`"""
    known = await counters.find(community_id, name)
    return changed(known.value if known else 0, await counters.set(community_id, name, value))


def changed(before: int, after: Counter) -> Reply:
    """What is said about it, with the overlay's line."""
    return Reply.chat(f"{after.name}: {before} → {after.value}.", *on_screen(after), origin="external")


def on_screen(counter: Counter) -> tuple[Action, ...]:
    """The line on the overlay, for a counter that belongs there."""
    return (Ticker(f"{counter.name}: {counter.value}", 5, 10),) if counter.on_screen else ()
