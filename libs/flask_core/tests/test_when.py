"""Times as people write them: every text is a time in the future or a sentence about what was not understood."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flask_core.errors import InvalidInput
from flask_core.when import (
    Once,
    PastError,
    Recurring,
    WhenError,
    describe,
    in_words,
    next_occurrence,
    parse_when,
    recurring,
    split_when,
)
from flask_core.when_english import CLOCKS, DAYS, MONTHS, ORDINALS, UNITS, ZONES

NOW = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)  # a Wednesday, 18:00 in Berlin
BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str, *, now: datetime = NOW, zone: ZoneInfo = BERLIN, locale: str = "en") -> Once | Recurring:
    return parse_when(text, now=now, zone=zone, locale=locale)


def told(text: str, **options: str) -> str:
    return describe(read(text, **options), NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("in 2h30m", "Wed 11 Mar 20:30 CET (in 2 h 30 min)"),
        ("1 hour and 30 minutes", "Wed 11 Mar 19:30 CET (in 1 h 30 min)"),
        ("half an hour", "Wed 11 Mar 18:30 CET (in 30 min)"),
        ("in a week", "Wed 18 Mar 18:00 CET (in 7 days)"),
        ("in 1.5 hours", "Wed 11 Mar 19:30 CET (in 1 h 30 min)"),
        ("in 1 month", "Sat 11 Apr 18:00 CEST (in 30 days 23 h)"),
        ("6:30pm", "Wed 11 Mar 18:30 CET (in 30 min)"),
        ("9am", "Thu 12 Mar 09:00 CET (in 15 h)"),
        ("at 9", "Thu 12 Mar 09:00 CET (in 15 h)"),
        ("noon", "Thu 12 Mar 12:00 CET (in 18 h)"),
        ("tomorrow", "Thu 12 Mar 09:00 CET (in 15 h)"),
        ("tomorrow 18.30", "Thu 12 Mar 18:30 CET (in 1 day)"),
        ("tonight", "Wed 11 Mar 20:00 CET (in 2 h)"),
        ("tonight at 9", "Wed 11 Mar 21:00 CET (in 3 h)"),
        ("tonight at 1", "Thu 12 Mar 01:00 CET (in 7 h)"),
        ("tonight at 12", "Thu 12 Mar 00:00 CET (in 6 h)"),
        ("friday 8pm", "Fri 13 Mar 20:00 CET (in 2 days 2 h)"),
        ("8pm on friday", "Fri 13 Mar 20:00 CET (in 2 days 2 h)"),
        ("wednesday 17:00", "Wed 18 Mar 17:00 CET (in 6 days 23 h)"),
        ("next wednesday", "Wed 18 Mar 09:00 CET (in 6 days 15 h)"),
        ("1 may 2026 10am", "Fri 1 May 10:00 CEST (in 50 days 15 h)"),
        ("may 1st", "Fri 1 May 09:00 CEST (in 50 days 14 h)"),
        ("1 march", "Mon 1 Mar 2027 09:00 CET (in 354 days 15 h)"),
        ("29 feb", "Tue 29 Feb 2028 09:00 CET (in 719 days 15 h)"),
        ("24.12.", "Thu 24 Dec 09:00 CET (in 287 days 15 h)"),
        ("3/4", "Fri 3 Apr 09:00 CEST (in 22 days 14 h)"),
        ("3/13", "Fri 13 Mar 09:00 CET (in 1 day 15 h)"),
        ("2026-05-01 10:00", "Fri 1 May 10:00 CEST (in 50 days 15 h)"),
        ("2026-05-01T10:00Z", "Fri 1 May 12:00 CEST (in 50 days 17 h)"),
        ("tomorrow 9 pst", "Thu 12 Mar 09:00 PDT (in 23 h)"),
        ("8pm europe/london", "Wed 11 Mar 20:00 GMT (in 3 h)"),
        ("every monday 20:00", "every Mon 20:00 CET"),
        ("every mon and thu at 8pm", "every Mon, Thu 20:00 CET"),
        ("every weekday 7:30", "every weekday 07:30 CET"),
        ("every 2 weeks", "every 2 weeks 09:00 CET"),
        ("every first monday of the month", "every first Mon 09:00 CEST"),
        ("every month on the 31st", "every month on day 31 09:00 CEST"),
        ("every month on the last friday 9:00", "every last Fri 09:00 CET"),
        ("every 90 minutes", "every 90 minutes"),
        ("every hour", "every hour"),
        ("every day until 1 may", "every day 09:00 CET"),
        ("every day 3 times", "every day 09:00 CET"),
        ("every year", "every year 09:00 CET"),
    ],
)
def test_times_as_people_write_them(text: str, said: str) -> None:
    assert told(text) == said


@pytest.mark.parametrize(
    ("text", "locale", "said"),
    [
        ("3/4", "en-US", "Thu 4 Mar 2027 09:00 CET (in 357 days 15 h)"),
        ("13. mai 2026", "de", "Wed 13 May 09:00 CEST (in 62 days 14 h)"),
        ("morgen 18:00", "de-DE", "Thu 12 Mar 18:00 CET (in 1 day)"),
        ("13 de marzo", "es", "Fri 13 Mar 09:00 CET (in 1 day 15 h)"),
        ("tomorrow", "xx", "Thu 12 Mar 09:00 CET (in 15 h)"),
    ],
)
def test_days_in_the_language_of_the_community(text: str, locale: str, said: str) -> None:
    assert told(text, locale=locale) == said


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0), ("   ", 0), ("soon", 0), ("in", 2), ("in a moment", 3), ("tomorrow please", 9), ("at noonish", 3),
        ("25:00", 0), ("13pm", 0), ("31 feb", 0), ("every", 0), ("every now", 6), ("every 10 seconds", 6),
        ("every monday until whenever", 19), ("every day 0 times", 10), ("every month on the 32nd", 19),
        ("on the weekend", 3), ("half a month", 0), ("every 999 years", 10), ("x" * 1_001, 0),
    ],
)  # fmt: skip
def test_what_is_no_time_is_pointed_at(text: str, position: int) -> None:
    with pytest.raises(WhenError) as refused:
        read(text)
    assert refused.value.details == {"position": position}


@pytest.mark.parametrize("text", ["today 9:00", "2020-01-01", "2020-01-01T00:00Z"])
def test_what_is_over_is_said_to_be_over(text: str) -> None:
    with pytest.raises(PastError, match="is over already"):
        read(text)


@pytest.mark.parametrize("text", ["9999-12-31T23:59Z", "in 9000 years", "9999-12-31T23:59-12:00"])
def test_the_end_of_the_calendar_is_a_refusal(text: str) -> None:
    with pytest.raises(WhenError, match="further ahead than calendars go"):
        read(text)


@pytest.mark.parametrize(
    ("line", "said", "text"),
    [
        ("in 2h stretch", "Wed 11 Mar 20:00 CET (in 2 h)", "stretch"),
        ("to stretch in 2h", "Wed 11 Mar 20:00 CET (in 2 h)", "stretch"),
        ("tomorrow 9am: to call Ann", "Thu 12 Mar 09:00 CET (in 15 h)", "call Ann"),
        ('in 2h "see you tomorrow"', "Wed 11 Mar 20:00 CET (in 2 h)", "see you tomorrow"),
        ('in 2h "tomorrow"', "Wed 11 Mar 20:00 CET (in 2 h)", "tomorrow"),
        ('"tomorrow" in 2h', "Wed 11 Mar 20:00 CET (in 2 h)", "tomorrow"),
        ("in 2h", "Wed 11 Mar 20:00 CET (in 2 h)", ""),
        ("every monday 20:00 stream", "every Mon 20:00 CET", "stream"),
    ],
)
def test_a_line_falls_into_time_and_text(line: str, said: str, text: str) -> None:
    when, rest = split_when(line, now=NOW, zone=BERLIN)
    assert (describe(when, NOW), rest) == (said, text)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("in 2h meet me tomorrow", "I see two times"),
        ("stretch a little", 'I don\'t understand "stretch a little"'),
        ("yesterday was fine 2020-01-01", "is over already"),
        ("", "I don't understand"),
    ],
)
def test_a_line_without_one_time_hears_why(line: str, sentence: str) -> None:
    with pytest.raises(WhenError, match=sentence):
        split_when(line, now=NOW, zone=BERLIN)


WORDS = st.sampled_from([
    "in", "every", "at", "on", "next", "until", "times", "and", "half", "the", "of", "month", "today", "tonight",
    "tomorrow", "am", "pm", "weekday", "weekend", "1", "2.5", "31", "31st", "999999", "٣", "²", "24:00", "23:59",
    "00:00", "0001-01-01", "9999-12-31", "2026-03-29", "9999-12-31t23:59z", "29", "30.", "31.12.9999", "13/13",
    "1h30m", "999999y", "europe/berlin", "etc/gmt+12", "pacific/kiritimati", '"', "«x»", "morgen", "märz", "demain",
    *list(UNITS)[::4], *list(DAYS)[::4], *list(MONTHS)[::4], *ORDINALS, *CLOCKS, *list(ZONES)[::3],
])  # fmt: skip
TEXTS = st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=60)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
HOMES = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Etc/GMT+12"]).map(ZoneInfo)


@settings(max_examples=400)
@given(TEXTS, MOMENTS, HOMES, st.sampled_from(["en", "en-US", "de", "fr", "xx", ""]))
def test_every_text_is_a_time_ahead_or_a_refusal(text: str, now: datetime, zone: ZoneInfo, locale: str) -> None:
    try:
        when = read(text, now=now, zone=zone, locale=locale)
    except WhenError:
        return
    first = when.first if isinstance(when, Recurring) else when.at
    assert first > now
    assert describe(when, now)


@settings(max_examples=150)
@given(st.lists(WORDS | st.text(max_size=8), max_size=12).map(" ".join), MOMENTS, HOMES)
def test_every_line_has_a_time_and_a_text_or_is_refused(line: str, now: datetime, zone: ZoneInfo) -> None:
    try:
        when, text = split_when(line, now=now, zone=zone)
    except WhenError:
        return
    assert (when.first if isinstance(when, Recurring) else when.at) > now
    assert len(text) <= len(line)


PARTS = st.one_of(
    st.builds("FREQ={}".format, st.sampled_from(["MINUTELY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "SECONDLY"])),
    st.builds("INTERVAL={}".format, st.integers(-1, 1_000)),
    st.builds("COUNT={}".format, st.integers(-1, 1_000)),
    st.builds("BYMONTHDAY={}".format, st.integers(-40, 40)),
    st.builds("BYSETPOS={}".format, st.integers(-6, 6)),
    st.builds("BYDAY={}{}".format, st.sampled_from(["", "1", "-1", "5", "9"]), st.sampled_from(["MO", "SU", "XX"])),
    st.builds("UNTIL={}".format, st.sampled_from(["20270101T000000Z", "99999999T999999Z", "20200101T000000Z", "x"])),
    st.text(max_size=12),
)


@settings(max_examples=300)
@example("FREQ=MONTHLY;INTERVAL=8;BYDAY=MO", datetime(2024, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
@example("FREQ=WEEKLY;INTERVAL=8;BYDAY=MO,TU", datetime(2024, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
@given(st.lists(PARTS, min_size=1, max_size=5).map(";".join), MOMENTS, HOMES)
def test_every_rule_comes_again_or_is_refused(rule: str, now: datetime, zone: ZoneInfo) -> None:
    try:
        found = recurring(rule, wall=time(9), zone=zone, now=now)
    except InvalidInput:
        return
    assert found.first > now
    assert found.described.startswith("every ")
    later = next_occurrence(found.rule, wall=found.wall, zone=zone, after=found.first, start=now)
    # A change of the clocks may bring two mornings an hour nearer.
    assert later is None or later - found.first >= found.shortest - timedelta(hours=1)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("FREQ=MONTHLY;BYSETPOS=5", "never comes again"),
        ("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2", "never comes again"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY cannot be used"),
        ("FREQ=MONTHLY;BYMONTHDAY=99", "BYMONTHDAY cannot be used"),
        ("FREQ=WEEKLY;BYDAY=5MO", "Only a month has a first"),
        ("FREQ=DAILY;BYDAY=MO;INTERVAL=14", "FREQ=WEEKLY"),
        ("FREQ=YEARLY;BYDAY=MO", "takes only such days"),
        ("FREQ=DAILY;UNTIL=20200101T000000Z", "never comes again"),
        ("FREQ=DAILY;UNTIL=99999999T999999Z", "no rule of RFC 5545"),
        ("", "An empty part"),
    ],
)
def test_rules_that_make_no_sense_are_refused(rule: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        recurring(rule, wall=time(9), zone=BERLIN, now=NOW)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("rrule:freq=weekly;byday=mo", "every Mon 09:00 CET"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "every weekday 09:00 CET"),
        ("FREQ=MONTHLY;BYMONTHDAY=13", "every month on day 13 09:00 CET"),
        ("FREQ=HOURLY;INTERVAL=2", "every 2 hours"),
    ],
)
def test_rules_of_a_form_are_told_in_words(rule: str, said: str) -> None:
    assert recurring(rule, wall=time(9), zone=BERLIN, now=NOW).described == said


def test_nine_stays_nine_when_the_clocks_change() -> None:
    rule = recurring("FREQ=DAILY;COUNT=3", wall=time(9), zone=BERLIN, now=datetime(2026, 3, 27, 12, tzinfo=UTC))
    start, moment, seen = datetime(2026, 3, 27, 12, tzinfo=UTC), rule.first, [rule.first]
    while after := next_occurrence(rule.rule, wall=rule.wall, zone=BERLIN, after=moment, start=start):
        seen.append(moment := after)
    assert [f"{at:%d %H:%M}" for at in seen] == ["28 08:00", "29 07:00", "30 07:00"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (-5, "0 s"), (30, "30 s"), (90, "1 min 30 s"), (2_700, "45 min"), (86_400, "1 day"),
     (183_600, "2 days 3 h")],
)  # fmt: skip
def test_spans_are_told_by_their_two_largest_units(seconds: int, said: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == said
