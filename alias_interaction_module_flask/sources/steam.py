"""Who somebody is on Steam, and what they play."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from alias_interaction_module_flask.evaluator.javascript_dates import date_text
from alias_interaction_module_flask.evaluator.world import Facts
from alias_interaction_module_flask.sources.asking import Asking

KEPT_SECONDS = 60.0
_NAME = "Steam"
_ID = re.compile(r"7656119\d{10}", re.ASCII)
_LINK = re.compile(r"(?:https?://)?(?:www\.)?steamcommunity\.com/(?:id|profiles)/([^/?#]+)/?", re.IGNORECASE)
_STATUS = ("Offline", "Online", "Busy", "Away", "Snooze", "Looking to trade", "Looking to play")


class _Resolved(msgspec.Struct, frozen=True):
    success: int
    steamid: str = ""


class _ResolvedAnswer(msgspec.Struct, frozen=True):
    response: _Resolved


class _Player(msgspec.Struct, frozen=True):
    personaname: str
    profileurl: str = ""
    personastate: int = 0
    realname: str = ""
    lastlogoff: int | None = None
    loccountrycode: str = ""
    gameid: str = ""
    gameextrainfo: str = ""
    gameserverip: str = ""

    @property
    def status(self) -> str:
        """In a word."""
        return _STATUS[self.personastate] if 0 <= self.personastate < len(_STATUS) else _STATUS[1]


class _Players(msgspec.Struct, frozen=True):
    players: tuple[_Player, ...] = ()


class _PlayersAnswer(msgspec.Struct, frozen=True):
    response: _Players


@dataclass(frozen=True, slots=True)
class Steam:
    """Asks with the operator's key."""

    asking: Asking
    url: str
    key: str = field(repr=False)

    async def of(self, account: str, community_id: int) -> Facts | None:
        """An account by its id, its own name for its page, or the link to it; None for nobody. Raises LookupFailed."""
        linked = _LINK.fullmatch(account.strip())
        asked = (linked[1] if linked else account.strip()).casefold()
        return await self.asking.kept("steam", asked, community_id, KEPT_SECONDS, lambda: self._of(asked))

    async def _of(self, asked: str) -> Facts | None:
        steam_id = asked if _ID.fullmatch(asked) else await self._resolved(asked)
        if not steam_id:
            return None
        about = {"key": self.key, "steamids": steam_id}
        told = await self.asking.read(_NAME, f"{self.url}/ISteamUser/GetPlayerSummaries/v2/", _PlayersAnswer, about)
        return _facts(told.response.players[0]) if told and told.response.players else None

    async def _resolved(self, name: str) -> str:
        about = {"key": self.key, "vanityurl": name}
        told = await self.asking.read(_NAME, f"{self.url}/ISteamUser/ResolveVanityURL/v1/", _ResolvedAnswer, about)
        return told.response.steamid if told and told.response.success == 1 else ""


def _facts(player: _Player) -> Facts:
    left = datetime.fromtimestamp(player.lastlogoff, UTC) if player.lastlogoff else None
    fields = {
        "name": player.personaname, "realName": player.realname, "profileUrl": player.profileurl,
        "lastOnline": date_text(left), "status": player.status, "country": player.loccountrycode,
        "gameId": player.gameid, "gameName": player.gameextrainfo,
        "gameUrl": f"https://store.steampowered.com/app/{player.gameid}" if player.gameid else "",
        "gameServer": player.gameserverip,
    }  # fmt: skip
    return Facts(f"{player.personaname} is {player.status.lower()} - {player.profileurl}", fields)
