"""Interleaved rounds: ours and the bare one take turns, so that a machine that drifts drifts for both."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Mapping

type Measure = Callable[[], Awaitable[float]]


async def medians(measures: Mapping[str, Measure], rounds: int = 5) -> dict[str, float]:
    """The median of each, after one round that only warms up."""
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds + 1):
        for name, measure in measures.items():
            value = await measure()
            if number:
                taken[name].append(value)
    return {name: statistics.median(values) for name, values in taken.items()}


def percentile(values: list[float], share: float) -> float:
    """The value that `share` (0.99) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
