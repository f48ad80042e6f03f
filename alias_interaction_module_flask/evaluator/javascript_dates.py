"""Dates as JavaScript prints them."""

from __future__ import annotations

from datetime import UTC, datetime


def date_text(at: datetime | None) -> str:
    """`Fri Mar 13 2026 19:00:00 GMT+0000 (UTC)`; "" for none."""
    return "" if at is None else f"{at.astimezone(UTC):%a %b %d %Y %H:%M:%S} GMT+0000 (UTC)"
