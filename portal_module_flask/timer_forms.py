"""Timers as forms show them, and out of the forms that come back; and a picture of the next hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.contracts.timers import TimerSettings, TimerView
from flask_core.errors import InvalidInput

_HOUR = 60


@dataclass(frozen=True, slots=True)
class Coming:
    """What a timer may say within the hour: `minutes` from now."""

    name: str
    minutes: tuple[int, ...]


def settings_from(form: Any) -> TimerSettings:
    """The settings that a form means; raises InvalidInput for what is no number or no choice."""
    told: dict[str, Any] = {
        "every": _seconds(form, "every", "Every"),
        "offline_every": _seconds(form, "offline_every", "While offline"),
        "lines": _number(form, "lines", "Lines"),
        "lines_within": _seconds(form, "lines_within", "Within"),
        "texts": [line for line in form.get("texts", "").splitlines() if line.strip()],
        "channels": form.getlist("channels"),
    }
    words = ("command", "order", "stream", "category", "title", "style", "color")
    told |= {name: form[name] for name in words if name in form}
    try:
        return msgspec.convert(told, TimerSettings)
    except msgspec.ValidationError:
        raise InvalidInput("This form cannot be read. Load the page again.") from None


def values_of(settings: TimerSettings) -> dict[str, Any]:
    """What the fields of a form show for these settings."""
    return {
        **msgspec.structs.asdict(settings),
        "every": settings.every // 60,
        "offline_every": settings.offline_every // 60 or "",
        "lines_within": settings.lines_within // 60 or "",
        "texts": "\n".join(settings.texts),
    }


def typed_values(form: Any) -> dict[str, Any]:
    """What the fields show after a refusal: what was typed."""
    return {**form, "channels": form.getlist("channels")}


def next_hour(timers: Iterable[TimerView], now: datetime) -> list[Coming]:
    """Those that may speak within an hour, soonest first; later turns are reckoned by the interval."""
    found = [Coming(timer.name, minutes) for timer in timers if (minutes := _minutes(timer, now))]
    return sorted(found, key=lambda coming: coming.minutes)


def next_at(timer: TimerView) -> datetime | None:
    """When it may speak next, in whichever channel."""
    return min((place.next_at for place in timer.places if place.next_at is not None), default=None)


def _minutes(timer: TimerView, now: datetime) -> tuple[int, ...]:
    at = next_at(timer)
    if at is None:
        return ()
    return tuple(range(max(0, (at - now) // timedelta(minutes=1)), _HOUR + 1, timer.settings.every // 60))


def soon(at: datetime, now: datetime) -> str:
    """`in 4 min`, `in 3 h`."""
    minutes = max(0, round((at - now).total_seconds() / 60))
    return f"in {minutes} min" if minutes < 2 * _HOUR else f"in {round(minutes / _HOUR)} h"


def _seconds(form: Any, name: str, label: str) -> int:
    return _number(form, name, label) * 60


def _number(form: Any, name: str, label: str) -> int:
    text = form.get(name, "").strip()
    if not text:
        return 0
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise InvalidInput(f"{label}: write a whole number.", field=name)
    return int(text)
