"""Numbers for Prometheus: one registry per module, so that many can share a process."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The numbers that every module keeps; a module adds its own to `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._served = Counter(
            "waddlebot_operations_total", "Operations by path and outcome.", ("path", "outcome"), registry=self.registry
        )
        self._seconds = Histogram(
            "waddlebot_operation_seconds", "Time per operation.", ("path",), registry=self.registry, buckets=_BUCKETS
        )
        self._by_path: dict[tuple[str, str], tuple[Counter, Histogram]] = {}

    def served(self, path: str, outcome: str, seconds: float) -> None:
        """Count one operation; `path` is the declared one, never what somebody typed."""
        # Looking labels up costs more than counting, and there are few of them.
        known = self._by_path.get((path, outcome))
        if known is None:
            known = (self._served.labels(path, outcome), self._seconds.labels(path))
            self._by_path[path, outcome] = known
        known[0].inc()
        known[1].observe(seconds)

    def page(self) -> bytes:
        """What `/metrics` answers."""
        return generate_latest(self.registry)
