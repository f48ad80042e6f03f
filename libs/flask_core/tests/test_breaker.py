"""A breaker leaves alone whoever keeps failing, and finds out when they are back."""

from __future__ import annotations

import pytest

from flask_core.breaker import Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=3, within=30, probe_after=15, clock=clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed()


def test_a_few_failures_change_nothing(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert breaker.allows()
    assert (breaker.state, breaker.wait) == ("closed", 0.0)


def test_many_failures_in_a_short_time_open_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    assert not breaker.allows()
    clock.now += 5
    assert (breaker.state, breaker.wait) == ("open", 10.0)


def test_failures_far_apart_do_not_open_it(breaker: Breaker, clock: Clock) -> None:
    for _ in range(10):
        breaker.failed()
        clock.now += 16
        assert breaker.allows()


def test_a_success_forgets_the_failures_before_it(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert breaker.allows()


def test_one_probe_goes_through_and_its_success_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 15
    assert [breaker.allows(), breaker.allows()] == [True, False]
    assert breaker.state == "probing"
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows()] == [True, True]


def test_a_failed_probe_opens_it_again_at_once(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 15
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    assert breaker.state == "open"
    clock.now += 15
    assert breaker.allows()


def test_a_probe_that_nobody_reports_on_does_not_block_for_ever(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 15
    assert breaker.allows()
    clock.now += 15
    assert breaker.allows()
