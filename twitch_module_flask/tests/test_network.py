"""The way to Twitch is cut, again and again: every answer is said in the end, and once."""

from __future__ import annotations

from flask_core.testing.fake_twitch import chat_message
from flask_core.testing.installation import until
from flask_core.testing.servers import free_port
from twitch_module_flask.tests.conftest import Stream, traces_of
from twitch_module_flask.tests.helping import viewing


async def test_while_twitch_cannot_be_reached_answers_wait_and_none_is_lost_or_said_twice(stream: Stream) -> None:
    helix, eve = viewing(stream)._helix, stream.twitch.add_user("7", "eve")
    there, nowhere = helix.url, f"http://127.0.0.1:{free_port()}/helix"
    asked: list[str] = []
    for _ in range(3):
        object.__setattr__(helix, "url", nowhere)
        line = chat_message(stream.ann, eve, "!ping")
        asked.append(line["message_id"])
        assert await stream.twitch.notify("channel.chat.message", line) == 204
        await traces_of(
            stream,
            lambda trace: (
                trace.event_id == f"twitch:chat:{asked[-1]}"
                and any("not answering" in delivery.reason for delivery in trace.deliveries)
            ),
        )
        object.__setattr__(helix, "url", there)
        await until(lambda: len(stream.twitch.said) == len(asked), "the answer")
    assert [one["reply_parent_message_id"] for one in stream.twitch.said] == asked
    assert all(one["message"].startswith("Pong") for one in stream.twitch.said)
