"""Times as people write them: `in 2h30m`, `friday 8pm`, `every monday 20:00 until 1 May`.

Pure and anchored: every word must be understood, and nothing is read from a clock or a locale of the machine.
The words are in when_english.py; another language is another table, and its dates are read already.
"""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask_core.when_lines import split
from flask_core.when_reader import DEFAULT_CLOCK, Once, PastError, Reader, When, WhenError
from flask_core.when_rules import Recurring, next_occurrence, recurring
from flask_core.when_told import describe, in_words

__all__ = [
    "Once", "PastError", "Recurring", "When", "WhenError", "describe", "in_words", "next_occurrence", "parse_when",
    "recurring", "split_when",
]  # fmt: skip


def parse_when(
    text: str, *, now: datetime, zone: ZoneInfo, locale: str = "en", default_clock: time = DEFAULT_CLOCK
) -> When:
    """The moment or the rule that `text` means, in the future of `now`; raises WhenError."""
    return Reader(now, zone, locale, default_clock).read(text)


def split_when(
    line: str, *, now: datetime, zone: ZoneInfo, locale: str = "en", default_clock: time = DEFAULT_CLOCK
) -> tuple[When, str]:
    """The time in a reminder's line and the text beside it; raises WhenError when there is no time, or two."""
    return split(Reader(now, zone, locale, default_clock), line)
