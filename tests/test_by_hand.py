"""What people do with the pages when they have no pointer, or no scripts: in a real browser, step by step."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browsing import CHROMIUM, PASSWORD, Bot, bot, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
MOST_STOPS = 150
# What somebody reads aloud who goes through the page with the Tab key.
STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "";
  const label = one.getAttribute("aria-label") || one.labels?.[0]?.innerText;
  return label || one.innerText || one.placeholder || "";
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bot]:
    """An installation whose owner has settled in, and left again."""
    async with bot(tmp_path_factory.mktemp("house")) as running:
        context = await browser.new_context()
        await running.settle_in(await context.new_page())
        await context.close()
        yield running


class Keyboard:
    """Somebody before a page who has nothing but a keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = page.keyboard

    async def goes_to(self, name: str) -> None:
        """Press Tab until the stop with this name is reached."""
        passed = list[str]()
        while not (await self._stop()).startswith(name):
            passed.append(await self._stop())
            assert len(passed) < MOST_STOPS, f"no {name!r} among {passed}"
            await self.keys.press("Tab")
        # The page itself is the one stop without a name, between its end and its beginning.
        assert passed.count("") <= 1, passed

    async def types(self, field: str, text: str) -> None:
        """Fill a field in."""
        await self.goes_to(field)
        await self.keys.type(text)

    async def presses(self, name: str, key: str = "Enter") -> None:
        """A button or a link."""
        await self.goes_to(name)
        await self.keys.press(key)

    async def arrives(self, title: str) -> None:
        """The page with this heading is there."""
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    async def _stop(self) -> str:
        return " ".join(str(await self.page.evaluate(STOP)).split())


async def sign_in(page: Page, house: Bot) -> None:
    await page.goto(f"{house.portal}/auth/sign-in")
    await page.get_by_label("E-mail").fill("ann@example.org")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(lambda url: "/auth/" not in url)


@pytest.mark.promise("portal.11")
async def test_by_keyboard_alone_one_signs_in_adds_a_command_uses_and_deletes_it(browser: Browser, house: Bot) -> None:
    context = await browser.new_context(reduced_motion="reduce")
    page = await context.new_page()
    hands = Keyboard(page)
    await page.goto(f"{house.portal}/auth/sign-in")
    await hands.types("E-mail", "ann@example.org")
    await hands.types("Password", PASSWORD)
    await hands.keys.press("Enter")
    await hands.arrives("Home")
    await hands.presses("Commands")
    await hands.arrives("Commands")
    await hands.presses("Add a command")
    await hands.arrives("A new command")
    await hands.types("Name", "wave")
    await hands.types("Says", "$(user) waves.")
    await hands.presses("Add")
    await expect(page.get_by_role("status").first).to_have_text("Saved. It holds from the next line on.")

    await hands.presses("Playground")
    await hands.arrives("Playground")
    await hands.presses("◆ D Ben")
    await hands.goes_to("Line")
    await expect(page.get_by_label("Line")).to_have_attribute("placeholder", "Write as Ben")
    await hands.keys.type("!wave")
    await hands.keys.press("Enter")
    await expect(page.locator(".lines li.bot .text").last).to_have_text("Ben waves.")
    await hands.keys.press("Alt+4")
    await hands.keys.press("ArrowUp")
    await hands.keys.press("Enter")
    await expect(page.locator(".lines li.bot .text").last).to_have_text("Dee waves.")

    await page.goto(f"{house.here}/commands/own")
    await hands.presses("Delete: !wave")
    await expect(page.get_by_role("status").first).to_contain_text("!wave is in the bin for 30 days.")
    await hands.presses("Undo")
    await expect(page.get_by_role("link", name="!wave")).to_be_visible()
    await context.close()


@pytest.mark.promise("portal.12")
async def test_without_scripts_one_signs_in_adds_a_command_and_changes_a_rule(browser: Browser, house: Bot) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, house)
    await page.goto(f"{house.here}/commands/own/new")
    await page.get_by_label("Name").fill("bow")
    await page.get_by_label("Says").fill("$(user) bows.")
    await page.get_by_label("Try it").fill("deeply")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("#shown")).to_contain_text("Grace bows.")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("status").first).to_have_text("Saved. It holds from the next line on.")

    await page.goto(f"{house.here}/moderation/rules/new")
    await page.get_by_label("Pattern").fill("free followers")
    await page.get_by_label("Delete the message").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_contain_text("is saved")
    await page.get_by_role("link", name="Change rule #1").click()
    await page.get_by_label("Pattern").fill("free hats")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("tbody")).to_contain_text("free hats")
    await page.get_by_label("Remove rule #1").first.click()
    await page.get_by_role("button", name="Remove rule #1").click()
    await expect(page.get_by_text("No rule yet.")).to_be_visible()
    await context.close()
