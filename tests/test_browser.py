"""A real browser before the whole bot: what a person sees from the set-up link to an alert on the overlay."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, WebSocketRoute, expect

from flask_core.testing.installation import until
from tests.browsing import CHROMIUM, Bot, Watch, bot, chromium, say, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
OWN = (
    "commands/own",
    "commands/own/new",
    "commands/own/1",
    "commands/own?state=bin",
    "commands/counters",
    "command-page",
)
LONG_LINE = " ".join(["Back in a minute."] * 10)
PAINTED = """async (picture) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = canvas.getImageData(0, 0, image.width, image.height).data;
  let painted = 0;
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at]) painted += 1;
  return painted / (image.width * image.height);
}"""

RUN = """() => {
  const line = document.querySelector("#ticker .line");
  const run = line.getAnimations().find((one) => one.animationName === "run");
  run.pause();
  run.currentTime = 0;
  const begins = line.getBoundingClientRect().left;
  run.finish();
  return [begins, line.getBoundingClientRect().right, run.effect.getTiming().duration / 1000];
}"""

# What has the focus: whether it has a name, a ring, and nothing over it; null when it is the page itself.
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const { left, top, width, height } = one.getBoundingClientRect();
  const on_top = document.elementFromPoint(Math.min(Math.max(left + width / 2, 1), innerWidth - 1), top + height / 2);
  return {
    what: one.outerHTML.slice(0, 200),
    named: Boolean(one.getAttribute("aria-label") || one.innerText || one.labels?.length || one.title),
    ringed: one.tagName === "IFRAME" || getComputedStyle(one).outlineStyle !== "none",
    seen: Boolean(on_top) && (one.contains(on_top) || on_top.contains(one)),
  };
}"""


@dataclass
class Visit:
    """Ann in her community's playground, and everything her browser asked for meanwhile."""

    bot: Bot
    context: BrowserContext
    page: Page
    watch: Watch

    async def preview(self) -> str:
        """The address of the overlay beside the chat."""
        return str(await self.page.locator(".preview iframe").get_attribute("src"))

    async def painted(self, page: Page) -> float:
        """The share of the page's pixels that hide what is behind it."""
        picture = base64.b64encode(await page.screenshot(omit_background=True)).decode()
        blank = await self.context.new_page()
        share = float(await blank.evaluate(PAINTED, picture))
        await blank.close()
        return share


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visit]:
    async with bot(tmp_path_factory.mktemp("house")) as running, chromium() as browser:
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        watch = Watch(context)
        page = await context.new_page()
        await running.settle_in(page)
        yield Visit(running, context, page, watch)


@pytest.fixture(autouse=True)
def own_hosts_only(visit: Visit) -> Iterator[None]:
    """No page of any test asks another host for anything or makes the browser complain."""
    yield
    assert visit.watch.asked <= {visit.bot.portal.partition("//")[2], visit.bot.overlays.partition("//")[2]}
    assert visit.watch.complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def playground(visit: Visit) -> Page:
    await visit.page.goto(f"{visit.bot.here}/playground")
    return visit.page


async def test_the_bot_answers_and_says_why(visit: Visit, playground: Page) -> None:
    assert (await say(playground, "!ping")).startswith("Pong.")
    await playground.locator(".lines li.bot").last.get_by_role("link", name="why").click()
    await expect(playground.get_by_role("heading", level=1)).to_have_text("!ping")
    await expect(playground.locator(".steps")).to_contain_text("command !ping of router")
    await expect(playground.locator(".steps")).to_contain_text("Pong.")


async def test_the_overlay_beside_the_chat_shows_what_happens(visit: Visit, playground: Page) -> None:
    overlay = playground.frame_locator(".preview iframe")
    await playground.get_by_role("button", name="raid").click()
    await expect(overlay.locator("#alerts .item")).to_contain_text("Dee raids with 42")
    await say(playground, "!ticker Welcome, everybody", who="Ann")
    await expect(overlay.locator("#ticker .item")).to_have_text("Welcome, everybody")


