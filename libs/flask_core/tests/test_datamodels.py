"""What crosses services: roles, places, accounts, and times in texts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_core.datamodels import Account, ChannelKey, Chat, Event, MessageType, Platform, Reply, Role, Ticker
from flask_core.errors import InvalidInput
from flask_core.time_tokens import time_token, with_times

MOMENT = datetime(2026, 3, 13, 19, 0, tzinfo=UTC)


def test_roles_have_words_and_an_order() -> None:
    assert [Role.named(role.word) for role in Role] == sorted(Role)
    assert Role.named("Moderator") is Role.MODERATOR
    with pytest.raises(InvalidInput, match="viewer, subscriber, regular, vip, moderator, admin, owner"):
        Role.named("king")


@pytest.mark.parametrize(
    ("key", "channel", "direct"),
    [
        ("twitch:141981764:141981764", "141981764", False),
        ("slack:T1:dm:U7", "dm:U7", True),
        ("discord:dm:42", "42", True),
        ("console:2:main", "main", False),
    ],
)
def test_a_channel_has_one_way_to_be_written(key: str, channel: str, direct: bool) -> None:
    parsed = ChannelKey.parse(key)
    assert (str(parsed), parsed.channel_id, parsed.direct) == (key, channel, direct)
    assert parsed.platform in Platform


@pytest.mark.parametrize("key", ["", "twitch", "twitch:1", "twitch::1", "twitch:1:", "twitch:a b:c", "irc:1:2", "::"])
def test_other_ways_are_refused(key: str) -> None:
    with pytest.raises(InvalidInput, match=r"A channel is written|No platform is called"):
        ChannelKey.parse(key)


@given(st.text(max_size=40) | st.from_regex(r"(twitch|slack|irc):[a-z0-9:._-]*"))
def test_a_text_is_a_channel_that_is_written_the_same_or_refused(key: str) -> None:
    try:
        parsed = ChannelKey.parse(key)
    except InvalidInput:
        return
    assert str(parsed) == key


@pytest.mark.parametrize(
    ("flags", "role"),
    [
        ({"broadcaster": True, "vip": True}, Role.OWNER), ({"admin": True}, Role.ADMIN),
        ({"moderator": True, "subscriber": True}, Role.MODERATOR), ({"vip": True}, Role.VIP),
        ({"subscriber": True}, Role.SUBSCRIBER), ({}, Role.VIEWER),
    ],
)  # fmt: skip
def test_a_platform_grants_the_highest_of_its_roles(flags: dict[str, Any], role: Role) -> None:
    assert Account("7", **flags).platform_role is role


def test_people_are_called_as_they_call_themselves() -> None:
    assert [account.name for account in (Account("7", "dee", "Dee"), Account("7", "dee"), Account("7"))] == [
        "Dee", "dee", "7",
    ]  # fmt: skip


def test_an_event_knows_its_platform_and_an_answer_its_words() -> None:
    assert Event("e", MessageType.CHAT, "slack:T1:C1", MOMENT).platform == "slack"
    assert Reply.chat("Hi.", Ticker("Hi."), private=True) == Reply((Chat("Hi.", private=True), Ticker("Hi.")))


def test_times_in_a_text_are_shown_in_the_communitys_zone() -> None:
    text = f"See you {time_token(MOMENT)}."
    assert text == "See you ⟦t:2026-03-13T19:00:00Z⟧."
    assert with_times(text, "Europe/Berlin") == "See you Fri 13 Mar 20:00 CET."
    assert with_times("no time here", "Europe/Berlin") == "no time here"


@pytest.mark.parametrize(
    ("said", "zone", "shown"),
    [
        ("⟦t:soon⟧", "UTC", "soon"),
        ("⟦t:9999-12-31T23:59:59Z⟧", "Pacific/Kiritimati", "9999-12-31T23:59:59Z"),
        ("⟦t:2026-03-13T19:00:00Z⟧", "Mars/Olympus", "2026-03-13T19:00:00Z"),
        ("⟦t:2026-03-13T19:00:00Z⟧", "Europe", "2026-03-13T19:00:00Z"),
        ("⟦t:2026-03-13T19:00:00Z⟧", "../../etc/passwd", "2026-03-13T19:00:00Z"),
        ("⟦t:⟧", "UTC", "⟦t:⟧"),
    ],
)
def test_what_cannot_be_shown_is_left_as_it_was_written(said: str, zone: str, shown: str) -> None:
    assert with_times(said, zone) == shown


@given(st.text(max_size=40).map("⟦t:{}⟧".format), st.text(max_size=10))
def test_no_text_breaks_what_is_said(text: str, zone: str) -> None:
    assert isinstance(with_times(text, zone), str)
