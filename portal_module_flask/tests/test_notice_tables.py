"""The table of notices, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest_asyncio

from flask_core.contracts.notices import PutNotice
from flask_core.database import AsyncDAL
from flask_core.testing.plugin import MakeDatabase
from portal_module_flask.config import MODULE
from portal_module_flask.notice_repository import NoticeRepository

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> AsyncDAL:
    return make_database(MODULE.folder)


async def test_one_row_per_key_and_the_newest_about_a_thing_is_shown(database: AsyncDAL) -> None:
    notices = NoticeRepository(database)
    first = await notices.put("twitch", PutNotice("a", "x", "One.", 2, "p"), NOW)
    again = await notices.put("twitch", PutNotice("a", "x", "Other words.", 2, "p"), NOW)
    assert (again.id, again.text, first.new, again.new) == (first.id, "One.", True, False)
    assert (await notices.put("slack", PutNotice("a", "x", "Elsewhere.", 2), NOW)).new
    await notices.put("twitch", PutNotice("b", "x", "Two.", 2, "p"), NOW + timedelta(minutes=1))
    assert [one.text for one in await notices.of_community(2)] == ["Two.", "Elsewhere."]
    assert [one.text for one in await notices.of_person("p")] == ["Two."]
    assert (await notices.of_community(0), await notices.of_person("")) == ([], [])
    await notices.resolve("twitch", "x")
    assert [one.text for one in await notices.of_community(2)] == ["Elsewhere."]
    assert await notices.forget(NOW + timedelta(days=1)) == 3
