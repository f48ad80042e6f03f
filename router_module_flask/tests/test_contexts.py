"""What is remembered of channels and people, and what makes it be asked again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.errors import Unavailable
from flask_core.shared_memory import MemoryState
from flask_core.testing.installation import until
from router_module_flask.contexts import CachedContexts
from router_module_flask.tests.fakes import CHANNEL, chat_event


@dataclass
class Town:
    """A community that answers with a new role every time, and a clock."""

    asked: list[list[str]] = field(default_factory=list)
    role: Role = Role.VIEWER
    away: bool = False
    now: float = 0.0

    async def call(self, module: str, operation: object, asked: Any, timeout: float) -> community.ContextAnswer:
        self.asked.append([item.account.user_id for item in asked.items])
        if self.away:
            raise Unavailable("The community module is not answering right now.")
        return community.ContextAnswer(
            tuple(
                community.Context(
                    community.ContextChannel(item.channel),
                    community.ContextCommunity(2, "penguins", "Penguins"),
                    community.ContextMember(f"member-{item.account.user_id}", "active", self.role, first_message=True),
                )
                for item in asked.items
            )
        )


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def shared() -> MemoryState:
    return MemoryState()


@pytest_asyncio.fixture
async def contexts(town: Town, shared: MemoryState) -> AsyncIterator[CachedContexts]:
    contexts = CachedContexts(town, clock=lambda: town.now)  # type: ignore[arg-type]
    listening = asyncio.create_task(contexts.listen(shared))
    await asyncio.sleep(0)
    yield contexts
    listening.cancel()


async def test_people_who_speak_at_once_are_asked_about_together(contexts: CachedContexts, town: Town) -> None:
    await asyncio.gather(*(contexts.ask(chat_event("hi", user)) for user in ("ann", "ben", "cy")))
    assert town.asked == [["ann", "ben", "cy"]]
    assert contexts.known(chat_event("hi", "ann"))
    assert contexts.known(chat_event("hi", "eve")) is None


async def test_the_first_message_is_the_first_once(contexts: CachedContexts) -> None:
    first = await contexts.ask(chat_event("hi"))
    again = contexts.known(chat_event("hi again"))
    assert first.member
    assert first.member.first_message
    assert again
    assert again.member
    assert not again.member.first_message


async def test_what_is_known_is_fresh_for_a_minute(contexts: CachedContexts, town: Town) -> None:
    await contexts.ask(chat_event("hi"))
    town.now = 59
    assert contexts.known(chat_event("hi"))
    town.now = 61
    assert contexts.known(chat_event("hi")) is None


async def test_while_community_is_away_what_was_known_is_good_for_ten_minutes_more(
    contexts: CachedContexts, town: Town
) -> None:
    await contexts.ask(chat_event("hi"))
    town.away = True
    town.now = 659
    assert (await contexts.ask(chat_event("hi"))).community.name == "Penguins"
    with pytest.raises(Unavailable):
        await contexts.ask(chat_event("hi", "stranger"))
    town.now = 661
    with pytest.raises(Unavailable):
        await contexts.ask(chat_event("hi"))


@pytest.mark.parametrize(
    ("topic", "news"),
    [
        (community.TOPIC_MEMBER, community.MemberChanged(2, "member-dee")),
        (community.TOPIC_MEMBER, community.MemberChanged(2, "member-ann", (("console", "dee"),))),
        (community.TOPIC_CHANNEL, community.ChannelChanged(CHANNEL)),
        pytest.param(
            community.TOPIC_CHANNEL,
            community.ChannelChanged(f"{CHANNEL.rpartition(':')[0]}:*"),
            marks=pytest.mark.promise("community.18"),
        ),
        (community.TOPIC_COMMUNITY, community.CommunityChanged(2)),
    ],
)
async def test_what_changed_is_asked_again_and_still_known_in_need(
    contexts: CachedContexts, town: Town, shared: MemoryState, topic: str, news: msgspec.Struct
) -> None:
    await contexts.ask(chat_event("hi"))
    await shared.publish(topic, msgspec.json.encode(news))
    await until(lambda: contexts.known(chat_event("hi")) is None)
    town.away = True
    assert (await contexts.ask(chat_event("hi"))).community.name == "Penguins"


async def test_changes_elsewhere_are_no_concern(contexts: CachedContexts, shared: MemoryState) -> None:
    await contexts.ask(chat_event("hi", "ann"))
    await contexts.ask(chat_event("hi", "ben"))
    for topic, news in (
        (community.TOPIC_CHANNEL, community.ChannelChanged("console:2:other")),
        (community.TOPIC_CHANNEL, community.ChannelChanged("console:22:*")),
        (community.TOPIC_COMMUNITY, community.CommunityChanged(3)),
        (community.TOPIC_MEMBER, community.MemberChanged(3, "member-eve", (("console", "ann"),))),
        (community.TOPIC_MEMBER, community.MemberChanged(2, "member-eve", (("twitch", "ann"),))),
        (community.TOPIC_MEMBER, community.MemberChanged(2, "member-ben")),
    ):
        await shared.publish(topic, msgspec.json.encode(news))
    await until(lambda: contexts.known(chat_event("hi", "ben")) is None)
    assert contexts.known(chat_event("hi", "ann"))


async def test_the_oldest_goes_when_there_are_too_many(
    contexts: CachedContexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router_module_flask.contexts._REMEMBERED", 2)
    for user in ("ann", "ben", "cy"):
        await contexts.ask(chat_event("hi", user))
    assert [bool(contexts.known(chat_event("hi", user))) for user in ("ann", "ben", "cy")] == [False, True, True]