async def test_live_goes_on_by_itself(visit: Visit, playground: Page) -> None:
    await say(playground, "!ping")
    live = await visit.context.new_page()
    await live.goto(f"{visit.bot.here}/live")
    await expect(live.locator("[data-live]")).to_have_text("Following: what happens appears here by itself.")
    await write(playground, "hello <b>live</b>", "Cy")
    newest = live.locator("tbody tr").first
    await expect(newest.locator(".what")).to_have_text("hello <b>live</b>")
    await newest.get_by_role("link", name="why").click()
    await expect(live.get_by_role("heading", level=1)).to_have_text("hello <b>live</b>")
    await live.close()


async def test_a_text_is_tried_while_it_is_typed_and_a_slider_says_where_it_stands(visit: Visit) -> None:
    page = visit.page
    await page.goto(f"{visit.bot.here}/moderation/filters")
    await page.get_by_label("A line of chat").press_sequentially("SEE EXAMPLE . COM")
    await expect(page.locator("#hits")).to_contain_text("link to example.com")
    await page.get_by_label("A line of chat").fill("hello")
    await expect(page.locator("#hits")).to_have_text("No filter says anything about it.")
    await page.get_by_label("Settings of Capitals").click()
    slider = page.locator("#caps-percent")
    await slider.press("ArrowRight")
    await expect(page.get_by_label("More capitals than this, exactly")).to_have_value("71")
    await page.get_by_label("More capitals than this, exactly").fill("40")
    await expect(slider).to_have_value("40")
    await page.locator("#caps").get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_have_text("Capitals: saved. It counts from now on.")
    await expect(slider).to_have_value("40")


async def test_what_a_command_says_is_shown_while_it_is_written(visit: Visit) -> None:
    page = visit.page
    await page.goto(f"{visit.bot.here}/commands/own/new")
    await page.get_by_label("Name").fill("hug")
    await page.get_by_label("Says").press_sequentially("$(user) hugs $(touser)!")
    await page.get_by_label("Try it").fill("@Ben")
    await expect(page.locator("#shown")).to_contain_text("Grace hugs Ben!")
    await page.get_by_label("Says").fill("$(user) hugs $(everybody)!")
    await expect(page.locator("#shown")).to_contain_text("$(everybody) means nothing and stays as it is.")
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_role("status").first).to_have_text("Saved. It holds from the next line on.")


