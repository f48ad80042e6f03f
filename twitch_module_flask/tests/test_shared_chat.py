"""Chats that several channels share: by default only one's own lines are heard, and never is anybody answered twice."""

from __future__ import annotations

import pytest

from flask_core.contracts import module, router, twitch
from flask_core.datamodels import Manifest, MessageType
from flask_core.errors import NotFound
from flask_core.testing.installation import until
from twitch_module_flask.tests.conftest import Stream


async def include(stream: Stream, shared_chat: twitch.SharedChat = "include") -> None:
    asked = twitch.ChannelSettings("1337", stream.community_id, shared_chat)
    await stream.portal.client.call("twitch", twitch.SET_CHANNEL, asked, acting=stream.owner)
    await stream.shows(lambda status: status.channels[0].shared_chat == shared_chat)


@pytest.mark.promise("twitch.9")
async def test_where_shared_lines_are_included_a_moderator_of_elsewhere_is_answered_as_a_viewer(
    stream: Stream,
) -> None:
    mo = stream.twitch.add_user("78", "mo")
    await include(stream)
    shared = {"source_broadcaster_user_id": "4711", "source_badges": [{"set_id": "moderator", "id": "1", "info": ""}]}
    said = await stream.answer(mo, "!why", badges=["moderator"], **shared)
    assert said == "Only moderators can do that. You are viewer here."
    assert stream.twitch.said[-1]["broadcaster_id"] == "1337"
    assert stream.twitch.said[-1]["for_source_only"] is True
    # What he is here is not changed by what he says there.
    assert not (await stream.answer(mo, "!why", badges=["moderator"])).startswith("Only moderators")


@pytest.mark.promise("twitch.9")
async def test_a_shared_line_is_heard_and_never_scores(stream: Stream) -> None:
    heard = await listener(stream)
    eve = stream.twitch.add_user("77", "eve")
    await include(stream)
    await stream.chat(eve, "hello from there", source_broadcaster_user_id="4711")
    await stream.chat(eve, "hello from here")
    await until(lambda: len(heard) == 2, "both lines")
    assert [(one.event.data.get("shared"), one.scores) for one in heard] == [("4711", False), (None, True)]


async def listener(stream: Stream) -> list[module.ScoredEvent]:
    """A module that counts lines."""
    counting, heard = stream.inst.fake("counting"), list[module.ScoredEvent]()

    @counting.offers(module.EVENTS)
    async def take(asked: module.EventBatch, _: object) -> module.EventsTaken:
        heard.extend(asked.events)
        return module.EventsTaken(len(asked.events))

    manifest = Manifest("counting", "1.0.0", "core", "http://127.0.0.1:1", "i-1", listens_to=(MessageType.CHAT,))
    await counting.client.call("router", router.INTRODUCE, router.Introduction("counting", manifest))
    return heard


async def test_a_channel_of_another_community_cannot_be_set(stream: Stream) -> None:
    asked = twitch.ChannelSettings("4711", stream.community_id, "include")
    with pytest.raises(NotFound):
        await stream.portal.client.call("twitch", twitch.SET_CHANNEL, asked, acting=stream.owner)


async def test_the_tile_names_who_shares_the_chat_while_they_do(stream: Stream) -> None:
    people = [{"broadcaster_user_id": "1337", "broadcaster_user_login": "teststreamer"},
              {"broadcaster_user_id": "4711", "broadcaster_user_login": "cologne"}]  # fmt: skip
    event = {"broadcaster_user_id": "1337", "session_id": "s", "participants": people}
    assert await stream.twitch.notify("channel.shared_chat.begin", event) == 204
    assert (await stream.status()).channels[0].shares_with == ("cologne",)
    assert await stream.twitch.notify("channel.shared_chat.end", event) == 204
    assert (await stream.status()).channels[0].shares_with == ()
