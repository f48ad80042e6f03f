"""The weather, from Open-Meteo, which needs no key."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from alias_interaction_module_flask.evaluator.world import Facts
from alias_interaction_module_flask.sources.asking import Asking
from alias_interaction_module_flask.sources.weather_words import CONDITIONS, SHORT_FOR, WINDS

KEPT_SECONDS = 600.0
_NAME = "Open-Meteo"
_CURRENT = "temperature_2m,relative_humidity_2m,weather_code,wind_speed_10m,wind_direction_10m"
_CHOICES = "10"


class _Place(msgspec.Struct, frozen=True):
    name: str
    latitude: float
    longitude: float
    country: str = ""
    country_code: str = ""
    admin1: str = ""

    @property
    def line(self) -> str:
        """`Paris, Texas, United States`."""
        return ", ".join(dict.fromkeys(part for part in (self.name, self.admin1, self.country) if part))

    def fits(self, hints: list[str]) -> int:
        """How many of the hints (`TX`, `usa`) are about this place."""
        about = {part.casefold() for part in (self.country, self.country_code, self.admin1)}
        return sum(hint in about or SHORT_FOR.get(hint, "").casefold() in about for hint in hints)


class _Places(msgspec.Struct, frozen=True):
    results: tuple[_Place, ...] = ()


class _Current(msgspec.Struct, frozen=True):
    temperature_2m: float
    relative_humidity_2m: float
    weather_code: int
    wind_speed_10m: float
    wind_direction_10m: float


class _Forecast(msgspec.Struct, frozen=True):
    current: _Current


@dataclass(frozen=True, slots=True)
class Weather:
    """`places_url` finds places, `url` tells their weather."""

    asking: Asking
    url: str
    places_url: str

    async def at(self, place: str, community_id: int) -> Facts | None:
        """The weather in one line; None for an unknown place. Raises LookupFailed, and UpstreamFailed."""
        asked = " ".join(place.split()).casefold()
        return await self.asking.kept("weather", asked, community_id, KEPT_SECONDS, lambda: self._at(asked))

    async def _at(self, asked: str) -> Facts | None:
        found = await self._place(asked)
        if found is None:
            return None
        about = {
            "latitude": f"{found.latitude}", "longitude": f"{found.longitude}", "current": _CURRENT,
            "temperature_unit": "fahrenheit", "wind_speed_unit": "mph",
        }  # fmt: skip
        told = await self.asking.read(_NAME, f"{self.url}/forecast", _Forecast, about)
        return None if told is None else Facts(f"{found.line}: {_line(told.current)}")

    async def _place(self, asked: str) -> _Place | None:
        """`new york, ny`, and also `london uk`: a name, and hints where it is."""
        name, *hints = [part.strip() for part in asked.split(",") if part.strip()] or [""]
        found = await self._named(name)
        if not found and not hints and " " in name:
            name, _, hint = name.rpartition(" ")
            hints = [hint]
            found = await self._named(name)
        # The service lists the largest ones first, and the first of several maxima is taken.
        return max(found, key=lambda place: place.fits(hints), default=None)

    async def _named(self, name: str) -> tuple[_Place, ...]:
        about = {"name": name, "count": _CHOICES, "language": "en", "format": "json"}
        told = await self.asking.read(_NAME, f"{self.places_url}/search", _Places, about) if name else None
        return told.results if told else ()


def _line(now: _Current) -> str:
    celsius = (now.temperature_2m - 32) * 5 / 9
    wind = WINDS[round(now.wind_direction_10m / 45) % len(WINDS)]
    return (
        f"{CONDITIONS.get(now.weather_code, 'Unknown')}, {_whole(now.temperature_2m)} F ({_whole(celsius)} C),"
        f" wind {wind} {_whole(now.wind_speed_10m)} MPH, humidity {_whole(now.relative_humidity_2m)}%"
    )


def _whole(number: float) -> int:
    return round(number)
