"""Dates in the language of a community that does not write English; read by dateparser, loaded at the first use."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

_MOST_WORDS = 4


def foreign_date(words: list[str], at: int, today: date, locale: str) -> tuple[date, int] | None:
    """`13. märz 2027`, `13 de marzo`, `morgen`: the longest run of words from here that is a day from today on."""
    language = locale.partition("-")[0].partition("_")[0].lower()
    if language == "en":
        return None
    for count in range(min(_MOST_WORDS, len(words) - at), 0, -1):
        found = _read(" ".join(words[at : at + count]), language, today)
        if found is not None:
            return found, at + count
    return None


@lru_cache(maxsize=2_000)
def _read(text: str, language: str, today: date) -> date | None:
    absolute = any(character.isdigit() for character in text)
    if absolute == (" " not in text):
        # A word alone is `morgen`, several are a day with its month; the rest would be guessing.
        return None
    import dateparser  # noqa: PLC0415 - 20 MB that an English community never needs

    try:
        found = dateparser.parse(
            text,
            languages=[language],
            settings={
                "PARSERS": ["absolute-time"] if absolute else ["relative-time"],
                "REQUIRE_PARTS": ["day", "month"] if absolute else [],
                "PREFER_DATES_FROM": "future",
                "DATE_ORDER": "DMY",
                "RELATIVE_BASE": datetime(today.year, today.month, today.day, 12),  # noqa: DTZ001 - a day, no moment
            },
        )
    except ValueError:
        # It does not know the language.
        return None
    midday = found is not None and (found.hour, found.minute) in {(0, 0), (12, 0)}
    return found.date() if found is not None and midday and found.date() >= today else None
