"""From a line in Twitch's chat through a filter of the router to a time-out at Twitch."""

from __future__ import annotations

from flask_core.contracts import filters, router
from flask_core.datamodels import Moderate
from flask_core.testing.installation import until
from twitch_module_flask.tests.conftest import Stream, traces_of
from twitch_module_flask.tests.helping import add_bot, eve


async def set_filter(stream: Stream, **fields: object) -> None:
    """Ann switches the filter against links on."""
    client, here = stream.portal.client, stream.community_id
    before = await client.call("router", filters.FILTER, filters.FilterOf(here, "links"), acting=stream.owner)
    asked = filters.PutFilter(here, "links", before.version, enabled=True, **fields)  # type: ignore[arg-type]
    await client.call("router", filters.PUT_FILTER, asked, acting=stream.owner)


async def test_a_filter_deletes_a_line_and_times_its_author_out(stream: Stream) -> None:
    await add_bot(stream)
    await set_filter(stream, ladder=("5m", "ban"))
    dee = eve(stream)
    for message_id in ("m1", "m2"):
        stream.twitch.written[message_id] = ("1337", dee.id)
    await stream.chat(dee, "look at example.com", message_id="m1")
    await until(lambda: stream.twitch.did("timeout"), "the time-out")
    (out,) = stream.twitch.did("timeout")
    assert (out["user"], out["seconds"], "link" in out["reason"].lower()) == ("77", 300, True)
    assert [one["message_id"] for one in stream.twitch.did("delete")] == ["m1"]
    await until(lambda: stream.twitch.said, "the words about it")
    await stream.chat(dee, "and at example.org", message_id="m2")
    await until(lambda: stream.twitch.did("ban"), "the ban")
    assert stream.twitch.banned == {("1337", "77"): 0}
    await stream.chat(dee, "hello", message_id="m3")
    assert len(stream.twitch.did("delete")) == 2


async def test_why_shows_what_twitch_had_against_it(stream: Stream) -> None:
    await set_filter(stream, ladder=("5m",))
    stream.twitch.moderators.add(("1337", "77"))
    await stream.chat(eve(stream), "look at example.com", message_id="m1")

    def over(trace: router.TraceView) -> bool:
        return any(one.reason for one in trace.deliveries)

    (trace,) = await traces_of(stream, over)
    reasons = {one.kind: (one.state, one.reason) for one in trace.deliveries if one.reason}
    assert ("failed", "Twitch bans no moderators and not the streamer.") in reasons.values()


async def test_any_module_may_ask_for_a_time_out(stream: Stream) -> None:
    eve(stream)
    asked = router.ActionsRequest(
        stream.community_id, router.Target(channel="twitch:1337:1337"), "one", (Moderate("timeout", "77", seconds=60),)
    )
    await stream.inst.client("memories").call("router", router.ACT, asked)
    await until(lambda: stream.twitch.banned == {("1337", "77"): 60}, "the time-out")
