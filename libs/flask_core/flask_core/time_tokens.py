"""Times in chat texts: `⟦t:2026-03-13T19:00:00Z⟧`, which every platform shows in its own way."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_TOKEN = re.compile(r"⟦t:([^⟧]{1,40})⟧")


def time_token(at: datetime) -> str:
    """The token of a moment."""
    return f"⟦t:{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}⟧"


def with_times(text: str, time_zone: str) -> str:
    """The text with its times as `Fri 13 Mar 20:00 CET`, for platforms that cannot show each reader their own."""
    return _TOKEN.sub(lambda found: _shown(found[1], time_zone), text) if "⟦t:" in text else text


def _shown(said: str, time_zone: str) -> str:
    try:
        at = datetime.fromisoformat(said).astimezone(ZoneInfo(time_zone))
    except (ValueError, OverflowError, ZoneInfoNotFoundError, OSError):
        return said
    return f"{at:%a} {at.day} {at:%b} {at:%H:%M} {at:%Z}"
