"""Ann and her community, seen through the portal's pages: in this process, or wherever the portal is reached."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from flask_core.testing.browser import Browser
from flask_core.testing.installation import Installation

PASSWORD = "correct horse battery"
EMAIL = "ann@example.org"
_PATIENCE = 10.0
_BOT = re.compile(r'<li class="bot"><span class="who">[^<]*</span><span class="text">(.*?)</span>')


@dataclass
class House(Browser):
    """Ann's browser and her community; `inst` is the inside of an installation in this process."""

    community_id: int = 0
    installation: Installation | None = None

    @property
    def inst(self) -> Installation:
        """The modules, where a test looks behind the pages."""
        assert self.installation is not None, "this house is elsewhere"
        return self.installation

    @property
    def here(self) -> str:
        """Where the pages of the community begin."""
        return f"/c/{self.community_id}"

    async def become_owner(self, link: str) -> None:
        """Ann opens the one-time link; where it was used before, she signs in."""
        if (await self.web.get(link)).status_code == 200:
            token = link.partition("token=")[2]
            await self.send("/auth/set-up", on=link, token=token, name="Ann", email=EMAIL, password=PASSWORD)
        else:
            await self.send("/auth/sign-in", email=EMAIL, password=PASSWORD)

    async def settle_in(self, name: str = "Penguins") -> None:
        """A community with its playground."""
        where = await self.send("/communities/new", name=name)
        self.community_id = int(where.split("/c/")[1].split("/")[0])
        await self.page(f"{self.here}/playground")

    async def say(self, text: str, who: str = "Dee") -> str:
        """A line in the playground; the bot's next words."""
        playground = f"{self.here}/playground"
        before = (await self.page(playground)).count('<li class="bot">')
        await self.send(f"{playground}/lines", on=playground, **{"as": who, "text": text})
        try:
            async with asyncio.timeout(_PATIENCE):
                while (html := await self.page(playground)).count('<li class="bot">') <= before:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return ""
        return str(_BOT.findall(html)[-1])
