"""The page behind a link is looked at once, from outside only, and the link stays whatever comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from flask_core.guarded_fetch import GuardedFetcher
from flask_core.http_client import HttpClient
from flask_core.shared_memory import MemoryState
from flask_core.url_guard import UrlGuard
from memories_interaction_module_flask.models import Memory
from memories_interaction_module_flask.page_title import page_title
from memories_interaction_module_flask.tests.conftest import World
from memories_interaction_module_flask.titles import title_work

MOD = {"role": "moderator", "user": "ben"}
PAGE = (
    "<html><head><title> How  to\n raid &amp; win</title><meta name='description' content='All of it.'></head>"
    "<body><svg><title>an icon</title></svg></body></html>"
)


@dataclass
class Web:
    """A site that the operator admitted as pages.test; every other name leads inside."""

    world: World
    server: TestServer
    http: HttpClient
    html: str = PAGE
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    asked: list[str] = field(default_factory=list)

    async def add(self, line: str) -> Memory:
        """A link that somebody adds, after its page was looked at."""
        await self.world.chat.say(f"!link add {line}", **MOD)
        await self.look()
        return await self.link()

    async def look(self) -> int:
        repository = self.world.memories.entries.repository
        return await title_work(self.world.database, repository, self.http, lambda: self.world.now).step()

    async def link(self) -> Memory:
        return await self.world.memories.entries.show(2, "link", 1)

    @property
    def page(self) -> str:
        return f"http://pages.test:{self.server.port}/guide"


@pytest_asyncio.fixture
async def site(world: World) -> AsyncIterator[Web]:
    made: list[Web] = []

    async def answer(request: web.Request) -> web.Response:
        made[0].asked.append(request.path)
        headers = {"Content-Type": made[0].kind}
        return web.Response(body=made[0].html.encode(), status=made[0].status, headers=headers)

    async def lookup(_: str) -> list[str]:
        return ["127.0.0.1"]

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    server = TestServer(app)
    await server.start_server()
    guard = UrlGuard({f"pages.test:{server.port}"})
    made.append(Web(world, server, HttpClient(MemoryState(), fetcher=GuardedFetcher(guard, lookup))))
    await world.memories.settings.write(2, {"fetch_titles": True}, 0)
    yield made[0]
    await made[0].http.close()
    await server.close()


@pytest.mark.promise("memories.15")
async def test_what_nobody_typed_is_taken_from_the_page(site: Web) -> None:
    link = await site.add(f'"Our guide" {site.page}')
    assert (link.title, link.content, link.version) == ("Our guide", "All of it.", 2)
    assert await site.look() == 0
    assert site.asked == ["/guide"]


async def test_a_link_without_a_title_gets_that_of_its_page(site: Web) -> None:
    link = await site.add(f"pages.test {site.page} mine")
    assert (link.title, link.content) == ("How to raid & win", "mine")
    assert await site.world.chat.say("!links raid") == "L1 How to raid & win"


@pytest.mark.promise("memories.15")
async def test_a_page_inside_is_not_fetched_and_the_link_is_kept(site: Web) -> None:
    link = await site.add("Router https://router.example.org/admin")
    assert (link.title, link.content, link.version) == ("Router", "", 1)
    assert site.asked == []
    assert await site.look() == 0


async def test_a_page_that_is_away_is_tried_three_times(site: Web) -> None:
    site.status = 503
    await site.add(f"Guide {site.page}")
    for _ in range(4):
        site.world.later(minutes=5)
        await site.look()
    assert len(site.asked) == 3
    assert (await site.link()).title == "Guide"


async def test_what_is_no_page_changes_nothing(site: Web) -> None:
    site.kind = "application/pdf"
    assert (await site.add(f"Guide {site.page}")).version == 1


async def test_markup_of_a_page_is_text_and_cut(site: Web) -> None:
    site.html = f"<title>&lt;b&gt;{'x' * 400}</title><meta property='og:description' content='{'y' * 900}'>"
    link = await site.add(f"pages.test {site.page}")
    assert link.title == "<b>" + "x" * 252
    assert link.content == "y" * 500


async def test_a_link_that_was_changed_meanwhile_stays_so(site: Web) -> None:
    await site.world.chat.say(f"!link add Guide {site.page}", **MOD)
    await site.world.chat.say("!link delete L1", **MOD)
    assert await site.look() == 1
    await site.world.chat.say("!link restore L1", **MOD)
    assert (await site.link()).content == ""


async def test_nobody_looks_where_the_community_does_not_want_it(site: Web) -> None:
    await site.world.memories.settings.write(2, {}, 1)
    assert (await site.add(f"Guide {site.page}")).content == ""
    assert site.asked == []


def test_pages_that_say_little() -> None:
    assert page_title("") == page_title("<title>") == page_title("<p>no head")
    assert page_title("<meta><title>a</title><meta property=og:title content=b>").title == "b"
