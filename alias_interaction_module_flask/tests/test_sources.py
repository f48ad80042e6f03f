"""What services outside say, asked the way they document."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from alias_interaction_module_flask.config import Config, SourceKeys
from alias_interaction_module_flask.evaluator.world import LookupFailed
from alias_interaction_module_flask.tests.outside import GRACE_ID, Outside, outside
from flask_core.errors import UpstreamFailed
from flask_core.testing.installation import environment

HERE = 2
CLEAR = "Clear, 50 F (10 C), wind NW 5 MPH, humidity 40%"
TRACK = {
    "artist": {"mbid": "", "#text": "Joni Mitchell"}, "streamable": "0", "mbid": "", "album": {"#text": "Blue"},
    "name": "Blue", "url": "https://www.last.fm/music/Joni+Mitchell/_/Blue", "image": [],
}  # fmt: skip
SOLO = {"queueType": "RANKED_SOLO_5x5", "tier": "CHALLENGER", "rank": "I", "leaguePoints": 900, "wins": 9, "losses": 1}


@pytest_asyncio.fixture
async def there() -> AsyncIterator[Outside]:
    async with outside() as made:
        yield made


async def weather(there: Outside, place: str) -> str:
    found = await there.sources.weather(place, HERE)
    return found.line if found else "no such place"


async def source(there: Outside, name: str, *arguments: str) -> str:
    found = await there.sources.of(name, arguments, HERE)
    return found.line if found else "no such user"


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("London", "London, England, United Kingdom"), ("london, uk", "London, England, United Kingdom"),
        ("London, Canada", "London, Ontario, Canada"), ("London, ON", "London, Ontario, Canada"),
        ("London CA", "London, Ontario, Canada"), ("  LONDON ", "London, England, United Kingdom"),
        ("London, Mars", "London, England, United Kingdom"), ("singapore", "Singapore"),
    ],
)  # fmt: skip
async def test_the_weather_in_one_line(there: Outside, asked: str, place: str) -> None:
    assert await weather(there, asked) == f"{place}: {CLEAR}"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"weather_code": 95, "wind_direction_10m": 359}, "Thunderstorm, 50 F (10 C), wind N 5 MPH, humidity 40%"),
        ({"temperature_2m": 0.1, "wind_direction_10m": 92}, "Clear, 0 F (-18 C), wind E 5 MPH, humidity 40%"),
        ({"weather_code": 12}, "Unknown, 50 F (10 C), wind NW 5 MPH, humidity 40%"),
    ],
)
async def test_conditions_and_winds_are_words(there: Outside, now: dict[str, Any], said: str) -> None:
    there.now |= now
    assert await weather(there, "Singapore") == f"Singapore: {said}"


@pytest.mark.parametrize("asked", ["Atlantis", "Atlantis, Greece", "new atlantis", ",", "& name=London"])
async def test_an_unknown_place_has_no_weather(there: Outside, asked: str) -> None:
    assert await weather(there, asked) == "no such place"


async def test_everybody_is_told_the_same_for_a_while(there: Outside) -> None:
    for asked in ("London", "london", "LONDON "):
        assert (await weather(there, asked)).startswith("London")
    for _ in range(2):
        assert await weather(there, "Atlantis") == "no such place"
    assert (there.count("/forecast"), there.count("/search")) == (1, 2)


async def test_one_community_asks_so_often_at_most() -> None:
    async with outside(per_minute=2) as there:
        assert await weather(there, "London") != await weather(there, "Singapore")
        with pytest.raises(LookupFailed, match="busy"):
            await weather(there, "Atlantis")
        assert (await weather(there, "London")).startswith("London")
        assert await there.sources.weather("Atlantis", HERE + 1) is None


async def test_a_song_with_its_fields(there: Outside) -> None:
    there.tracks = [TRACK | {"@attr": {"nowplaying": "true"}}, TRACK | {"name": "River"}]
    found = await there.sources.of("lastfm", ("Grace",), HERE)
    assert found is not None
    assert found.line == "Blue by Joni Mitchell"
    assert found.fields == {
        "artist": "Joni Mitchell", "title": "Blue", "url": "https://www.last.fm/music/Joni+Mitchell/_/Blue",
    }  # fmt: skip
    assert await source(there, "lastfm", "nobody") == "no such user"


async def test_a_single_song_is_no_list_at_lastfm(there: Outside) -> None:
    there.tracks = TRACK
    assert await source(there, "lastfm", "grace") == "Blue by Joni Mitchell"


async def test_who_never_heard_anything_has_no_song(there: Outside) -> None:
    there.tracks = []
    with pytest.raises(LookupFailed, match="nothing heard yet"):
        await source(there, "lastfm", "grace")


@pytest.mark.parametrize(
    "asked",
    ["grace", "Grace", GRACE_ID, "https://steamcommunity.com/id/grace/", f"steamcommunity.com/profiles/{GRACE_ID}"],
)
async def test_an_account_at_steam(there: Outside, asked: str) -> None:
    there.player = {
        "personaname": "Grace", "profileurl": "https://steamcommunity.com/id/grace/", "personastate": 3,
        "communityvisibilitystate": 3, "realname": "Grace H.", "lastlogoff": 1_773_428_400, "loccountrycode": "US",
        "gameid": "504230", "gameextrainfo": "Celeste", "gameserverip": "1.2.3.4:27015",
    }  # fmt: skip
    found = await there.sources.of("steam", (asked,), HERE)
    assert found is not None
    assert found.line == "Grace is away - https://steamcommunity.com/id/grace/"
    assert found.fields == {
        "name": "Grace", "realName": "Grace H.", "profileUrl": "https://steamcommunity.com/id/grace/",
        "lastOnline": "Fri Mar 13 2026 19:00:00 GMT+0000 (UTC)", "status": "Away", "country": "US", "gameId": "504230",
        "gameName": "Celeste", "gameUrl": "https://store.steampowered.com/app/504230", "gameServer": "1.2.3.4:27015",
    }  # fmt: skip


async def test_an_account_that_shows_nothing_has_empty_fields(there: Outside) -> None:
    there.player = {"personaname": "Grace", "profileurl": "https://steamcommunity.com/id/grace/"}
    found = await there.sources.of("steam", ("grace",), HERE)
    assert found is not None
    assert (found.fields["status"], found.fields["gameUrl"], found.fields["lastOnline"]) == ("Offline", "", "")
    assert await source(there, "steam", "nobody") == "no such user"
    assert await source(there, "steam", "76561197960287931") == "no such user"


@pytest.mark.parametrize(
    ("entries", "rank"),
    [
        ([SOLO], "Challenger I"), ([], "Unranked"),
        ([SOLO | {"queueType": "RANKED_FLEX_SR", "tier": "GOLD", "rank": "IV"}, SOLO], "Challenger I"),
        ([SOLO | {"queueType": "RANKED_FLEX_SR", "tier": "GOLD", "rank": "IV"}], "Gold IV"),
        ([SOLO | {"queueType": "CHERRY", "tier": "", "rank": ""}], "Unranked"),
    ],
)  # fmt: skip
async def test_a_rank_in_league_of_legends(there: Outside, entries: list[dict[str, Any]], rank: str) -> None:
    there.entries["lol"] = entries
    for region in ("euw", "euw1"):
        said = await source(there, "leagueoflegends", "grace hopper#euw", region)
        assert said == f"Grace Hopper#EUW's current rank: {rank}"
    assert len(there.asked) == 2


async def test_a_rank_in_teamfight_tactics(there: Outside) -> None:
    turbo = {"queueType": "RANKED_TFT_TURBO", "ratedTier": "ORANGE", "ratedRating": 9}
    there.entries["tft"] = [turbo, {"queueType": "RANKED_TFT", "tier": "MASTER", "rank": "I"}]
    said = await source(there, "teamfighttactics", "Grace Hopper#EUW", "euw")
    assert said == "Grace Hopper#EUW's current rank: Master I"


@pytest.mark.parametrize("riot_id", ["nobody#1", "grace hopper", "..#..", "../..#euw", "a/b#euw", "#euw", "grace#e/w"])
async def test_who_is_not_at_riot_has_no_rank(there: Outside, riot_id: str) -> None:
    assert await source(there, "leagueoflegends", riot_id, "euw") == "no such user"
    assert all("by-riot-id" in path and ".." not in path for path, _ in there.asked)


async def test_a_region_that_riot_does_not_have_is_named(there: Outside) -> None:
    with pytest.raises(LookupFailed, match="no such region"):
        await source(there, "leagueoflegends", "grace hopper#euw", "evil.test/")
    assert there.asked == []


SOURCES = [("lastfm", "grace"), ("steam", "grace"), ("leagueoflegends", "grace hopper#euw", "euw")]


@pytest.mark.parametrize("asked", SOURCES, ids=lambda asked: asked[0])
async def test_a_source_without_its_key_is_not_set_up(asked: tuple[str, ...]) -> None:
    async with outside(SourceKeys()) as there:
        with pytest.raises(LookupFailed, match="not set up on this server"):
            await source(there, *asked)
        assert there.asked == []


@pytest.mark.parametrize("asked", SOURCES, ids=lambda asked: asked[0])
async def test_a_key_that_is_refused_is_said_and_never_told(
    asked: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    async with outside(SourceKeys("wrong-1", "wrong-1", "wrong-1")) as there:
        with caplog.at_level("DEBUG"), pytest.raises(LookupFailed, match="key refused"):
            await source(there, *asked)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("alias")]
    assert ours != []
    assert "wrong-1" not in " ".join(ours)


@pytest.mark.parametrize("asked", SOURCES, ids=lambda asked: asked[0])
async def test_a_source_that_fails_keeps_no_failure(there: Outside, asked: tuple[str, ...]) -> None:
    there.tracks, there.player = TRACK, {"personaname": "Grace", "profileurl": "https://x.test"}
    there.failures = [500] * 3
    with pytest.raises(UpstreamFailed):
        await source(there, *asked)
    there.failures = [418]
    with pytest.raises(LookupFailed, match="not answering"):
        await source(there, *asked)
    there.failures = []
    said = {
        "lastfm": "Blue by Joni Mitchell", "steam": "Grace is offline - https://x.test",
        "leagueoflegends": "Grace Hopper#EUW's current rank: Unranked",
    }  # fmt: skip
    assert await source(there, *asked) == said[asked[0]]


async def test_who_asks_too_often_waits(there: Outside) -> None:
    there.failures = [429]
    for _ in range(2):
        with pytest.raises(LookupFailed, match="busy"):
            await source(there, "steam", "grace")
    assert len(there.asked) == 1


async def test_an_answer_that_cannot_be_read_is_no_answer(there: Outside) -> None:
    there.tracks = "odd"
    with pytest.raises(LookupFailed, match="not answering"):
        await source(there, "lastfm", "grace")


def test_keys_and_addresses_come_from_the_environment() -> None:
    given = {"STEAM_API_KEY": "a", "ALIAS_RIOT_API_KEY": "b", "ALIAS_WEATHER_URL": "http://127.0.0.1:1/v1/"}
    config = Config.from_env({**environment("sqlite:///unused.db"), **given})
    assert (config.source_keys.lastfm, config.source_keys.steam, config.source_keys.riot) == ("", "a", "b")
    assert config.source_addresses.weather == "http://127.0.0.1:1/v1"
    assert config.source_addresses.riot == "https://{region}.api.riotgames.com"
    assert "'a'" not in repr(config)
