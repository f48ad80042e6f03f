"""Numbers as a collector of Prometheus reads them."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from flask_core.metrics import Metrics


def read(metrics: Metrics) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(metrics.page().decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }  # fmt: skip


def test_what_is_counted_is_read_by_its_labels() -> None:
    metrics = Metrics()
    cups = metrics.counted("cups_total", "Cups of tea.", "kind")
    for kind in ("green", "black", "green"):
        cups.add(kind)
    told = read(metrics)
    assert (told["cups_total", "green"], told["cups_total", "black"]) == (2, 1)


def test_times_are_read_as_how_often_they_stayed_below_a_bound() -> None:
    metrics = Metrics()
    steeping = metrics.timed("steeping_seconds", "Until it is ready.", "kind")
    for seconds in (0.001, 0.3, 0.4, 60):
        steeping.took(seconds, "green")
    told = read(metrics)
    bounds = [told["steeping_seconds_bucket", "green", bound] for bound in ("0.001", "0.25", "0.5", "30.0", "+Inf")]
    assert bounds == [1, 1, 3, 3, 4]
    assert (told["steeping_seconds_count", "green"], told["steeping_seconds_sum", "green"]) == (4, 60.701)


def test_operations_are_counted_by_path_and_outcome() -> None:
    metrics = Metrics()
    metrics.served("/api/v1/tea", "done", 0.1)
    metrics.served("/api/v1/tea", "not_found", 0.1)
    told = read(metrics)
    assert told["waddlebot_operations_total", "not_found", "/api/v1/tea"] == 1
    assert told["waddlebot_operation_seconds_count", "/api/v1/tea"] == 2
