"""The English words of times: units, days, months, zones. Another language is another table."""

from __future__ import annotations

SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}

UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "wk", "week", "weeks"), "w"),
    **dict.fromkeys(("mo", "month", "months"), "mo"),
    **dict.fromkeys(("y", "yr", "year", "years"), "y"),
}

DAYS = {
    name: index
    for index, names in enumerate(
        (
            ("mon", "monday", "mondays"), ("tue", "tues", "tuesday", "tuesdays"), ("wed", "wednesday", "wednesdays"),
            ("thu", "thur", "thurs", "thursday", "thursdays"), ("fri", "friday", "fridays"),
            ("sat", "saturday", "saturdays"), ("sun", "sunday", "sundays"),
        )
    )
    for name in names
}  # fmt: skip

MONTHS = {
    name: index
    for index, names in enumerate(
        (
            ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may",), ("jun", "june"),
            ("jul", "july"), ("aug", "august"), ("sep", "sept", "september"), ("oct", "october"),
            ("nov", "november"), ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip

ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
ONE = frozenset({"a", "an", "one"})
CLOCKS = {"noon": (12, 0), "midnight": (0, 0)}
WEEKDAYS, WEEKEND = "MO,TU,WE,TH,FR", "SA,SU"
RULE_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

ZONES = {
    "utc": "UTC", "gmt": "UTC", "cet": "Europe/Berlin", "cest": "Europe/Berlin", "bst": "Europe/London",
    "est": "America/New_York", "edt": "America/New_York", "cst": "America/Chicago", "cdt": "America/Chicago",
    "mst": "America/Denver", "mdt": "America/Denver", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
}  # fmt: skip

JOINTS = frozenset({"to", "that", ":"})
EXAMPLES = "in 2h30m, tomorrow 18:00, every monday 20:00"
