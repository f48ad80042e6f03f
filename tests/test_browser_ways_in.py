"""A real browser with an authenticator of its own: passkeys and authenticator apps, from the pages to identity."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from passlib.totp import TOTP
from playwright.async_api import Browser, Page, expect

from tests.browsing import CHROMIUM, PASSWORD, Bot, Watch, bot, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
# A telephone that knows its owner's finger, and takes it to be there.
TELEPHONE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@dataclass
class Ann:
    """Ann before the bot, with a telephone that holds her passkeys."""

    bot: Bot
    browser: Browser
    page: Page
    watch: Watch

    async def signs_out(self) -> None:
        await self.page.goto(f"{self.bot.portal}/me")
        await self.page.get_by_role("button", name="Sign out").click()
        await self.page.goto(f"{self.bot.portal}/auth/sign-in?next=/me/sign-in")

    async def types_the_password(self) -> None:
        await self.page.get_by_label("E-mail").fill("ann@example.org")
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_role("button", name="Sign in", exact=True).click()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ann(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ann]:
    async with bot(tmp_path_factory.mktemp("house")) as running, chromium() as browser:
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        watch = Watch(context)
        page = await context.new_page()
        await running.settle_in(page)
        session = await context.new_cdp_session(page)
        await session.send("WebAuthn.enable")
        await session.send("WebAuthn.addVirtualAuthenticator", {"options": TELEPHONE})
        yield Ann(running, browser, page, watch)


@pytest.mark.promise("portal.7")
async def test_a_passkey_is_added_and_lets_in(ann: Ann) -> None:
    page = ann.page
    await page.goto(f"{ann.bot.portal}/me/sign-in")
    await page.get_by_label("Name of the new passkey").fill("Phone")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.locator(".codes li")).to_have_count(10)
    await page.get_by_role("link", name="I have kept them").click()
    await expect(page.locator("#passkeys")).to_contain_text("Phone")
    await ann.signs_out()
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Signing in")
    await expect(page.locator("#passkeys")).not_to_contain_text("never used")


@pytest.mark.promise("portal.7")
async def test_after_the_password_the_passkey_is_asked_for(ann: Ann) -> None:
    await ann.signs_out()
    await ann.types_the_password()
    await expect(ann.page.get_by_role("heading", level=1)).to_have_text("One more step")
    await ann.page.get_by_role("button", name="Use a passkey").click()
    await expect(ann.page.get_by_role("heading", level=1)).to_have_text("Signing in")


@pytest.mark.promise("portal.7")
async def test_an_authenticator_app_is_set_up_and_asked_for(ann: Ann) -> None:
    page = ann.page
    await page.goto(f"{ann.bot.portal}/me/sign-in")
    await page.get_by_role("button", name="Set up an app").click()
    drawn = page.get_by_role("img", name="QR code with the key below")
    assert await drawn.evaluate("(image) => image.complete && image.naturalWidth > 100")
    app = TOTP(key=await page.locator("code.address").inner_text())
    await page.get_by_label("Code of the app").fill(str(app.generate(time.time() - 30).token))
    await page.get_by_role("button", name="Switch it on").click()
    await expect(page.locator(".codes li")).to_have_count(10)
    await ann.signs_out()
    await ann.types_the_password()
    await page.get_by_label("Code").fill(str(app.generate(time.time()).token))
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.locator("#authenticator")).to_contain_text("set up")


async def test_a_passkey_that_was_removed_opens_nothing_and_nothing_was_complained_about(ann: Ann) -> None:
    page = ann.page
    await page.goto(f"{ann.bot.portal}/me/sign-in")
    await page.locator("#passkeys summary").click()
    await page.locator("#passkeys").get_by_role("button", name="Remove").click()
    await expect(page.locator("#passkeys")).to_contain_text("No passkey yet.")
    assert ann.watch.asked == {ann.bot.portal.partition("//")[2]} | ann.watch.asked & {
        ann.bot.overlays.partition("//")[2]
    }
    assert ann.watch.complaints == []
    await ann.signs_out()
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("alert").first).to_have_text("That passkey does not open anything here.")
