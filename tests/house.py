"""Ann and her community, seen through the portal's pages: in this process, or wherever the portal is reached."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from flask_core.testing.installation import Installation

PASSWORD = "correct horse battery"
EMAIL = "ann@example.org"
_PATIENCE = 10.0
_BOT = re.compile(r'<li class="bot"><span class="who">[^<]*</span><span class="text">(.*?)</span>')


class Answer(Protocol):
    """What a page answered."""

    status_code: int
    headers: Mapping[str, str]

    async def get_data(self, as_text: bool = False) -> Any: ...


class Browser(Protocol):
    """Keeps cookies, follows nothing by itself."""

    async def get(self, path: str) -> Answer: ...

    async def post(self, path: str, *, form: dict[str, str], headers: dict[str, str] | None = None) -> Answer: ...


@dataclass(frozen=True)
class _HttpAnswer:
    status_code: int
    headers: Mapping[str, str]
    body: str

    async def get_data(self, as_text: bool = False) -> Any:
        return self.body if as_text else self.body.encode()


class HttpBrowser:
    """A browser without scripts, over the network."""

    def __init__(self, url: str) -> None:
        self.client = httpx.AsyncClient(base_url=url, timeout=30, trust_env=False)

    async def get(self, path: str) -> _HttpAnswer:
        return _answer(await self.client.get(path))

    async def post(self, path: str, *, form: dict[str, str], headers: dict[str, str] | None = None) -> _HttpAnswer:
        return _answer(await self.client.post(path, data=form, headers=headers))


def _answer(response: httpx.Response) -> _HttpAnswer:
    return _HttpAnswer(response.status_code, response.headers, response.text)


@dataclass
class House:
    """Ann's browser and her community; `inst` is the inside of an installation in this process."""

    browser: Any
    community_id: int = 0
    installation: Installation | None = None

    @property
    def inst(self) -> Installation:
        """The modules, where a test looks behind the pages."""
        assert self.installation is not None, "this house is elsewhere"
        return self.installation

    async def page(self, path: str, status: int = 200) -> str:
        """The page, which answers with `status`."""
        response = await self.browser.get(path)
        text = str(await response.get_data(as_text=True))
        assert response.status_code == status, text
        return text

    async def send(self, path: str, status: int = 303, *, on: str = "", **fields: str) -> str:
        """Fill and send a form of the page `on` (its token is read from there); where it leads, or the page."""
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', await self.page(on or path))
        assert token is not None
        response = await self.browser.post(path, form={"form_token": token[1], **fields})
        text = str(await response.get_data(as_text=True))
        assert response.status_code == status, text
        return response.headers.get("Location") or text

    @property
    def here(self) -> str:
        """Where the pages of the community begin."""
        return f"/c/{self.community_id}"

    async def become_owner(self, link: str) -> None:
        """Ann opens the one-time link; where it was used before, she signs in."""
        if (await self.browser.get(link)).status_code == 200:
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
