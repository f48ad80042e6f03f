"""Somebody's rank in League of Legends and Teamfight Tactics, from Riot."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

import msgspec

from alias_interaction_module_flask.evaluator.world import Facts, LookupFailed
from alias_interaction_module_flask.sources.asking import Asking

type Game = Literal["leagueoflegends", "teamfighttactics"]

KEPT_SECONDS = 300.0
_NAME = "Riot"
_PLATFORMS = {
    "br": "br1", "eune": "eun1", "euw": "euw1", "jp": "jp1", "kr": "kr", "lan": "la1", "las": "la2", "me": "me1",
    "na": "na1", "oce": "oc1", "ru": "ru", "sea": "sg2", "sg": "sg2", "tr": "tr1", "tw": "tw2", "vn": "vn2",
}  # fmt: skip
_CONTINENTS = {"eun1": "europe", "euw1": "europe", "me1": "europe", "ru": "europe", "tr1": "europe"} | dict.fromkeys(
    ("jp1", "kr", "sg2", "tw2", "vn2"), "asia"
)
_PATHS = {
    "leagueoflegends": "/lol/league/v4/entries/by-puuid/", "teamfighttactics": "/tft/league/v1/by-puuid/",
}  # fmt: skip
_QUEUES = {"leagueoflegends": ("RANKED_SOLO_5x5", "RANKED_FLEX_SR"), "teamfighttactics": ("RANKED_TFT",)}
_RIOT_ID = re.compile(r"([\w .'-]{1,30})#(\w{1,10})")


class _Account(msgspec.Struct, frozen=True, rename="camel"):
    puuid: str
    game_name: str = ""
    tag_line: str = ""


class _Entry(msgspec.Struct, frozen=True, rename="camel"):
    queue_type: str
    tier: str = ""
    rank: str = ""


@dataclass(frozen=True, slots=True)
class Riot:
    """Asks with the operator's key; `{region}` in `url` becomes a platform (`euw1`) or a continent."""

    asking: Asking
    url: str
    key: str = field(repr=False)

    async def rank(self, game: Game, riot_id: str, region: str, community_id: int) -> Facts | None:
        """The rank in one line; None for nobody. Raises LookupFailed."""
        platform = _PLATFORMS.get(region, region)
        if platform not in _PLATFORMS.values():
            raise LookupFailed("no such region")
        name = _RIOT_ID.fullmatch(riot_id.strip())
        if name is None or not name[1].strip(" ."):
            return None
        asked = f"{platform} {riot_id.strip().casefold()}"
        return await self.asking.kept(
            game, asked, community_id, KEPT_SECONDS, lambda: self._rank(game, name[1].strip(), name[2], platform)
        )

    async def _rank(self, game: Game, name: str, tag: str, platform: str) -> Facts | None:
        path = f"/riot/account/v1/accounts/by-riot-id/{quote(name, safe='')}/{quote(tag, safe='')}"
        account = await self._get(_CONTINENTS.get(platform, "americas"), path, _Account)
        if account is None:
            return None
        told = await self._get(platform, _PATHS[game] + quote(account.puuid, safe=""), tuple[_Entry, ...])
        entries = {entry.queue_type: entry for entry in told or ()}
        entry = next((entries[queue] for queue in _QUEUES[game] if queue in entries), None)
        rank = f"{entry.tier.capitalize()} {entry.rank}".strip() if entry and entry.tier else "Unranked"
        shown = f"{account.game_name or name}#{account.tag_line or tag}"
        return Facts(f"{shown}'s current rank: {rank}")

    async def _get[T](self, region: str, path: str, kind: type[T]) -> T | None:
        url = self.url.replace("{region}", region) + path
        return await self.asking.read(_NAME, url, kind, {}, {"X-Riot-Token": self.key})
