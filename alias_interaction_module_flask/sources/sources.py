"""All sources, and which of them the operator has set up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from alias_interaction_module_flask.config import SourceAddresses, SourceKeys
from alias_interaction_module_flask.evaluator.world import Facts, LookupFailed
from alias_interaction_module_flask.sources.asking import Asking
from alias_interaction_module_flask.sources.lastfm import LastFm
from alias_interaction_module_flask.sources.riot import Game, Riot
from alias_interaction_module_flask.sources.steam import Steam
from alias_interaction_module_flask.sources.weather import Weather

NOT_SET_UP = "not set up on this server"


@dataclass(frozen=True, slots=True)
class Sources:
    """A source without its key says so."""

    asking: Asking
    addresses: SourceAddresses
    keys: SourceKeys

    async def weather(self, place: str, community_id: int) -> Facts | None:
        """The weather at a place; None for an unknown one. Raises LookupFailed, and UpstreamFailed."""
        places, forecast = self.addresses.places, self.addresses.weather
        return await Weather(self.asking, forecast, places).at(place, community_id)

    async def of(self, name: str, arguments: tuple[str, ...], community_id: int) -> Facts | None:
        """What `lastfm`, `steam`, `leagueoflegends` or `teamfighttactics` says; None for nobody. Raises the same."""
        at, keys, here = self.addresses, self.keys, community_id
        if name == "lastfm":
            return await LastFm(self.asking, at.lastfm, _present(keys.lastfm)).of(arguments[0], here)
        if name == "steam":
            return await Steam(self.asking, at.steam, _present(keys.steam)).of(arguments[0], here)
        riot = Riot(self.asking, at.riot, _present(keys.riot))
        return await riot.rank(cast(Game, name), arguments[0], arguments[1], here)


def _present(key: str) -> str:
    if not key:
        raise LookupFailed(NOT_SET_UP)
    return key
