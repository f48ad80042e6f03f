"""All modules in one process, and Ann, who sets them up in a browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from quart.typing import TestClientProtocol

from flask_core.testing.installation import Installation, installation, until
from waddlebot.tree import modules

PASSWORD = "correct horse battery"


@dataclass
class House:
    """The installation, the portal's client of Ann, and her community."""

    inst: Installation
    browser: TestClientProtocol
    community_id: int = 0

    async def page(self, path: str, status: int = 200) -> str:
        response = await self.browser.get(path)
        assert response.status_code == status, await response.get_data()
        return (await response.get_data()).decode()

    async def send(self, path: str, status: int = 303, *, on: str = "", **fields: str) -> str:
        """Fill and send a form of the page `on` (its token is read from there)."""
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', await self.page(on or path))
        assert token is not None
        response = await self.browser.post(path, form={"form_token": token[1], **fields})
        assert response.status_code == status, await response.get_data()
        return response.headers.get("Location") or (await response.get_data()).decode()

    @property
    def here(self) -> str:
        return f"/c/{self.community_id}"

    async def settle_in(self, link: str) -> None:
        await self.send(
            "/auth/set-up", on=link, token=link.partition("token=")[2], name="Ann", email="ann@example.org",
            password=PASSWORD,
        )  # fmt: skip
        where = await self.send("/communities/new", name="Penguins")
        self.community_id = int(where.split("/")[2])
        await self.page(f"{self.here}/playground")

    async def say(self, text: str, who: str = "Dee") -> str:
        """A line in the playground; the bot's next words."""
        before = (await self.page(f"{self.here}/playground")).count('<li class="bot">')
        playground = f"{self.here}/playground"
        await self.send(f"{playground}/lines", on=playground, **{"as": who, "text": text})
        html = ""
        for _ in range(200):
            html = await self.page(playground)
            if html.count('<li class="bot">') > before:
                break
            await asyncio.sleep(0.05)
        bots = re.findall(r'<li class="bot"><span class="who">[^<]*</span><span class="text">(.*?)</span>', html)
        return str(bots[-1]) if len(bots) > before else ""


@pytest_asyncio.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    from identity_core_module_flask import jobs

    printed: list[str] = []
    monkeypatch.setitem(jobs.Jobs.__init__.__kwdefaults__, "say", printed.append)
    folders = [info.folder.name for info in modules()]
    async with installation(folders, f"sqlite://{tmp_path}/house.db") as inst:
        made = House(inst, inst.app("portal").test_client())
        link = (await until(lambda: printed))[0]
        await made.settle_in(link.partition("8080")[2])
        yield made
