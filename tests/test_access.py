"""Every page before a real browser: what axe finds in it, and whether it is wider than the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page

from flask_core.testing.browser import RemoteClient
from tests.browsing import CHROMIUM, bot, chromium
from tests.furnishing import furnish
from tests.house import House
from tests.page_map import PageMap

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
WIDTHS = {1440: 900, 360: 740}
TABS = 3
# Themes differ in colours alone: the second is only asked about those.
THEMES = {"dark": "{}", "light": "{ runOnly: ['color-contrast', 'link-in-text-block'] }"}
# Where nothing is linked there is nothing yet; the page that says so is looked at instead.
NOTHING_THERE = frozenset({400, 404})
OPENED = "document.querySelectorAll('main details').forEach((one) => { one.open = true; })"
# To axe the first rows of a long table stand for the rest.
SHORTENED = "document.querySelectorAll('tbody tr:nth-child(n + 9)').forEach((one) => { one.remove(); })"
GRAVE = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"], iframes: false, selectors: false, ...%s });
  return violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
}"""
BAD = """<!doctype html><html lang="en"><title>Bad</title><style>
main { width: 900px; background: black; color: white; } body { margin: 0; }
@media (prefers-color-scheme: light) { main { color: #333; } }
</style><main><h1>Hard to read</h1><input></main>"""


@dataclass
class Grounds:
    """A furnished installation, its pages with what each answers, and a browser in which Ann is signed in."""

    browser: Browser
    portal: str
    cookies: list[Any]
    pages: dict[str, int]
    strangers: list[str]

    async def faults(self, paths: Iterable[str], *, signed_in: bool = True) -> list[str]:
        """What is wrong with the pages, a line each."""
        context = await self.browser.new_context(reduced_motion="reduce")
        if signed_in:
            await context.add_cookies(self.cookies)
        waiting, found = list(paths), list[str]()

        async def go_through() -> None:
            page = await context.new_page()
            while waiting:
                path = waiting.pop()
                await page.goto(self.portal + path)
                found.extend(f"{path}, {fault}" for fault in await _faults(page))

        await asyncio.gather(*(go_through() for _ in range(TABS)))
        await context.close()
        return found


async def _faults(page: Page) -> list[str]:
    found = []
    await page.evaluate(AXE_SCRIPT)
    await page.evaluate(OPENED)
    for width, height in WIDTHS.items():
        await page.set_viewport_size({"width": width, "height": height})
        wide = await page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{width} px: it is {wide} px wide")
    await page.evaluate(SHORTENED)
    for width, height in WIDTHS.items():
        await page.set_viewport_size({"width": width, "height": height})
        for theme, rules in THEMES.items():
            await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            found += [f"{width} px, {theme}: {fault}" for fault in await page.evaluate(GRAVE % rules)]
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grounds(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Grounds]:
    async with bot(tmp_path_factory.mktemp("grounds")) as running, chromium() as browser:
        web = RemoteClient(running.portal)
        async with web.http:
            house = House(web)
            await house.become_owner(running.set_up.removeprefix(running.portal))
            await house.settle_in()
            await furnish(house)
            known = PageMap(house.community_id)
            pages = await known.tour(web.http)
            async with httpx.AsyncClient(base_url=running.portal, trust_env=False) as stranger:
                strangers = await known.seen_by(stranger)
            cookies = [{"name": one.name, "value": one.value, "url": running.portal} for one in web.http.cookies.jar]
        yield Grounds(browser, running.portal, cookies, pages, strangers)


async def test_the_tour_finds_the_pages_and_nearly_all_show_something(grounds: Grounds) -> None:
    empty = [path for path, status in grounds.pages.items() if status != 200]
    assert {grounds.pages[path] for path in empty} <= NOTHING_THERE
    # Links that are shown once, and ways back from other sites, lead nowhere without what they carry.
    assert len(empty) * 4 < len(grounds.pages), empty


@pytest.mark.promise("portal.11")
@pytest.mark.timeout(600)  # four looks at each of a hundred pages: a minute on a machine that does nothing else
async def test_no_page_is_hard_to_use_or_scrolls_sideways(grounds: Grounds) -> None:
    assert await grounds.faults(grounds.pages) == []


@pytest.mark.promise("portal.11")
async def test_nor_does_a_page_that_strangers_see(grounds: Grounds) -> None:
    assert await grounds.faults(grounds.strangers, signed_in=False) == []


async def test_what_is_wrong_is_found(grounds: Grounds) -> None:
    context = await grounds.browser.new_context()
    page = await context.new_page()
    await page.set_content(BAD)
    found = " ".join(await _faults(page))
    assert "360 px: it is 900 px wide" in found
    assert "1440 px, dark: label:" in found
    assert "360 px, light: color-contrast:" in found
    assert "360 px, dark: color-contrast:" not in found
    await context.close()
