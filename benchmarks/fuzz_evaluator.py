"""Attacks the evaluator of command texts: `python -m benchmarks.fuzz_evaluator [seconds] [seed]`.

Random texts of real and broken variables meet random words. Nothing may raise, run away, become too long, or let a
viewer begin a line. Each attempt has a seed of its own, which is said when one fails: with it alone it fails again.
"""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import sys
import time
from typing import NoReturn

from alias_interaction_module_flask.evaluator.template import Dialect
from alias_interaction_module_flask.tests.any_text import random_text, random_words, try_one
from benchmarks.report import Report

SECONDS = 60.0
_STUCK_AFTER = 10.0
_BROKEN = "a variable failed"


def _stuck(*_: object) -> NoReturn:
    raise TimeoutError("It did not end.")


class Broken(logging.Handler):
    """The evaluator says in the log that a variable raised, and goes on; here that counts."""

    seen = False

    def emit(self, record: logging.LogRecord) -> None:
        self.seen = self.seen or record.msg == _BROKEN


async def attempt(seed: int, broken: Broken) -> str:
    """`said`, `silent` or `refused`; exits with what was tried when something is wrong."""
    chance = random.Random(seed)
    dialect = chance.choice(list(Dialect))
    text, words = random_text(chance, dialect), random_words(chance)
    signal.setitimer(signal.ITIMER_REAL, _STUCK_AFTER)
    try:
        result = await try_one(text, words, dialect, chance)
    except BaseException as wrong:
        sys.exit(f"{wrong!r} (seed {seed}, {dialect}):\n{text!r}\n{words!r}")
    if broken.seen:
        sys.exit(f"A variable raised (seed {seed}, {dialect}):\n{text!r}\n{words!r}")
    return "refused" if result is None else "said" if result.text else "silent"


async def main() -> None:
    """Try for so many seconds, or one seed."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 10**12
    broken, counted = Broken(), {"said": 0, "silent": 0, "refused": 0}
    logging.getLogger("alias_interaction_module_flask").addHandler(broken)
    signal.signal(signal.SIGALRM, _stuck)
    report, tried, end = Report("fuzz_evaluator"), 0, time.monotonic() + seconds
    while time.monotonic() < end or not tried:
        counted[await attempt(seed + tried, broken)] += 1
        tried += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    report.say("seed", seed)
    for name, times in counted.items():
        report.say(f"texts_{name}", times)
    report.write()


if __name__ == "__main__":
    asyncio.run(main())
