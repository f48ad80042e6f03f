"""Times in words for people."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_core.when_reader import When
from flask_core.when_rules import Recurring


def describe(when: When, now: datetime) -> str:
    """`Fri 13 Mar 20:00 CET (in 2 days 3 h)`, or `every Mon 20:00 CET`."""
    if isinstance(when, Recurring):
        return when.described
    at = when.at.astimezone(when.zone)
    year = f" {at.year}" if at.year != now.astimezone(when.zone).year else ""
    return f"{at:%a} {at.day} {at:%b}{year} {at:%H:%M} {at:%Z} (in {in_words(when.at - now)})"


def in_words(span: timedelta) -> str:
    """The two largest units: `2 days 3 h`, `45 min`, `30 s`."""
    seconds = max(0, round(span.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    parts = [f"{days} day{'' if days == 1 else 's'}" if days else "", f"{hours} h" if hours else ""]
    if not days:
        parts.append(f"{minutes} min" if minutes else "")
    if seconds < 3_600:
        parts.append(f"{seconds % 60} s" if seconds % 60 and minutes < 10 else "")
    return " ".join(part for part in parts if part) or "0 s"
