"""Numbers for Prometheus: one registry per module, so that many can share a process."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BOUNDS = (*map(str, map(float, _BUCKETS)), "+Inf")


class Counted(Collector):
    """A number that only grows, one for each combination of labels; labels have few values, all of them ours.

    Counting is an addition in a dictionary: everything else is done when somebody reads.
    """

    def __init__(self, name: str, told: str, labels: tuple[str, ...]) -> None:
        self._told = (name, told)
        self._labels = labels
        self._counts: defaultdict[tuple[str, ...], int] = defaultdict(int)

    def add(self, *labels: str) -> None:
        """Count one."""
        self._counts[labels] += 1

    def collect(self) -> Iterator[Metric]:
        """What a reader gets."""
        family = CounterMetricFamily(*self._told, labels=self._labels)
        for labels, count in self._counts.items():
            family.add_metric(labels, count)
        yield family


class Timed(Collector):
    """How long something takes, by labels as above: how often it took up to so many seconds."""

    def __init__(self, name: str, told: str, labels: tuple[str, ...]) -> None:
        self._told = (name, told)
        self._labels = labels
        self._counts: defaultdict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(_BOUNDS))
        self._sums: defaultdict[tuple[str, ...], float] = defaultdict(float)

    def took(self, seconds: float, *labels: str) -> None:
        """Note that it took so long this time."""
        self._counts[labels][bisect_left(_BUCKETS, seconds)] += 1
        self._sums[labels] += seconds

    def collect(self) -> Iterator[Metric]:
        """What a reader gets."""
        family = HistogramMetricFamily(*self._told, labels=self._labels)
        for labels, counts in self._counts.items():
            up_to = list(zip(_BOUNDS, accumulate(counts), strict=True))
            family.add_metric(labels, buckets=up_to, sum_value=self._sums[labels])
        yield family


class Metrics:
    """The numbers that every module keeps; a module makes its own with `counted` and `timed`, or in `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._served = self.counted("waddlebot_operations_total", "Operations by path and outcome.", "path", "outcome")
        self._seconds = self.timed("waddlebot_operation_seconds", "Time per operation.", "path")

    def counted(self, name: str, told: str, *labels: str) -> Counted:
        """A new counter; `told` explains it to operators."""
        counted = Counted(name, told, labels)
        self.registry.register(counted)
        return counted

    def timed(self, name: str, told: str, *labels: str) -> Timed:
        """A new histogram of seconds."""
        timed = Timed(name, told, labels)
        self.registry.register(timed)
        return timed

    def served(self, path: str, outcome: str, seconds: float) -> None:
        """Count one operation; `path` is the declared one, never what somebody typed."""
        self._served.add(path, outcome)
        self._seconds.took(seconds, path)

    def page(self) -> bytes:
        """What `/metrics` answers."""
        return generate_latest(self.registry)
