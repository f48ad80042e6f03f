"""A house to live in: all modules in this process, or the installation at WADDLEBOT_TEST_URL."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.testing.browser import RemoteClient
from flask_core.testing.installation import installation, until
from tests.house import House
from waddlebot.tree import modules


@pytest_asyncio.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Ann's, with a new community."""
    if url := os.environ.get("WADDLEBOT_TEST_URL"):
        browser = RemoteClient(url)
        async with browser.http:
            made = House(browser)
            await made.become_owner(os.environ["WADDLEBOT_TEST_SET_UP"])
            await made.settle_in(f"Penguins {secrets.token_hex(3)}")
            yield made
        return
    from identity_core_module_flask import jobs

    printed: list[str] = []
    monkeypatch.setitem(jobs.Jobs.__init__.__kwdefaults__, "say", printed.append)
    folders = [info.folder.name for info in modules()]
    async with installation(folders, f"sqlite://{tmp_path}/house.db") as inst:
        made = House(inst.app("portal").test_client(), installation=inst)
        await made.become_owner((await until(lambda: printed))[0].partition("8080")[2])
        await made.settle_in()
        yield made