@dataclass
class Cable:
    """An overlay's socket that can be cut, and what came through it."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    ends: list[WebSocketRoute] = field(default_factory=list)

    def plug_in(self, page_end: WebSocketRoute) -> None:
        server_end = page_end.connect_to_server()

        def hand_on(message: str | bytes) -> None:
            self.heard.append(json.loads(message))
            page_end.send(message)

        server_end.on_message(hand_on)
        self.ends = [page_end, server_end]

    async def cut(self) -> None:
        self.heard.clear()
        for end in self.ends:
            await end.close()

    async def hears(self, kind: str, lane: str) -> dict[str, Any]:
        """The item that the next message of this kind has for a lane."""
        found = await until(lambda: [m for m in self.heard if m["type"] == kind])
        items = [item for message in found for item in message.get("items", [message]) if item["lane"] == lane]
        return dict(items[-1])


@pytest.mark.promise("browser_source.1")
async def test_a_page_that_lost_its_line_shows_again_what_is_on_screen(visit: Visit, playground: Page) -> None:
    cable = Cable()
    overlay = await visit.context.new_page()
    await overlay.route_web_socket(re.compile("/socket$"), cable.plug_in)
    await overlay.goto(await visit.preview())
    await say(playground, "!overlay clear", who="Ben")
    await say(playground, f"!ticker {LONG_LINE}", who="Ben")
    line = overlay.locator("#ticker .item")
    await expect(line).to_have_text(LONG_LINE)
    first = await cable.hears("show", "ticker")

    await cable.cut()
    again = await cable.hears("state", "ticker")
    assert again["number"] == first["number"]
    assert 0 < again["seconds"] < first["seconds"]
    await expect(line).to_have_count(1)

    cable.heard.clear()
    await overlay.reload()
    await expect(line).to_have_text(LONG_LINE)
    assert 0 < (await cable.hears("state", "ticker"))["seconds"] < again["seconds"]
    await overlay.close()


@pytest.mark.promise("browser_source.23")
async def test_the_overlay_hides_nothing_but_what_it_shows(visit: Visit, playground: Page) -> None:
    await say(playground, "!overlay clear", who="Ben")
    address = await visit.preview()
    overlay = await visit.context.new_page()
    sizes = {
        "": (1920, 1080), "/ticker": (1920, 100), "/media": (400, 300), "/general": (1920, 1080), "/alerts": (800, 300)
    }  # fmt: skip
    for widget, (width, height) in [*sizes.items(), ("", (1280, 720))]:
        await overlay.set_viewport_size({"width": width, "height": height})
        await overlay.goto(address + widget)
        await expect(overlay.locator(".item")).to_have_count(0)
        assert await visit.painted(overlay) == 0
        inner = await overlay.evaluate("[document.documentElement.clientWidth, document.documentElement.clientHeight]")
        assert inner == [width, height]
    await playground.get_by_role("button", name="raid").click()
    await expect(overlay.locator("#alerts .item")).to_have_count(1)
    assert 0 < await visit.painted(overlay) < 0.2
    await overlay.close()


@pytest.mark.promise("browser_source.11")
async def test_a_long_line_runs_from_outside_to_outside_in_its_time(visit: Visit, playground: Page) -> None:
    overlay = await visit.context.new_page()
    await overlay.emulate_media(reduced_motion="no-preference")
    await overlay.set_viewport_size({"width": 1920, "height": 1080})
    cable = Cable()
    await overlay.route_web_socket(re.compile("/socket$"), cable.plug_in)
    await overlay.goto(await visit.preview())
    await say(playground, "!overlay clear", who="Ben")
    await say(playground, f"!ticker {LONG_LINE}", who="Ann")
    await overlay.locator("#ticker .line.long").wait_for()
    begins, ends, seconds = await overlay.evaluate(RUN)
    assert begins >= 1920
    assert ends <= 0
    assert seconds <= (await cable.hears("show", "ticker"))["seconds"]
    await overlay.close()


async def test_all_pages_are_under_more_on_a_phone(visit: Visit) -> None:
    phone = await visit.context.new_page()
    await phone.set_viewport_size({"width": 360, "height": 740})
    await phone.goto(f"{visit.bot.here}/home")
    for page in ("Commands", "Twitch", "Modules"):
        await phone.get_by_role("link", name="More").click()
        await phone.get_by_label("Pages").get_by_role("link", name=page).click()
        await expect(phone.get_by_role("heading", level=1)).to_have_text(page)
    await phone.close()


@pytest.mark.parametrize("width", [1440, 360])
async def test_every_stop_of_the_keyboard_has_a_name_a_ring_and_nothing_over_it(visit: Visit, width: int) -> None:
    page = await visit.context.new_page()
    await page.set_viewport_size({"width": width, "height": 740})
    memories = ("memories", "memories/reminders", "memories/categories", "memories/import")
    for path in ("home", "overlays", *memories, *OWN[:-1], "moderation/filters"):
        await page.goto(f"{visit.bot.here}/{path}")
        stops = 0
        await page.keyboard.press("Tab")
        while stop := await page.evaluate(FOCUSED):
            assert stop["named"], stop
            assert stop["ringed"], stop
            assert stop["seen"], stop
            stops += 1
            await page.keyboard.press("Tab")
        assert stops > 10
    await page.close()
