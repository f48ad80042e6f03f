"""Fetches for commands: through the guard, within budgets, each identical question once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import yarl

from alias_interaction_module_flask.fetching.reading import shared_for, text_of
from alias_interaction_module_flask.fetching.sharing import Fetched, Shared
from flask_core import __version__
from flask_core.errors import InvalidInput, TooMany
from flask_core.http_client import HttpClient
from flask_core.shared_state import SharedState

PER_MINUTE = 30
PER_HOST = 60
MOST_BYTES = 64 * 1024
ACCEPT = "text/plain, application/json;q=0.9"


@dataclass(frozen=True, slots=True)
class Errand:
    """One fetch for one command of a community; `http_hosts` are those that it admits without TLS."""

    url: str
    community_id: int
    headers: Mapping[str, str] = field(default_factory=dict)
    http_hosts: Collection[str] = ()


class Fetching:
    """Answers `$(urlfetch …)`. Every error carries `details["reason"]`, fit for `[urlfetch: …]`."""

    def __init__(
        self, http: HttpClient, shared: SharedState, *, public_url: str = "", per_minute: int = PER_MINUTE
    ) -> None:
        self._http = http
        self._state = shared
        self._per_minute = per_minute
        self._agent = f"WaddleBot/{__version__}" + (f" (+{public_url})" if public_url else "")
        self._sharing = Shared()

    async def text(self, errand: Errand) -> str:
        """What the address answers, in one line.

        Raises InvalidInput (`bad address`, `blocked address`, `not text`), TooLarge (`response too long`), TooMany
        (`busy`) and UpstreamFailed (`timeout`, `404 Not Found`).
        """
        return await self._sharing.get(_key(errand), lambda: self._fetch(errand))

    async def close(self) -> None:
        """End what is under way."""
        await self._sharing.close()

    async def _fetch(self, errand: Errand) -> Fetched:
        await self._spend(errand)
        said = {"Accept": ACCEPT, **errand.headers, "User-Agent": self._agent}
        response = await self._http.guarded(
            "GET", errand.url, headers=said, http_hosts=errand.http_hosts, most_bytes=MOST_BYTES
        )
        return Fetched(text_of(response), shared_for(response))

    async def _spend(self, errand: Errand) -> None:
        if self._per_minute <= 0:
            raise _busy(60)
        waits = await self._state.spend(
            f"fetch:community:{errand.community_id}", capacity=self._per_minute, per_seconds=60
        )
        if not waits:
            waits = await self._state.spend(f"fetch:host:{_host(errand.url)}", capacity=PER_HOST, per_seconds=60)
        if waits:
            raise _busy(waits)


def _key(errand: Errand) -> tuple[object, ...]:
    """What makes two questions the same one."""
    asked = repr((errand.url, sorted(errand.headers.items()), sorted(errand.http_hosts)))
    return errand.community_id, hashlib.sha256(asked.encode("utf-8", "replace")).digest()


def _host(url: str) -> str:
    try:
        host = yarl.URL(url).raw_host or ""
    except ValueError:
        host = ""
    if not host or len(host) > 253:
        raise InvalidInput("That is not an address that can be fetched.", reason="bad address")
    return host.lower()


def _busy(seconds: float) -> TooMany:
    return TooMany("Too much is fetched here right now. Try again in a moment.", retry_after=seconds, reason="busy")
