"""What the bot says on Slack: how it is written, where, how often, never twice, and what it cannot do."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_core.contracts import community, slack
from flask_core.contracts.module import EXECUTE, Delivery, DeliveryResult, DeliveryStatus
from flask_core.contracts.router import INTRODUCE, Introduction
from flask_core.datamodels import (
    Account,
    Chat,
    CommandCard,
    General,
    GrantRole,
    Invocation,
    Manifest,
    Media,
    Moderate,
    PlatformRequest,
    Reply,
    Ticker,
)
from slack_module_flask.tests.conftest import GENERAL, Town, living
from slack_module_flask.wording import LONGEST, MOST_PARTS, divided, mrkdwn, unmarked

BEN = Account("T1.U2", "ben", "Ben")


def line(number: int, text: str = "hello", channel: str = GENERAL, **more: Any) -> Delivery:
    options = {name: more.pop(name) for name in ("private", "reply", "mention", "style") if name in more}
    return Delivery(number, f"router:key-{number}", channel, Chat(text, **options), 2, account=BEN, **more)


def act(number: int, action: Any, **more: Any) -> Delivery:
    return Delivery(number, f"router:act-{number}", GENERAL, action, 2, account=BEN, **more)


async def test_a_line_is_said_and_its_id_is_told(town: Town) -> None:
    (done,) = await town.deliver(line(1))
    assert (done.status, done.message_ids) == (DeliveryStatus.DONE, (town.slack.said[0]["ts"],))
    assert (town.slack.said[0]["channel"], town.slack.said[0]["unfurl_links"]) == ("C1", False)


async def test_the_same_key_never_speaks_twice(town: Town) -> None:
    first = await town.deliver(line(1))
    assert await town.deliver(line(1)) == first
    assert len(town.slack.said) == 1


async def test_an_answer_goes_into_the_thread_unless_the_workspace_wants_none(town: Town) -> None:
    await town.deliver(line(1, reply_to="1.5"), line(2, reply_to="2.0/1.0"), line(3, reply_to="1.5", reply=False))
    assert [said.get("thread_ts") for said in town.slack.said] == ["1.5", "1.0", None]
    settings = slack.WorkspaceSettings(reply_in_thread=False)
    await town.ask(slack.SET_UP, slack.PutWorkspaceSettings("T1", town.community_id, settings))
    town.slack.limits = False
    await until_spent(town, line(4, reply_to="1.5"))
    assert town.slack.said[-1].get("thread_ts") is None


async def until_spent(town: Town, delivery: Delivery) -> None:
    """As the router does: again after the time that it is told."""
    import asyncio

    while (await town.deliver(delivery))[0].status is DeliveryStatus.RATE_LIMITED:  # noqa: ASYNC110 - its own state
        await asyncio.sleep(0.05)


async def test_what_is_private_only_one_member_sees(town: Town) -> None:
    await town.deliver(
        line(1, private=True, reply_to="1.5"), line(2, channel="slack:T1:dm:U2"),
        line(3, private=True, reply_to="2.0/1.0"),
    )  # fmt: skip
    direct = next(said for said in town.slack.said if said["channel"] == "U2")
    whispered, threaded = (said for said in town.slack.said if said["channel"] == "C1")
    assert ("thread_ts" in whispered, threaded["thread_ts"]) == (False, "1.0")
    assert (whispered["ephemeral"], whispered["user"], whispered["channel"]) == (True, "U2", "C1")
    assert (direct["ephemeral"], direct["channel"]) == (False, "U2")


async def test_a_long_text_comes_in_parts(town: Town) -> None:
    (done,) = await town.deliver(line(1, "\n".join(f"line {number}" for number in range(1_000))))
    assert len(done.message_ids) == len(town.slack.said) == 3
    assert town.slack.said[1]["text"].startswith("line ")


LONG = "\n".join(f"line {number}: see [here](https://a.example/{number}) & <b>" for number in range(700))


async def spoken(town: Town, delivery: Delivery) -> DeliveryResult:
    town.slack.limits = False
    result = (await town.deliver(delivery))[0]
    while result.status is DeliveryStatus.RATE_LIMITED:
        await asyncio.sleep(0.05)
        result = (await town.deliver(delivery))[0]
    return result


async def test_what_does_not_fit_into_five_messages_follows_as_a_file(town: Town) -> None:
    done = await spoken(town, line(1, LONG, reply_to="1.5"))
    assert (done.status, len(done.message_ids), len(town.slack.said)) == (DeliveryStatus.DONE, MOST_PARTS, MOST_PARTS)
    (file,) = town.slack.shared
    assert (file["channels"], file["thread_ts"], file["filename"]) == (["C1"], "1.5", "answer.txt")
    assert file["text"].endswith("line 699: see here (https://a.example/699) & <b>")
    last = town.slack.said[-1]["text"].splitlines()[-1]
    number = int(last.split(":")[0].removeprefix("line "))
    assert file["text"].startswith(f"line {number + 1}: ")


async def test_a_file_that_one_member_may_see_goes_to_them(town: Town) -> None:
    assert (await spoken(town, line(1, LONG, private=True, reply_to="1.5"))).status is DeliveryStatus.DONE
    assert [(one["channels"], one["thread_ts"]) for one in town.slack.shared] == [(["U2"], "")]


async def test_without_the_right_to_share_files_a_long_text_is_cut(tmp_path: Path) -> None:
    async with living(f"sqlite://{tmp_path}/t.db", without={"files:write"}) as town:
        done = await spoken(town, line(1, LONG))
        assert (done.status, town.slack.shared) == (DeliveryStatus.DONE, [])
        assert town.slack.said[-1]["text"].endswith("…")


async def test_a_file_that_slack_does_not_take_leaves_what_was_said(town: Town) -> None:
    town.slack.errors["files.completeUploadExternal"] = ["restricted_action"]
    done = await spoken(town, line(1, LONG))
    assert (done.status, len(done.message_ids)) == (DeliveryStatus.NOT_PERMITTED, MOST_PARTS)


def test_a_file_has_no_markup() -> None:
    said = mrkdwn("**hi** <b> & [see](https://a.example/x) ⟦t:2026-03-13T19:00:00Z⟧", "Europe/Berlin")
    assert unmarked(said) == "*hi* <b> & see (https://a.example/x) Fri 13 Mar 20:00 CET"


@pytest.mark.promise("slack.14")
async def test_what_a_viewer_wrote_calls_nobody_and_breaks_nothing(town: Town) -> None:
    await town.deliver(line(1, "<!channel> &lt;!here> <@U1> *a* & <https://x.example|click>"))
    said = town.slack.said[0]["text"]
    assert said == "&lt;!channel&gt; &amp;lt;!here&gt; &lt;@U1&gt; *a* &amp; &lt;https://x.example|click&gt;"
    assert mrkdwn("**hi** <@T1.U2>, [see](https://a.example/x) ~~no~~") == (
        "*hi* <@U2>, <https://a.example/x|see> ~no~"
    )


@given(st.text(max_size=200))
def test_no_text_calls_a_channel_or_a_group(text: str) -> None:
    assert "<!" not in mrkdwn(text.replace("⟦", "")).replace("<!date", "")


@given(st.text(alphabet="ab &<\n", max_size=12_000))
def test_parts_are_short_and_cut_no_letter_in_two(text: str) -> None:
    parts, rest = divided(mrkdwn(text), 2)
    assert len(parts) <= 2
    assert all(len(part) <= LONGEST for part in parts)
    assert "".join("".join([*parts, rest]).split()) == "".join(mrkdwn(text).split())
    assert not any(part.endswith(("&", "&a", "&am", "&amp", "&l", "&lt")) for part in parts)


def test_a_time_is_shown_to_each_reader_as_theirs() -> None:
    said = mrkdwn("Ends ⟦t:2026-03-13T19:00:00Z⟧.", "Europe/Berlin")
    assert said == "Ends <!date^1773428400^{date_short_pretty} {time}|Fri 13 Mar 20:00 CET>."


@pytest.mark.promise("slack.15")
async def test_a_channel_is_spoken_to_once_a_second(town: Town) -> None:
    began = time.monotonic()
    results = await town.deliver(*(line(number) for number in range(30)))
    said = [result for result in results if result.status is DeliveryStatus.DONE]
    late = [result for result in results if result.status is DeliveryStatus.RATE_LIMITED]
    # Three at once, then one a second; the router asks again for the others.
    assert 3 <= len(said) <= 3 + time.monotonic() - began
    assert len(said) + len(late) == 30
    assert 0 < late[0].retry_after <= 1
    assert town.slack.calls.count("chat.postMessage") == len(said)


@pytest.mark.promise("slack.15")
async def test_who_is_asked_to_wait_waits_with_that_method_in_that_workspace_only(town: Town) -> None:
    town.slack.errors["chat.postMessage"] = [7]
    (held,) = await town.deliver(line(1))
    assert (held.status, held.retry_after) == (DeliveryStatus.RATE_LIMITED, 7)
    (still,) = await town.deliver(line(1))
    assert (still.status, 6 < still.retry_after <= 7) == (DeliveryStatus.RATE_LIMITED, True)
    assert town.slack.calls.count("chat.postMessage") == 1
    (whispered,) = await town.deliver(line(2, private=True))
    assert whispered.status is DeliveryStatus.DONE


async def test_where_the_bot_is_not_is_said_in_a_sentence_and_not_tried_again(town: Town) -> None:
    town.team.add_channel("C3", "elsewhere", with_bot=False)
    town.team.add_channel("C4", "old")
    town.team.archived.add("C4")
    results = await town.deliver(
        *(line(n, channel=f"slack:T1:C{n}") for n in (3, 4, 5)), line(6, channel="slack:T9:C1")
    )
    assert {result.status for result in results} == {DeliveryStatus.NOT_PERMITTED}
    assert ["/invite" in results[0].reason, "archived" in results[1].reason] == [True, True]


async def test_a_server_that_is_not_well_is_asked_three_times(town: Town) -> None:
    town.slack.errors["chat.postMessage"] = ["500", "503"]
    (done,) = await town.deliver(line(1))
    assert (done.status, len(town.slack.said)) == (DeliveryStatus.DONE, 1)


async def test_a_sign_in_that_is_over_is_told_on_the_tile(town: Town) -> None:
    town.slack.errors["chat.postMessage"] = ["account_inactive"]
    (refused,) = await town.deliver(line(1))
    assert refused.status is DeliveryStatus.NOT_PERMITTED
    status = await town.status()
    assert status.workspaces[0].state is slack.WorkspaceState.NEEDS_LOGIN
    assert "Install the app again" in status.reason


@pytest.mark.promise("slack.16")
async def test_what_slack_has_not_is_said_and_moderators_hear_of_it(town: Town) -> None:
    town.team.add_channel("C8", "mods")
    await town.ask(slack.CHANNELS, slack.WorkspaceOf("T1", town.community_id))
    await town.inst.services["slack"].database.write(
        lambda tx: tx.run("INSERT INTO channels VALUES ('T1', 'C8', 'mods', 'private', TRUE, FALSE)")
    )
    settings = slack.WorkspaceSettings(notice_channel="C8")
    await town.ask(slack.SET_UP, slack.PutWorkspaceSettings("T1", town.community_id, settings))
    actions = [Moderate("timeout", "T1.U2", seconds=60, reason="spam"), Moderate("ban", "T1.U2"),
               Moderate("delete", "T1.U2", message_id="1.5"), GrantRole("grant", "vip", "T1.U2"),
               PlatformRequest("set_title"), Ticker("news")]  # fmt: skip
    results = await town.deliver(*(act(number, action) for number, action in enumerate(actions)))
    assert {result.status for result in results} == {DeliveryStatus.UNSUPPORTED}
    told = [said["text"] for said in town.slack.said if said["channel"] == "C8"]
    assert told[0] == "Slack has no time-outs. It was meant for <@U2>: spam"
    assert "archives/C1/p15" in told[2]


@pytest.mark.promise("slack.16")
async def test_a_ban_of_the_community_still_silences_the_bot(town: Town) -> None:
    await town.answer("!commands", "U2")
    asked = community.Ban(town.community_id, (await town.member("T1.U2")).id, reason="spam")
    await town.portal.client.call("community", community.BAN, asked, acting=town.owner)
    before = len(town.slack.said)
    await town.say("!commands", "U2")
    await town.traces(lambda trace: trace.outcome == "banned")
    assert len(town.slack.said) == before


async def test_a_warning_is_a_whisper_and_a_record(town: Town) -> None:
    (done,) = await town.deliver(act(1, Moderate("warn", "T1.U2", reason="<!channel> again")))
    assert done.status is DeliveryStatus.DONE
    whispered, record = town.slack.said
    assert (whispered["ephemeral"], record["channel"]) == (True, "U2")
    assert record["text"] == "You are warned: &lt;!channel&gt; again"


async def test_the_bot_deletes_its_own_message(town: Town) -> None:
    (said,) = await town.deliver(line(1))
    (done,) = await town.deliver(act(2, Moderate("delete", message_id=said.message_ids[0])))
    assert (done.status, town.slack.deleted) == (DeliveryStatus.DONE, [("C1", said.message_ids[0])])


async def test_with_an_administrators_token_the_bot_deletes_messages_of_others(tmp_path: Path) -> None:
    async with living(f"sqlite://{tmp_path}/t.db", SLACK_MODERATOR_TOKEN="xoxp-ann") as town:
        town.team.admin_token = "xoxp-ann"
        (done,) = await town.deliver(act(1, Moderate("delete", "T1.U2", message_id="1.5/1.0")))
        assert (done.status, town.slack.deleted) == (DeliveryStatus.DONE, [("C1", "1.5")])


async def test_pictures_songs_and_cards_are_blocks_with_a_text_beside_them(town: Town) -> None:
    song = Media("track", "Song <3", "Band", "Album", "https://a.example/art.png", "https://a.example/song")
    picture = Media("image", "Cat", url="https://a.example/cat.png")
    card = General("quote", {"title": "Quote #5", "text": "hello <!here>", "author": "Ann", "number": 5})
    results = await town.deliver(act(1, song), act(2, picture), act(3, card))
    assert [result.status for result in results] == [DeliveryStatus.DONE] * 3
    assert [said["text"] for said in town.slack.said] == [
        "Song &lt;3 – Band – Album", "Cat", "Quote #5: hello &lt;!here&gt;",
    ]  # fmt: skip
    assert [[block["type"] for block in said["blocks"]] for said in town.slack.said] == [
        ["section", "actions"], ["section", "image"], ["header", "section", "section"],
    ]  # fmt: skip


async def test_what_was_sent_and_not_answered_is_unknown_and_not_said_again(tmp_path: Path) -> None:
    from slack_module_flask import web_api

    was = web_api.SECONDS
    async with living(f"sqlite://{tmp_path}/t.db") as town:
        web_api.SECONDS = 1
        try:
            town.slack.delay = 5
            (done,) = await town.deliver(line(1))
        finally:
            web_api.SECONDS = was
        assert done.status is DeliveryStatus.UNKNOWN
        town.slack.delay = 0
        assert (await town.deliver(line(1)))[0].status is DeliveryStatus.UNKNOWN


@pytest.mark.parametrize("with_words", [True, False])
async def test_an_answer_for_the_screen_alone_is_a_card_in_the_channel(town: Town, with_words: bool) -> None:
    module = town.inst.fake("spotify")
    song = Media("track", "Song", "Band")

    @module.offers(EXECUTE)
    async def execute(_: Invocation, __: object) -> Reply:
        return Reply.chat("Now: Song", song) if with_words else Reply((song,))

    card = CommandCard("playing", "What is playing", "!playing")
    manifest = Manifest("spotify", "1", "interaction", "http://127.0.0.1:1", "i", commands=(card,))
    await module.client.call("router", INTRODUCE, Introduction("spotify", manifest))
    said = await town.answer("!playing", "U2")
    assert (said["text"], "blocks" in said) == (("Now: Song", False) if with_words else ("Song – Band", True))
    await town.settled(1)
    assert len(town.slack.said) == 1
