"""Fetching what people point at: checked at every step, small, quick, and without our cookies."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from flask_core.errors import InvalidInput, ServiceError, TooLarge, TooMany, UnknownOutcome, UpstreamFailed
from flask_core.guarded_fetch import GuardedFetcher
from flask_core.http_client import HttpClient
from flask_core.shared_memory import MemoryState
from flask_core.url_guard import UrlGuard

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A web site on loopback that the operator admitted under the name feeds.test."""

    def __init__(self) -> None:
        self.pages: dict[str, Handler] = {}
        self.asked: list[web.Request] = []
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.server = TestServer(app)

    def url(self, path: str = "/") -> str:
        return f"http://feeds.test:{self.server.port}{path}"

    def shows(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> None:
        async def page(_: web.Request) -> web.Response:
            content = body.encode() if isinstance(body, str) else body
            return web.Response(
                body=content, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}
            )

        self.pages[path] = page

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.asked.append(request)
        return await self.pages[request.path](request)


class Names:
    """A name service whose answers can change between two questions."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {"feeds.test": [["127.0.0.1"]]}
        self.asked: list[str] = []

    async def lookup(self, host: str) -> list[str]:
        self.asked.append(host)
        answers = self.answers.get(host, [[]])
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    await site.server.start_server()
    yield site
    await site.server.close()


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
async def http(site: Site, names: Names) -> AsyncIterator[HttpClient]:
    guard = UrlGuard({f"feeds.test:{site.server.port}"})
    client = HttpClient(MemoryState(), fetcher=GuardedFetcher(guard, names.lookup))
    yield client
    await client.close()


def reason(failure: pytest.ExceptionInfo[ServiceError]) -> str:
    return str(failure.value.details["reason"])


async def test_a_page_is_fetched_with_our_name_and_the_headers_given(site: Site, http: HttpClient) -> None:
    site.shows("/song", "Blue Monday", Content_Type="text/plain; charset=utf-8", Set_Cookie="id=1")
    answer = await http.guarded(
        "GET", site.url("/song"), headers={"Accept": "text/plain", "Cookie": "a=b", "Host": "x"}
    )
    assert (answer.status_code, answer.text) == (200, "Blue Monday")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "set-cookie" not in answer.headers
    sent = site.asked[0].headers
    assert sent["User-Agent"].startswith("WaddleBot/")
    assert (sent["Accept"], sent["Host"]) == ("text/plain", f"feeds.test:{site.server.port}")
    assert "Cookie" not in sent


async def test_cookies_are_not_kept_between_fetches(site: Site, http: HttpClient) -> None:
    site.shows("/", "hi", Set_Cookie="id=1; Path=/")
    await http.guarded("GET", site.url())
    await http.guarded("GET", site.url())
    assert "Cookie" not in site.asked[1].headers


async def test_a_body_is_posted(site: Site, http: HttpClient) -> None:
    site.shows("/hook", b'{"actions": []}')
    answer = await http.guarded(
        "POST", site.url("/hook"), content=b'{"a":1}', headers={"Content-Type": "application/json"}
    )
    assert answer.json() == {"actions": []}
    assert await site.asked[0].read() == b'{"a":1}'


async def test_a_blocked_address_is_never_looked_up(names: Names, http: HttpClient) -> None:
    with pytest.raises(InvalidInput) as refused:
        await http.guarded("GET", "http://169.254.169.254/latest/meta-data")
    assert reason(refused) == "blocked address"
    assert names.asked == []


@pytest.mark.parametrize("inside", ["10.0.0.1", "127.0.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "100.64.0.9"])
async def test_a_name_that_leads_inside_is_blocked(names: Names, http: HttpClient, inside: str) -> None:
    names.answers["shop.example.com"] = [[inside]]
    with pytest.raises(InvalidInput) as refused:
        await http.guarded("GET", "https://shop.example.com/")
    assert reason(refused) == "blocked address"


async def test_a_name_is_asked_once_and_what_was_checked_is_connected_to(
    site: Site, names: Names, http: HttpClient
) -> None:
    names.answers["feeds.test"] = [["127.0.0.1"], ["169.254.169.254"]]
    site.shows("/", "hi")
    assert (await http.guarded("GET", site.url())).text == "hi"
    assert names.asked == ["feeds.test"]
    with pytest.raises(InvalidInput) as refused:
        await http.guarded("GET", site.url())
    assert reason(refused) == "blocked address"


async def test_a_name_nobody_knows_is_not_answering(http: HttpClient) -> None:
    with pytest.raises(UpstreamFailed) as failed:
        await http.guarded("GET", "https://nobody.example.com/")
    assert reason(failed) == "no answer"


async def test_two_redirects_are_followed(site: Site, http: HttpClient) -> None:
    site.shows("/a", status=302, Location="/b")
    site.shows("/b", status=301, Location=site.url("/c"))
    site.shows("/c", "here")
    answer = await http.guarded("GET", site.url("/a"), headers={"Authorization": "Bearer community"})
    assert answer.text == "here"
    assert str(answer.request.url) == site.url("/c")
    assert "Authorization" in site.asked[2].headers


async def test_three_redirects_are_too_many(site: Site, http: HttpClient) -> None:
    site.shows("/a", status=302, Location="/a")
    with pytest.raises(UpstreamFailed) as failed:
        await http.guarded("GET", site.url("/a"))
    assert reason(failed) == "too many redirects"
    assert len(site.asked) == 3


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/", "https://10.0.0.1/", "http://169.254.169.254/", "https://[::1]/", "https://inside.example.com/",
        "http://example.com/", "https://user@example.com/", "file:///etc/passwd", "//localhost/", "https://2130706433/",
    ],
)  # fmt: skip
async def test_a_redirect_is_checked_like_the_first_address(
    site: Site, names: Names, http: HttpClient, target: str
) -> None:
    names.answers["inside.example.com"] = [["10.0.0.1"]]
    site.shows("/a", status=302, Location=target)
    with pytest.raises(InvalidInput):
        await http.guarded("GET", site.url("/a"))


async def test_a_redirect_to_no_address_is_a_failure(site: Site, http: HttpClient) -> None:
    site.shows("/a", status=302, Location="https://[broken/")
    with pytest.raises(UpstreamFailed):
        await http.guarded("GET", site.url("/a"))


async def test_credentials_do_not_travel_to_another_origin(site: Site, names: Names, http: HttpClient) -> None:
    other = Site()
    await other.server.start_server()
    names.answers["other.test"] = [["127.0.0.1"]]
    guard = UrlGuard({f"feeds.test:{site.server.port}", f"other.test:{other.server.port}"})
    client = HttpClient(MemoryState(), fetcher=GuardedFetcher(guard, names.lookup))
    other.shows("/", "there")
    site.shows("/", status=307, Location=f"http://other.test:{other.server.port}/")
    await client.guarded("GET", site.url(), headers={"Authorization": "Bearer x", "X-Key": "y", "Accept": "text/plain"})
    sent = other.asked[0].headers
    assert ("Authorization" in sent, "X-Key" in sent, sent["Accept"]) == (False, False, "text/plain")
    await client.close()
    await other.server.close()


async def test_a_signed_body_is_not_sent_after_a_redirect(site: Site, http: HttpClient) -> None:
    site.shows("/hook", status=307, Location="/elsewhere")
    with pytest.raises(UpstreamFailed) as failed:
        await http.guarded("POST", site.url("/hook"), content=b"signed")
    assert reason(failed) == "redirect"
    assert len(site.asked) == 1


async def test_an_answer_may_be_64_kib_and_not_one_byte_more(site: Site, http: HttpClient) -> None:
    site.shows("/fits", b"x" * 65536)
    site.shows("/more", b"x" * 65537)
    assert len((await http.guarded("GET", site.url("/fits"))).content) == 65536
    with pytest.raises(TooLarge) as refused:
        await http.guarded("GET", site.url("/more"))
    assert reason(refused) == "response too long"


async def test_an_endless_answer_is_cut_off(site: Site, http: HttpClient) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 4096)

    site.pages["/"] = endless
    with pytest.raises(TooLarge):
        await http.guarded("GET", site.url())


async def test_packed_answers_are_unpacked_within_the_same_bound(site: Site, http: HttpClient) -> None:
    site.shows("/packed", gzip.compress(b"hello"), Content_Encoding="gzip")
    site.shows("/bomb", gzip.compress(b"\0" * 10_000_000), Content_Encoding="gzip")
    site.shows("/broken", b"not packed", Content_Encoding="gzip")
    site.shows("/odd", b"?", Content_Encoding="br")
    assert (await http.guarded("GET", site.url("/packed"))).text == "hello"
    with pytest.raises(TooLarge):
        await http.guarded("GET", site.url("/bomb"))
    for path in ("/broken", "/odd"):
        with pytest.raises(UpstreamFailed) as failed:
            await http.guarded("GET", site.url(path))
        assert reason(failed) == "not readable"


async def test_the_time_is_limited_and_an_unanswered_change_is_of_unknown_outcome(site: Site, http: HttpClient) -> None:
    async def never(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    site.pages["/"] = never
    with pytest.raises(UpstreamFailed) as failed:
        await http.guarded("GET", site.url(), timeout=0.1)
    assert reason(failed) == "timeout"
    with pytest.raises(UnknownOutcome):
        await http.guarded("POST", site.url(), timeout=0.1)


async def test_statuses_are_answers_failures_or_requests_to_wait(site: Site, http: HttpClient) -> None:
    site.shows("/gone", status=404)
    site.shows("/down", status=503)
    site.shows("/busy", status=429, Retry_After="17")
    assert (await http.guarded("GET", site.url("/gone"))).status_code == 404
    with pytest.raises(UpstreamFailed) as failed:
        await http.guarded("GET", site.url("/down"))
    assert reason(failed) == "503 Service Unavailable"
    with pytest.raises(TooMany) as busy:
        await http.guarded("GET", site.url("/busy"))
    assert busy.value.retry_after == 17
    assert (await http.guarded("GET", site.url("/down"), expects={503})).status_code == 503


async def test_a_host_that_keeps_failing_is_left_alone(site: Site, http: HttpClient) -> None:
    site.shows("/", status=500)
    for _ in range(7):
        with pytest.raises(UpstreamFailed):
            await http.guarded("GET", site.url())
    assert len(site.asked) == 5


async def test_a_closed_client_opens_again(site: Site, http: HttpClient) -> None:
    site.shows("/", "hi")
    await http.guarded("GET", site.url())
    await http.close()
    assert (await http.guarded("GET", site.url())).text == "hi"
