"""Now, until then, since then."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.dates import Read, read_date, since, until
from alias_interaction_module_flask.evaluator.durations import long_form
from alias_interaction_module_flask.evaluator.moments import written
from alias_interaction_module_flask.evaluator.registry import (
    NIGHTBOT,
    ONLY_NIGHTBOT,
    ONLY_STREAMELEMENTS,
    STREAMELEMENTS,
    WADDLE,
    Family,
)
from alias_interaction_module_flask.evaluator.values import Failed
from alias_interaction_module_flask.evaluator.zones import UTC_ZONE, zone_called, zone_or_utc

family = Family("Time")

_DEFAULT = "MMMM Do YYYY, h:mm:ss a z [GMT]Z"
_HOUR = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_USE = "use 19:00 or 2026-09-20T19:00:00-03:00"


@family.variable("time", dialects=ONLY_NIGHTBOT, usage='[zone] ["format"]')
def now_there(call: Call) -> str:
    """The time in a zone, by a format of moment.js."""
    zone = zone_called(call.text()) if call.text() else zone_or_utc(call.execution.time_zone)
    if zone is None:
        call.fail(f"unknown zone {call.text()[:40]}")
    return written(call.execution.now.astimezone(zone), call.rest(1) or _DEFAULT)


@family.variable("time", dialects=ONLY_STREAMELEMENTS, usage="(written `${time.Europe/Berlin}`)", dotted=True)
def clock_there(call: Call) -> str:
    """The time of day in a zone of the tz database."""
    return _clock(call, call.dotted or call.text())


@family.variable("time", dialects=WADDLE, usage='[zone] ["format"]', dotted=True)
def time_here(call: Call) -> str:
    """The time in a zone, by a format of moment.js; `$(time.Europe/Berlin)` is the time of day alone."""
    return now_there(call) if call.dotted is None else clock_there(call)


@family.variable("time.timezone", dialects=STREAMELEMENTS, usage="zone")
def clock_in(call: Call) -> str:
    """The time of day in a zone of the tz database."""
    return _clock(call, call.text())


def _clock(call: Call, name: str) -> str:
    zone = zone_called(name, abbreviations=False)
    if zone is None:
        raise Failed(f"unknown time zone {name[:60]}")
    return written(call.execution.now.astimezone(zone), "h:mm A" if call.execution.twelve_hours else "HH:mm")


@family.variable("time.until", dialects=STREAMELEMENTS, usage="time")
def time_until(call: Call) -> str:
    """How long until `19:00` (UTC), or until a moment as ISO 8601 writes it."""
    at = _moment(call.rest(), call.execution.now)
    if at is None:
        call.fail(_USE)
    return long_form(call.execution.now, at, UTC_ZONE)


def _moment(text: str, now: datetime) -> datetime | None:
    try:
        if found := _HOUR.fullmatch(text):
            at = now.astimezone(UTC).replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
            return at if at > now else at + timedelta(days=1)
        given = datetime.fromisoformat(text)
        return given.astimezone(UTC) if given.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


@family.variable("countdown", dialects=NIGHTBOT, usage="date", reads="text")
def countdown(call: Call) -> str:
    """How long until a date such as `Dec 25 2026 12:00:00 AM EST`; a time alone is the next one."""
    read = _read(call)
    return long_form(call.execution.now, until(read, call.execution.now), read.zone)


@family.variable("countup", dialects=NIGHTBOT, usage="date", reads="text")
def countup(call: Call) -> str:
    """How long since a date; a time alone is the last one."""
    read = _read(call)
    return long_form(since(read, call.execution.now), call.execution.now, read.zone)


def _read(call: Call) -> Read:
    read = read_date(call.text(), call.execution.now, zone_or_utc(call.execution.time_zone))
    if read is None:
        call.fail("cannot read the date")
    return read
