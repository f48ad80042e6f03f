"""Conversations about ai."""

from __future__ import annotations

import pytest

from flask_core.testing.chat import ChatDriver


@pytest.mark.promise("ai.1")
async def test_a_point_given_is_counted(chat: ChatDriver) -> None:
    assert await chat.say("!ai @ann") == "ann has 0 ai."
    assert await chat.say("!ai give Ann", user="dee") == "Ann has 1 ai."
    assert await chat.say("!ai ann") == "ann has 1 ai."
    assert await chat.say("!ai give Dee", user="dee") == "Points are given to others."


async def test_a_line_that_names_nobody_is_told_how_to_write_it(chat: ChatDriver) -> None:
    assert await chat.say("!ai") == "Usage: !ai <member>"
    assert await chat.say("!ai give") == "Usage: !ai give <member>"


async def test_a_retried_line_counts_once(chat: ChatDriver) -> None:
    for _ in range(2):
        assert await chat.say("!ai give ann", execution_id="same") == "ann has 1 ai."
