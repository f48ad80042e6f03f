"""Pictures of every page, wide and narrow, dark and light, empty and full: `make screenshots [ONLY=home]`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

from tests.browsing import Bot, bot, chromium, say, write

FOLDER = Path("screenshots")
WIDTHS = {1440: 900, 360: 740}
THEMES = ("dark", "light")
STRANGERS = {"front": "/", "sign-in": "/auth/sign-in"}
PAGES = (
    "home", "playground", "live", "traces", "commands", "commands/own", "commands/counters",
    "moderation", "moderation/filters", "moderation/nukes",
    "members", "overlays", "memories", "modules", "audit", "platforms/twitch", "platforms/slack",
    "ai", "ai/settings",
)  # fmt: skip
MEMORIES = {
    "memories-reminders": "/memories/reminders", "memories-categories": "/memories/categories",
    "memories-suggestions": "/memories?state=pending", "memories-bin": "/memories?state=deleted",
    "memories-import": "/memories/import",
}  # fmt: skip
FULL_ONLY = {
    "memories-entry": "/memories/quote/3", "memories-report": "/memories/import",
    "module": "/modules/memories", "router": "/modules/router", "menu": "/home#pages",
    "banned": "/members?status=banned", "nothing-found": "/commands?q=quots", "filters-tuned": "/moderation/filters",
    "moderation-rule": "/moderation/rules/1",
    "settings-chat": "/settings/chat", "command": "/commands/quote",
    "own-command": "/commands/own/1", "own-everybody": "/command-page", "own-aliases": "/commands/own?kind=alias",
}  # fmt: skip
AROUND = {
    "communities": "/communities/new", "me": "/me", "data": "/me/data", "lost": "/nowhere",
    "health": "/operator/health",
    "events": "/operator/events", "claims": "/operator/claims", "operator-module": "/operator/modules/memories",
    "dead-letters": "/operator/dead-letters",
}  # fmt: skip
KEPT = (
    '!quote add "Premature optimisation is the root of all evil." by Donald Knuth',
    '!quote add "Have you tried turning it off and on again?" by Roy',
    '!quote add "Ship it. The penguins will tell us." by Grace',
    '!link add "The guide for new penguins" https://example.org/guide',
)
RULES = (
    '!rule add contains "free followers" timeout 10m',
    '!rule add word "c++" warn This is a friendly place for every language.',
    '!rule add regex "^!(give|gift)away$" block', "!rule live 1",
)  # fmt: skip
EVENING = (
    ("Dee", "hello from Lisbon"),
    ("Ben", "hi Dee, ask the bot for a quote"),
    ("Dee", "!quote delete 3"),
    ("Cy", "!remind me in 20m water the plants"),
    ("Ben", "!ticker Tonight: speed runs with Grace, then the raid train at ten"),
    ("Dee", "!quote penguins"),
)
OWN = (
    "!cmd add hug $(user) hugs $(touser)! That makes $(count) hugs.",
    "!cmd add so -role=moderator -usercd=30 Look in on $(1): they were last seen playing $(game $(1)).",
    "!cmd add socials -when=online -on=twitch We are everywhere: example.org/penguins",
    "!cmd add lurk -disable -cost=50 $(user) slips under the ice.",
    "!cmd edit hug $(user) gives $(touser) a hug. That makes $(count) hugs.",
    "!alias add w !quote",
    "!alias add deaths !counter deaths",
    "!counter set deaths 41",
    "!counter set boss fights 3",
)
LATER = (
    ("Dee", '!quote suggest "One more run, then bed." by Ben'),
    ("Cy", '!quote suggest "The raid was the best part."'),
    ("Ben", '!note add "Raid rules" "Say hello first, then ask." #raid'),
    ("Ben", "!note delete N1"),
    ("Ben", "!remind here every monday 20:00 the stream begins"),
    ("Ben", "!remind here in 3h raid Celeste when we are done"),
    ("Ben", '!nuke "from Lisbon" 1h'),
    ("Ben", "!nuke undo"),
    ("Ben", "!nuke links 1h delete"),
)
LIST = '#3. "Ship it." – Grace\n#8. "Was that the last boss?" – Dee\n#9. "It compiles." – Ben\nno number here'
GROUND = "html { background: linear-gradient(160deg, #3d6b54, #86a86a 45%, #d8c48a 70%, #4c7d9b) !important; }"


async def main(only: str) -> None:
    """Take all pictures whose name begins with `only`."""
    with tempfile.TemporaryDirectory() as folder:
        async with bot(Path(folder)) as running, chromium() as browser:
            studio = Studio(browser, running, only)
            await studio.take({f"{name}-new": running.portal + path for name, path in STRANGERS.items()})
            await studio.take({"set-up": running.set_up})
            await studio.settle_in()
            here = running.here
            everything = {**{name.rpartition("/")[2]: f"/{name}" for name in PAGES}, **MEMORIES}
            await studio.take({f"{name}-empty": here + path for name, path in everything.items()})
            await studio.fill()
            everything["memories-reminders"] += f"?channel=console:{here.rpartition('/')[2]}:playground"
            await studio.take({f"{name}-full": here + path for name, path in everything.items()})
            await studio.take({name: here + path for name, path in FULL_ONLY.items()})
            await studio.take({"trace": await studio.newest_trace()})
            await studio.take({name: running.portal + path for name, path in AROUND.items()})
            await studio.take_overlay()


async def _pose(page: Page, name: str) -> None:
    """What has to be done on a page before its picture is taken."""
    if name == "memories-report":
        await page.get_by_label("It is").select_option("streamelements")
        await page.get_by_label("Or its lines").fill(LIST)
        await page.get_by_role("button", name="Try it first").click()
    if name == "nukes-full":
        await page.get_by_label("Looking for").fill("the bot")
        await page.get_by_role("button", name="Preview").click()
    if name == "own-command":
        await page.get_by_label("Try it").fill("@ben")
        await page.locator("#shown p").first.wait_for()
    if name == "filters-tuned":
        await page.get_by_label("A line of chat").fill("BUY FOLLOWERS AT EXAMPLE . COM")
        await page.locator("#hits li").first.wait_for()
        for shown in ("Links", "Repeats", "Words"):
            await page.get_by_label(f"Settings of {shown}").click()


class Studio:
    """A browser with Ann's session in it, and a bot before it."""

    def __init__(self, browser: Browser, running: Bot, only: str) -> None:
        self.browser = browser
        self.bot = running
        self.only = only
        self.session: dict[str, object] = {"cookies": [], "origins": []}

    async def _context(self, width: int, theme: str) -> BrowserContext:
        return await self.browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]}, color_scheme=theme, storage_state=self.session,  # type: ignore[arg-type]
            reduced_motion="reduce", bypass_csp=True, has_touch=width < 900,
        )  # fmt: skip

    async def take(self, pages: dict[str, str]) -> None:
        """Each page in every width and theme."""
        wanted = {name: url for name, url in pages.items() if name.startswith(self.only)}
        for width in WIDTHS if wanted else ():
            for theme in THEMES:
                context = await self._context(width, theme)
                page = await context.new_page()
                for name, url in wanted.items():
                    await page.goto(url)
                    await _pose(page, name)
                    await page.evaluate("document.fonts.ready")
                    await page.screenshot(path=FOLDER / f"{name}-{width}-{theme}.png", full_page=True)
                await context.close()

    async def settle_in(self) -> None:
        """Ann's session, for all pictures from here on."""
        context = await self._context(1440, "dark")
        await self.bot.settle_in(await context.new_page())
        self.session = await context.storage_state()  # type: ignore[assignment]
        await context.close()

    async def fill(self) -> None:
        """An evening's worth of everything; the picture for the README is taken in the middle of it."""
        context = await self._context(1440, "dark")
        page = await context.new_page()
        await self._cards_for_quotes(page)
        await page.goto(f"{self.bot.here}/playground")
        for text in KEPT:
            await say(page, text, "Ben")
        for who, text in EVENING:
            await (say if text.startswith("!") else write)(page, text, who)
        await page.locator('.people-list button[value="Cy"]').click()
        await page.get_by_role("button", name="raid").click()
        await page.locator(".lines li.event").wait_for()
        await write(page, "thank you, Cy, and welcome everybody", "Ann")
        await self._take_best(page)
        for who, text in LATER:
            await say(page, text, who)
        for text in OWN:
            await say(page, text, "Ann")
        for text in RULES:
            await say(page, text, "Ben")
        await write(page, "get FREE Ⓕollowers here", "Cy")
        await self._make_overlay(page)
        await self._make_categories(page)
        await self._set_filters(page)
        await page.goto(f"{self.bot.here}/members?q=cy")
        await page.get_by_role("button", name="Ban Cy").click()
        await context.close()

    async def _cards_for_quotes(self, page: Page) -> None:
        await page.goto(f"{self.bot.here}/modules/memories")
        await page.get_by_label("quote").check()
        await page.get_by_label("Suggestions").check()
        await page.get_by_role("button", name="Save").click()

    async def _take_best(self, page: Page) -> None:
        """The playground with cards on its overlay, nobody's cursor in it."""
        screen = page.frame_locator(".preview iframe")
        for lane in ("alerts", "general", "ticker"):
            await screen.locator(f"#{lane} .item").wait_for()
        await page.mouse.move(0, 0)
        await page.screenshot(path=FOLDER / "best.png")

    async def _make_overlay(self, page: Page) -> None:
        await page.goto(f"{self.bot.here}/overlays")
        await page.get_by_label("New overlay").fill("Main")
        await page.get_by_role("button", name="Create").click()
        for what in ("follow", "ticker"):
            await page.get_by_role("button", name=what, exact=True).click()

    async def _make_categories(self, page: Page) -> None:
        await page.goto(f"{self.bot.here}/memories/categories")
        for name, icon, colour in (("Speed runs", "🏁", "#e8be5b"), ("Overheard", "👂", "#7cc4fa")):
            await page.get_by_label("Name", exact=True).last.fill(name)
            await page.locator("#icon").fill(icon)
            await page.locator("#colour").fill(colour)
            await page.get_by_role("button", name="Add", exact=True).click()
        await page.goto(f"{self.bot.here}/memories/quote/3")
        await page.get_by_label("Category").select_option("Overheard")
        await page.get_by_role("button", name="Save").click()

    async def _set_filters(self, page: Page) -> None:
        for title in ("Links", "First message", "Capitals"):
            await page.goto(f"{self.bot.here}/moderation/filters")
            await page.get_by_role("button", name=f"Switch {title} on").click()
        await page.goto(f"{self.bot.here}/playground")
        await say(page, "see example.com", "Dee")
        await say(page, "LOOK AT ME NOW PLEASE", "Dee")
        await write(page, "AND NOW AGAIN, LOUDER", "Dee")
        for who in ("Mia", "Noah"):
            await page.get_by_text("Another person").click()
            await page.locator("#p-name").fill(who)
            await page.get_by_role("button", name="Add", exact=True).click()
            await write(page, "buy followers and viewers at example . com, cheap and fast, for your stream", who)

    async def newest_trace(self) -> str:
        """The address of the reason for the newest line."""
        context = await self._context(1440, "dark")
        page = await context.new_page()
        await page.goto(f"{self.bot.here}/traces?q=quote")
        path = await page.locator(".actions a").first.get_attribute("href")
        await context.close()
        return f"{self.bot.portal}{path}"

    async def take_overlay(self) -> None:
        """What OBS would show, over something like a game."""
        if not "overlay".startswith(self.only):
            return
        context = await self._context(1440, "dark")
        page, screen = await context.new_page(), await context.new_page()
        await page.goto(f"{self.bot.here}/playground")
        address = str(await page.locator(".preview iframe").get_attribute("src"))
        await say(page, "!overlay clear", "Ben")
        await say(page, "!quote 3", "Dee")
        await say(page, "!ticker Tonight: speed runs with Grace, then the raid train at ten", "Ben")
        await page.get_by_role("button", name="raid").click()
        for name, (width, height) in {"overlay-full": (1920, 1080), "overlay-720": (1280, 720)}.items():
            await screen.set_viewport_size({"width": width, "height": height})
            await screen.goto(address)
            await screen.add_style_tag(content=GROUND)
            await screen.locator("#alerts .item").wait_for()
            await screen.locator("#general .item").wait_for()
            await screen.screenshot(path=FOLDER / f"{name}.png")
        for widget, (width, height) in {"ticker": (1920, 100), "alerts": (800, 300)}.items():
            await screen.set_viewport_size({"width": width, "height": height})
            await screen.goto(f"{address}/{widget}")
            await screen.add_style_tag(content=GROUND)
            await screen.locator(".item").wait_for()
            await screen.screenshot(path=FOLDER / f"overlay-{widget}.png")
        await context.close()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
