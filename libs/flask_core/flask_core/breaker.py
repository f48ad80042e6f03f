"""Stops asking somebody who keeps failing, and tries again with one question after a while."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Literal


class Breaker:
    """Closed until `failures` happen `within` seconds; then open for `probe_after` seconds.

    After that one question goes through; its outcome closes the breaker or opens it again. A probe
    nobody reports on is given up after another `probe_after`.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        within: float = 30,
        probe_after: float = 15,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failed_at: deque[float] = deque(maxlen=failures)
        self._failures = failures
        self._within = within
        self._probe_after = probe_after
        self._clock = clock
        self._open_until: float | None = None
        self._probing = False

    @property
    def state(self) -> Literal["closed", "open", "probing"]:
        """As the router's list of modules shows it."""
        if self._open_until is None:
            return "closed"
        return "probing" if self._probing else "open"

    def allows(self) -> bool:
        """Whether to ask now; a True while open is the probe, whose outcome must be reported."""
        if self._open_until is None:
            return True
        now = self._clock()
        if now < self._open_until:
            return False
        self._probing = True
        self._open_until = now + self._probe_after
        return True

    @property
    def wait(self) -> float:
        """Seconds until the next question goes through; 0.0 when one may now."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - self._clock())

    def succeeded(self) -> None:
        """An answer came, even one that refuses."""
        self._failed_at.clear()
        self._open_until = None
        self._probing = False

    def failed(self, *, probe_after: float | None = None) -> None:
        """No answer came, or one that says that nobody is there; `probe_after` when it is cheap to ask sooner."""
        now = self._clock()
        self._failed_at.append(now)
        many = len(self._failed_at) == self._failures and now - self._failed_at[0] <= self._within
        if self._probing or many:
            self._open_until = now + (self._probe_after if probe_after is None else probe_after)
            self._probing = False
