"""Times as they are written and read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alias_interaction_module_flask.evaluator.dates import read_date, until
from alias_interaction_module_flask.evaluator.durations import long_form, short_form
from alias_interaction_module_flask.evaluator.moments import written
from alias_interaction_module_flask.evaluator.zones import zone_called

_AT = datetime(2026, 3, 1, 4, 5, 6, 123_456, tzinfo=UTC).astimezone(ZoneInfo("America/New_York"))
_NOW = datetime(2026, 3, 13, 21, 15, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("YYYY YY Y", "2026 26 2026"), ("Q Qo M Mo MM MMM MMMM", "1 1st 2 2nd 02 Feb February"),
        ("D Do DD DDD DDDo DDDD", "28 28th 28 59 59th 059"), ("d do dd ddd dddd e E", "6 6th Sa Sat Saturday 6 6"),
        ("w wo ww gggg gg", "9 9th 09 2026 26"), ("W Wo WW GGGG GG", "9 9th 09 2026 26"),
        ("H HH h hh k kk", "23 23 11 11 23 23"), ("m mm s ss", "5 05 6 06"), ("S SS SSS SSSSSS", "1 12 123 123456"),
        ("A a Z ZZ z zz", "PM pm -05:00 -0500 EST EST"), ("X x", "1772337906 1772337906123"),
        ("LT | LTS | L | l", "11:05 PM | 11:05:06 PM | 02/28/2026 | 2/28/2026"), ("LL", "February 28, 2026"),
        ("LLL", "February 28, 2026 11:05 PM"), ("LLLL", "Saturday, February 28, 2026 11:05 PM"),
        ("ll lll", "Feb 28, 2026 Feb 28, 2026 11:05 PM"), ("llll", "Sat, Feb 28, 2026 11:05 PM"),
        ("[at] HH[h] ] [ c", "at 23h ] [ c"), ("", ""),
    ],
)  # fmt: skip
def test_every_token(layout: str, text: str) -> None:
    assert written(_AT, layout) == text


@pytest.mark.parametrize(
    ("at", "layout", "text"),
    [
        (datetime(2026, 12, 31, 0, 0, tzinfo=UTC), "w gggg W GGGG k h a", "1 2027 53 2026 24 12 am"),
        (datetime(2027, 1, 1, 12, 0, tzinfo=UTC), "w gggg W GGGG h a Do", "1 2027 53 2026 12 pm 1st"),
        (datetime(2026, 5, 11, 12, 0, tzinfo=UTC), "Do DDDo", "11th 131st"),
        (datetime(2026, 5, 22, 12, 0, tzinfo=ZoneInfo("Asia/Dubai")), "Do z", "22nd UTC+04"),
    ],
)
def test_the_odd_ends_of_the_calendar(at: datetime, layout: str, text: str) -> None:
    assert written(at, layout) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Dec 25 2015 12:00:00 AM EST", "2015-12-25T05:00:00"), ("December 25, 2015 1:30 pm", "2015-12-25T12:30:00"),
        ("12 25 2015 12:00:00 PM EST", "2015-12-25T17:00:00"), ("03 04 2027", "2027-03-03T23:00:00"),
        ("3/4/2027 5:06", "2027-03-04T04:06:00"), ("2026-09-20 19:00", "2026-09-20T17:00:00"),
        ("2026-09-20T19:00:00-03:00", "2026-09-20T22:00:00"), ("2026-09-20T19:00:30Z", "2026-09-20T19:00:30"),
        ("2026-09-20", "2026-09-19T22:00:00"), ("2026-09-20 19:00 US/Eastern", "2026-09-20T23:00:00"),
        ("25th December 2026 9am PST", "2026-12-25T17:00:00"),
        ("Friday, 25 Dec 2026 at 9:00 CEST", "2026-12-25T07:00:00"),
        ("9:30 PM", "2026-03-14T20:30:00"), ("22:00 UTC", "2026-03-13T22:00:00"),
        ("21:00 GMT+1", "2026-03-14T20:00:00"),
        ("2024-02-29 0:00 UTC", "2024-02-29T00:00:00"), ("2026-03-29 02:30 Europe/Berlin", "2026-03-29T01:30:00"),
    ],
)  # fmt: skip
def test_dates_as_people_write_them(text: str, moment: str) -> None:
    read = read_date(text, _NOW, ZoneInfo("Europe/Berlin"))
    assert read is not None
    assert until(read, _NOW).astimezone(UTC).isoformat() == f"{moment}+00:00"


@pytest.mark.parametrize(
    "text",
    ["", "soon", "Dec 2026", "2026-02-30", "13 13 2026", "25:00", "2026-09-20 13:00 PM", "2026-09-20 Nowhere/Zone", "7",
     "0000-01-01", "12:61", "2026-09-20 19:00 +99:00", "9999-12-31 23:59 -12:00", "٢٠٢٦-٠١-٠١", "1" * 5_000],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert read_date(text, _NOW, UTC) is None


@pytest.mark.parametrize(
    ("begin", "end", "told"),
    [
        ("2026-03-13T00:00:00", "2026-03-15T05:01:09", "2 days 5 hours 1 minute 9 seconds"),
        ("2024-01-31T00:00:00", "2024-03-01T00:00:00", "1 month 1 day"),
        ("2024-02-29T00:00:00", "2025-02-27T00:00:00", "11 months 29 days"),
        ("2024-02-29T12:00:00", "2026-03-01T12:00:00", "2 years 1 day"),
        ("2026-03-28T12:00:00", "2026-03-29T12:00:00", "1 day 1 hour"),
        ("2026-01-01T00:00:00", "2026-01-01T00:00:00", "0 seconds"),
        ("2026-01-02T00:00:00", "2026-01-01T00:00:00", "0 seconds"),
    ],
)
def test_spans_are_told_by_the_calendar(begin: str, end: str, told: str) -> None:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (begin, end))
    assert long_form(first, last, ZoneInfo("Europe/Berlin")) == told


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0s"), (9, "9s"), (795, "13m 15s"), (86_401, "1d 1s"), (7_380, "2h 3m"), (-5, "0s")]
)
def test_short_spans_have_two_units(seconds: int, told: str) -> None:
    assert short_form(timedelta(seconds=seconds)) == told


def test_zones_have_many_names() -> None:
    assert [str(zone_called(name)) for name in ("europe/berlin", "US/Eastern", "EST", "GB")] == [
        "Europe/Berlin", "US/Eastern", "EST", "GB",
    ]  # fmt: skip
    assert datetime(2026, 7, 1, tzinfo=zone_called("CET")).utcoffset() == timedelta(hours=1)
    assert zone_called("IST") is not None
    assert zone_called("IST", abbreviations=False) is None
    assert zone_called("../etc/passwd") is None
