"""Open-Meteo, Last.fm, Steam and Riot on loopback, as far as texts ask them; all know Grace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from alias_interaction_module_flask.config import SourceAddresses, SourceKeys
from alias_interaction_module_flask.sources.asking import PER_MINUTE, Asking
from alias_interaction_module_flask.sources.sources import Sources
from flask_core.http_client import HttpClient
from flask_core.shared_memory import MemoryState
from flask_core.testing.loopback import on_loopback

KEYS = SourceKeys("lastfm-key", "steam-key", "riot-key")
GRACE_ID = "76561197960287930"
PLACES = [
    {"id": 1, "name": "London", "latitude": 51.5, "longitude": -0.1, "country_code": "GB", "admin1": "England",
     "country": "United Kingdom", "population": 8_961_989},
    {"id": 2, "name": "London", "latitude": 43.0, "longitude": -81.2, "country_code": "CA", "admin1": "Ontario",
     "country": "Canada", "population": 346_765},
    {"id": 3, "name": "Singapore", "latitude": 1.3, "longitude": 103.9, "country_code": "SG", "country": "Singapore"},
]  # fmt: skip

type Handler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass
class Outside:
    """`sources` ask here; `failures` are statuses said before anything else; `asked` are paths with what was asked."""

    sources: Sources
    now: dict[str, Any] = field(
        default_factory=lambda: {
            "time": "2026-03-13T21:15", "interval": 900, "temperature_2m": 50.2, "relative_humidity_2m": 40,
            "weather_code": 0, "wind_speed_10m": 5.4, "wind_direction_10m": 315,
        }
    )  # fmt: skip
    tracks: Any = None
    player: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def count(self, path: str) -> int:
        """How often a page was asked for whose path ends so."""
        return sum(one.endswith(path) for one, _ in self.asked)

    def app(self) -> web.Application:
        """All four."""
        app = web.Application(middlewares=[self._refusing()])
        app.add_routes([
            web.get("/places/search", self._search), web.get("/weather/forecast", self._forecast),
            web.get("/lastfm/2.0/", self._recent), web.get("/steam/ISteamUser/ResolveVanityURL/v1/", self._resolve),
            web.get("/steam/ISteamUser/GetPlayerSummaries/v2/", self._summaries),
            web.get("/riot/{region}/riot/account/v1/accounts/by-riot-id/{name}/{tag}", self._account),
            web.get("/riot/{region}/lol/league/v4/entries/by-puuid/{puuid}", self._ranked("lol")),
            web.get("/riot/{region}/tft/league/v1/by-puuid/{puuid}", self._ranked("tft")),
        ])  # fmt: skip
        return app

    def _refusing(self) -> Any:
        @web.middleware
        async def refusing(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.asked.append((request.path, dict(request.query)))
            if self.failures:
                return web.json_response({"message": "no"}, status=self.failures.pop(0))
            return await handler(request)

        return refusing

    async def _search(self, request: web.Request) -> web.Response:
        wanted = request.query["name"].lower()
        found = [one for one in PLACES if str(one["name"]).lower() == wanted]
        return web.json_response(({"results": found} if found else {}) | {"generationtime_ms": 0.5})

    async def _forecast(self, request: web.Request) -> web.Response:
        asked = request.query
        if (asked["temperature_unit"], asked["wind_speed_unit"]) != ("fahrenheit", "mph"):
            return web.json_response({"error": True, "reason": "other units than the test thinks"}, status=400)
        shown = {name: self.now[name] for name in ("time", "interval", *asked["current"].split(","))}
        return web.json_response({"latitude": float(asked["latitude"]), "elevation": 38, "current": shown})

    async def _recent(self, request: web.Request) -> web.Response:
        asked = request.query
        if asked["api_key"] != KEYS.lastfm:
            return web.json_response({"error": 10, "message": "Invalid API key"}, status=403)
        if asked["user"] != "grace":
            return web.json_response({"error": 6, "message": "User not found"}, status=404)
        about = {"user": "grace", "totalPages": "9", "page": "1", "perPage": "1", "total": "9"}
        return web.json_response({"recenttracks": {"track": self.tracks, "@attr": about}})

    async def _resolve(self, request: web.Request) -> web.Response:
        if request.query["key"] != KEYS.steam:
            return web.Response(status=403, text="<html>Forbidden</html>")
        known = request.query["vanityurl"] == "grace"
        return web.json_response({
            "response": {"steamid": GRACE_ID, "success": 1} if known else {"success": 42, "message": "No match"}
        })  # fmt: skip

    async def _summaries(self, request: web.Request) -> web.Response:
        known = request.query["steamids"] == GRACE_ID
        return web.json_response({"response": {"players": [{"steamid": GRACE_ID} | self.player] if known else []}})

    async def _account(self, request: web.Request) -> web.Response:
        about = request.match_info
        if request.headers.get("X-Riot-Token") != KEYS.riot:
            return web.json_response({"status": {"message": "Unknown apikey", "status_code": 401}}, status=401)
        if (about["region"], about["name"].lower(), about["tag"].lower()) != ("europe", "grace hopper", "euw"):
            return web.json_response({"status": {"message": "Data not found", "status_code": 404}}, status=404)
        return web.json_response({"puuid": "puuid-grace", "gameName": "Grace Hopper", "tagLine": "EUW"})

    def _ranked(self, game: str) -> Handler:
        async def ranked(request: web.Request) -> web.Response:
            assert (request.match_info["region"], request.match_info["puuid"]) == ("euw1", "puuid-grace")
            return web.json_response(self.entries.get(game, []))

        return ranked


@asynccontextmanager
async def outside(keys: SourceKeys = KEYS, *, per_minute: int = PER_MINUTE) -> AsyncIterator[Outside]:
    """The four services, and what asks them."""
    state = MemoryState()
    http = HttpClient(state)
    made = Outside(Sources(Asking(http, state, per_minute), SourceAddresses(), keys))
    async with on_loopback(made.app()) as url:
        there = SourceAddresses(
            f"{url}/weather", f"{url}/places", f"{url}/lastfm/2.0/", f"{url}/steam", f"{url}/riot/{{region}}"
        )
        made.sources = Sources(made.sources.asking, there, keys)
        try:
            yield made
        finally:
            await http.close()
