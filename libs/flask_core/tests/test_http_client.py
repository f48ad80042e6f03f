"""Calls to foreign services: what is repeated, what is refused, and when everybody waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from flask_core.errors import TooMany, UnknownOutcome, UpstreamFailed
from flask_core.http_client import HttpClient
from flask_core.http_failures import retry_after
from flask_core.http_targets import Targets
from flask_core.shared_memory import MemoryState
from flask_core.testing.cable import Cable


class Spotify:
    """A foreign API on loopback that answers as it is told, one status after the other."""

    def __init__(self) -> None:
        self.plan: list[web.Response | str] = []
        self.asked: list[web.Request] = []
        self.at_once = 0
        self.most_at_once = 0
        self.four_wait = asyncio.Event()
        self.go_on = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/v1/me"

    def will(self, *answers: web.Response | str | int) -> None:
        self.plan += [web.Response(status=one, text=str(one)) if isinstance(one, int) else one for one in answers]

    async def _answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.asked.append(request)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        if self.at_once == 4:
            self.four_wait.set()
        try:
            return await self._planned(request)
        finally:
            self.at_once -= 1

    async def _planned(self, request: web.Request) -> web.Response:
        answer = self.plan.pop(0) if self.plan else web.json_response({"ok": True})
        if answer == "wait":
            await self.go_on.wait()
            return web.Response()
        if answer == "hang up":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        assert isinstance(answer, web.Response)
        return answer


class Clock:
    now = 1000.0
    slept: list[float]

    def __init__(self) -> None:
        self.slept = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
async def spotify() -> AsyncIterator[Spotify]:
    spotify = Spotify()
    await spotify.server.start_server()
    yield spotify
    spotify.go_on.set()
    await spotify.server.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shared(clock: Clock) -> MemoryState:
    return MemoryState(clock)


@pytest.fixture
async def http(shared: MemoryState, clock: Clock) -> AsyncIterator[HttpClient]:
    client = HttpClient(shared, clock=clock, now=clock, sleep=clock.sleep, in_flight_per_host=4, most_bytes=10_000)
    yield client
    await client.close()


async def test_an_answer_comes_back_with_status_headers_and_body(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(web.json_response({"name": "Blue Monday"}, headers={"X-Left": "9"}))
    answer = await http.request("PUT", spotify.url, json={"a": 1}, params={"q": "ä"}, headers={"X-Key": "k"})
    assert (answer.status_code, answer.json(), answer.headers["x-left"]) == (200, {"name": "Blue Monday"}, "9")
    sent = spotify.asked[0]
    assert (sent.method, await sent.json(), sent.query["q"], sent.headers["X-Key"]) == ("PUT", {"a": 1}, "ä", "k")
    assert sent.headers["User-Agent"].startswith("WaddleBot/")


async def test_packed_answers_are_unpacked(spotify: Spotify, http: HttpClient) -> None:
    packed = web.json_response({"long": "x" * 500})
    packed.enable_compression()
    spotify.will(packed)
    assert (await http.request("GET", spotify.url)).json() == {"long": "x" * 500}


@pytest.mark.parametrize("status", [201, 204, 304, 400, 401, 403, 404, 409])
async def test_refusals_are_answers_to_be_read(spotify: Spotify, http: HttpClient, status: int) -> None:
    spotify.will(status)
    assert (await http.request("GET", spotify.url)).status_code == status
    assert len(spotify.asked) == 1


async def test_redirects_are_not_followed(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(web.Response(status=302, headers={"Location": spotify.url}))
    assert (await http.request("GET", spotify.url)).status_code == 302


async def test_cookies_of_one_credential_do_not_travel_with_another(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(web.Response(headers={"Set-Cookie": "session=ada; Path=/"}))
    await http.request("GET", spotify.url)
    await http.request("GET", spotify.url)
    assert "Cookie" not in spotify.asked[1].headers


@pytest.mark.parametrize("failure", [502, 503, 504])
async def test_looking_is_tried_three_times(spotify: Spotify, http: HttpClient, clock: Clock, failure: int) -> None:
    spotify.will(failure, failure)
    assert (await http.request("GET", spotify.url)).json() == {"ok": True}
    assert len(spotify.asked) == 3
    assert 0.1 <= clock.slept[0] <= 0.3 <= clock.slept[1] <= 0.9


async def test_looking_is_tried_again_when_the_other_side_hangs_up(spotify: Spotify, http: HttpClient) -> None:
    spotify.will("hang up", "hang up")
    assert (await http.request("GET", spotify.url)).json() == {"ok": True}


async def test_the_third_failure_is_told(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(503, 503, 503)
    with pytest.raises(UpstreamFailed, match=r"^Spotify has a problem right now\.$") as failed:
        await http.request("GET", spotify.url, name="Spotify")
    assert failed.value.details["status"] == 503
    assert len(spotify.asked) == 3


async def test_a_plain_500_is_not_repeated(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(500)
    with pytest.raises(UpstreamFailed):
        await http.request("GET", spotify.url)
    assert len(spotify.asked) == 1


async def test_a_change_is_not_repeated_once_it_may_have_arrived(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(503)
    with pytest.raises(UpstreamFailed):
        await http.request("POST", spotify.url)
    spotify.will("hang up")
    with pytest.raises(UnknownOutcome):
        await http.request("POST", spotify.url)
    assert len(spotify.asked) == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_refused_connection_is_tried_again_for_everything(http: HttpClient, clock: Clock, method: str) -> None:
    with pytest.raises(UpstreamFailed, match="not answering"):
        await http.request(method, f"http://127.0.0.1:{unused_port()}/")
    assert len(clock.slept) == 2


async def test_the_time_limit_holds_and_tells_whether_anything_may_have_happened(
    spotify: Spotify, http: HttpClient
) -> None:
    spotify.will("wait", "wait")
    with pytest.raises(UpstreamFailed, match="not answering"):
        await http.request("GET", spotify.url, timeout=0.1)
    with pytest.raises(UnknownOutcome):
        await http.request("POST", spotify.url, timeout=0.1)


async def test_no_more_than_allowed_are_on_their_way_to_one_host(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(*["wait"] * 10)
    asking = [asyncio.create_task(http.request("GET", spotify.url)) for _ in range(10)]
    async with asyncio.timeout(5):
        await spotify.four_wait.wait()
        with pytest.raises(UpstreamFailed):
            await http.request("POST", spotify.url, timeout=0.05)
        spotify.go_on.set()
        await asyncio.gather(*asking)
    assert spotify.most_at_once == 4
    assert len(spotify.asked) == 10, "what had no place was not sent"


async def test_an_answer_beyond_all_measure_is_refused(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(web.Response(body=b"x" * 10_001))
    with pytest.raises(UpstreamFailed, match="more than can be read"):
        await http.request("GET", spotify.url)


async def test_after_five_failures_a_host_is_left_alone_for_a_minute(
    spotify: Spotify, http: HttpClient, clock: Clock
) -> None:
    spotify.will(*[500] * 5)
    for _ in range(5):
        with pytest.raises(UpstreamFailed):
            await http.request("GET", spotify.url)
    with pytest.raises(UpstreamFailed, match="not answering") as refused:
        await http.request("GET", spotify.url)
    assert refused.value.retry_after == 60
    assert len(spotify.asked) == 5
    assert http.breaker_states() == {f"127.0.0.1:{spotify.server.port}": "open"}
    clock.now += 60
    assert (await http.request("GET", spotify.url)).status_code == 200
    assert http.breaker_states() == {f"127.0.0.1:{spotify.server.port}": "closed"}


async def test_a_host_that_was_not_reached_is_asked_again_after_five_seconds(http: HttpClient, clock: Clock) -> None:
    nobody = f"http://127.0.0.1:{unused_port()}/"
    for _ in range(5):
        with pytest.raises(UpstreamFailed):
            await http.request("GET", nobody)
    with pytest.raises(UpstreamFailed) as refused:
        await http.request("GET", nobody)
    assert refused.value.retry_after == 5


@pytest.fixture
async def deaf() -> AsyncIterator[str]:
    """A host that leaves every greeting unanswered, as one behind a dead network does."""
    cable = Cable()
    async with cable.to(unused_port()) as url:
        await cable.hang()
        yield url


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_ends_while_it_still_connects_never_arrived(http: HttpClient, deaf: str, method: str) -> None:
    # Each attempt may connect for half of the time: the limit of the whole falls into another attempt's connecting.
    with pytest.raises(UpstreamFailed, match="not answering"):
        await http.request(method, deaf, timeout=0.3)


async def test_a_host_that_does_not_even_greet_is_asked_again_after_five_seconds(http: HttpClient, deaf: str) -> None:
    for _ in range(5):
        with pytest.raises(UpstreamFailed):
            await http.request("GET", deaf, timeout=0.1)
    with pytest.raises(UpstreamFailed) as refused:
        await http.request("GET", deaf)
    assert refused.value.retry_after == 5


async def test_who_says_nothing_is_asked_again_after_fifteen_seconds(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(*["hang up"] * 5)
    for _ in range(5):
        with pytest.raises(UnknownOutcome):
            await http.request("POST", spotify.url)
    with pytest.raises(UpstreamFailed) as refused:
        await http.request("POST", spotify.url)
    assert refused.value.retry_after == 15


async def test_refusals_do_not_open_the_breaker(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(*[404] * 8)
    for _ in range(8):
        assert (await http.request("GET", spotify.url)).status_code == 404


async def test_a_request_to_wait_is_obeyed_by_all_replicas(
    spotify: Spotify, http: HttpClient, shared: MemoryState, clock: Clock
) -> None:
    other = HttpClient(shared, clock=clock, now=clock)
    spotify.will(web.Response(status=429, headers={"Retry-After": "30"}))
    with pytest.raises(TooMany) as told:
        await http.request("GET", spotify.url, credential="spotify:app", name="Spotify")
    assert told.value.retry_after == 30
    clock.now += 10
    with pytest.raises(TooMany, match=r"^Spotify is asked too often\. Try again in 20 s\.$") as waits:
        await other.request("GET", spotify.url, credential="spotify:app", name="Spotify")
    assert waits.value.retry_after == 20
    assert len(spotify.asked) == 1
    await other.request("GET", spotify.url, credential="spotify:ada")
    clock.now += 21
    await other.request("GET", spotify.url, credential="spotify:app")
    await other.close()


async def test_another_replica_hears_of_a_pause_within_a_second(
    spotify: Spotify, http: HttpClient, shared: MemoryState, clock: Clock
) -> None:
    other = HttpClient(shared, clock=clock, now=clock)
    await other.request("GET", spotify.url, credential="spotify:app")
    await http.pause("spotify:app", 30)
    clock.now += 1
    with pytest.raises(TooMany):
        await other.request("GET", spotify.url, credential="spotify:app")
    await other.close()


async def test_without_a_credential_the_host_has_to_wait(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(web.Response(status=503, headers={"Retry-After": "30"}))
    with pytest.raises(UpstreamFailed) as failed:
        await http.request("GET", spotify.url)
    assert failed.value.retry_after == 30
    with pytest.raises(TooMany):
        await http.request("GET", spotify.url)
    assert len(spotify.asked) == 1


async def test_a_platforms_own_headers_can_ask_to_wait(spotify: Spotify, http: HttpClient) -> None:
    await http.pause("twitch:app", 12)
    await http.pause("twitch:user", 0)
    with pytest.raises(TooMany):
        await http.request("GET", spotify.url, credential="twitch:app")
    assert (await http.request("GET", spotify.url, credential="twitch:user")).status_code == 200


async def test_a_429_without_seconds_waits_a_little(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(429)
    with pytest.raises(TooMany) as told:
        await http.request("GET", spotify.url)
    assert told.value.retry_after == 5


async def test_an_expected_status_is_returned(spotify: Spotify, http: HttpClient) -> None:
    spotify.will(500, 429)
    assert (await http.request("POST", spotify.url, expects={500})).status_code == 500
    assert (await http.request("POST", spotify.url, expects={429})).status_code == 429


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0), ("120", 120), ("999999999999", 86_400), ("", None), ("soon", None), ("-5", None), ("1.5", None),
        ("²", None), ("Sun, 01 Mar 2026 12:00:30 GMT", 30), ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2026 12:00:30", 30), ("Sat, 01 Mar 2036 12:00:30 GMT", 86_400),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms(said: str, seconds: float | None) -> None:
    response = httpx.Response(429, headers={"Retry-After": said.encode()})
    assert retry_after(response, datetime(2026, 3, 1, 12, tzinfo=UTC)) == seconds


def test_only_so_many_hosts_are_remembered() -> None:
    targets = Targets(1)
    for number in range(1500):
        targets.at(f"host{number}")
    assert len(targets.states()) == 1000
    assert targets.at("host1499") is targets.at("host1499")
