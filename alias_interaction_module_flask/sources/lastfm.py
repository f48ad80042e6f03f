"""What somebody hears, from Last.fm."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from alias_interaction_module_flask.evaluator.world import Facts, LookupFailed
from alias_interaction_module_flask.sources.asking import Asking

KEPT_SECONDS = 15.0
_NAME = "Last.fm"


class _Artist(msgspec.Struct, frozen=True):
    name: str = msgspec.field(name="#text", default="")


class _Track(msgspec.Struct, frozen=True):
    name: str
    artist: _Artist
    url: str = ""


class _Tracks(msgspec.Struct, frozen=True):
    track: tuple[_Track, ...] | _Track = ()


class _Recent(msgspec.Struct, frozen=True):
    recenttracks: _Tracks


@dataclass(frozen=True, slots=True)
class LastFm:
    """Asks with the operator's key."""

    asking: Asking
    url: str
    key: str = field(repr=False)

    async def of(self, account: str, community_id: int) -> Facts | None:
        """The song that plays, else the last one; None for an unknown account. Raises LookupFailed."""
        asked = account.strip().casefold()
        return await self.asking.kept("lastfm", asked, community_id, KEPT_SECONDS, lambda: self._of(asked))

    async def _of(self, account: str) -> Facts | None:
        about = {
            "method": "user.getrecenttracks", "user": account, "limit": "1", "format": "json", "api_key": self.key,
        }  # fmt: skip
        told = await self.asking.read(_NAME, self.url, _Recent, about)
        if told is None:
            return None
        tracks = told.recenttracks.track
        track = tracks if isinstance(tracks, _Track) else next(iter(tracks), None)
        if track is None:
            raise LookupFailed("nothing heard yet")
        fields = {"artist": track.artist.name, "title": track.name, "url": track.url}
        return Facts(f"{track.name} by {track.artist.name}", fields)
