"""The portal among real modules in one process, before Ann sets them up and after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from portal_module_flask.tests.house import FOLDERS, House, new_house


@pytest_asyncio.fixture
async def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A house that nobody has set up yet."""
    async with new_house(FOLDERS, f"sqlite://{tmp_path}/house.db", monkeypatch) as house:
        yield house


@pytest_asyncio.fixture
async def house(new: House) -> House:
    """Ann has settled in, with a community and its playground."""
    await new.settle_in()
    return new
