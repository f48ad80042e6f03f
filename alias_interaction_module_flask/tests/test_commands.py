"""Conversations about alias."""

from __future__ import annotations

import pytest

from flask_core.testing.chat import ChatDriver


@pytest.mark.promise("alias.1")
async def test_a_point_given_is_counted(chat: ChatDriver) -> None:
    assert await chat.say("!alias @ann") == "ann has 0 alias."
    assert await chat.say("!alias give Ann", user="dee") == "Ann has 1 alias."
    assert await chat.say("!alias ann") == "ann has 1 alias."
    assert await chat.say("!alias give Dee", user="dee") == "Points are given to others."


async def test_a_line_that_names_nobody_is_told_how_to_write_it(chat: ChatDriver) -> None:
    assert await chat.say("!alias") == "Usage: !alias <member>"
    assert await chat.say("!alias give") == "Usage: !alias give <member>"


async def test_a_retried_line_counts_once(chat: ChatDriver) -> None:
    for _ in range(2):
        assert await chat.say("!alias give ann", execution_id="same") == "ann has 1 alias."
