"""What Slack tells as events: stable ids, people by their ids, and what counts once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_core.contracts.slack import WorkspaceSettings
from flask_core.datamodels import Account, Event, MessageType, Role
from slack_module_flask.entities import as_command, plain
from slack_module_flask.events import READERS, Told, event_of
from slack_module_flask.models import Person, Workspace
from slack_module_flask.tests.conftest import Town
from slack_module_flask.workspaces import NEVER

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEAM = Workspace("T1", "Penguins", "UBOT", "B1", "xoxb", (), NOW, NEVER)
PEOPLE = {"U1": Person("ann", "Ann", owner=True), "U2": Person("ben", "Ben"), "U3": Person("ann.other", "Ann")}
ROLES = {"U2": Role.MODERATOR}


def told(event: dict[str, Any], event_id: str = "Ev1") -> Told:
    return Told(TEAM, event, event_id, NOW, PEOPLE, ROLES)


def made(event: dict[str, Any], event_id: str = "Ev1") -> Event:
    found = event_of(told(event, event_id))
    assert found is not None
    return found


def message(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "channel": "C1", "user": "U2", "ts": "1.5", "text": text, **more}


def test_a_line_is_named_by_its_place_and_time() -> None:
    event = made(message("hello &amp; <https://a.example/x|there> <#C9|random> <!here>"))
    assert (event.event_id, event.channel) == ("slack:T1:C1:1.5", "slack:T1:C1")
    assert event.text == "hello & https://a.example/x #random @here"
    assert event.account == Account("T1.U2", "ben", "Ben", moderator=True)
    assert event.data == {"message_id": "1.5", "ts": "1.5"}


def test_a_line_to_the_bot_is_a_command() -> None:
    event = made(message("<@UBOT> quote 3"))
    assert (event.text, event.data["mentions_bot"]) == ("!quote 3", True)
    thread = {"thread_ts": "1.1", "parent_user_id": "UBOT"}
    assert made(message("why?", **thread)).data["mentions_bot"]
    assert "mentions_bot" not in made(message("why?", **{**thread, "parent_user_id": "U3"})).data
    assert event.data["as_command"]
    typed = made(message("<@UBOT>, !quote 3"))
    assert typed.text == "!quote 3"
    assert "as_command" not in typed.data
    assert made(message("ask <@UBOT> about <@U1>")).text == "ask <@T1.UBOT> about <@T1.U1>"


def test_a_thread_travels_with_a_line() -> None:
    event = made(message("yes", ts="2.0", thread_ts="1.0", parent_user_id="U1"))
    assert (event.data["message_id"], event.data["thread_ts"]) == ("2.0/1.0", "1.0")
    assert event.reply_to is not None
    assert (event.reply_to.message_id, event.reply_to.account) == (
        "1.0",
        Account("T1.U1", "ann", "Ann", broadcaster=True),
    )


def test_a_direct_line_is_named_by_its_writer() -> None:
    event = made(message("help", channel="D7"))
    assert (event.channel, event.data["direct"]) == ("slack:T1:dm:U2", True)


def test_a_guest_keeps_the_id_of_another_workspace() -> None:
    event = made(message("hi", user_team="T8"))
    assert event.account is not None
    assert (event.account.user_id, event.account.moderator) == ("T8.U2", False)


def test_a_prefix_of_the_workspace_begins_commands() -> None:
    with_prefix = replace(TEAM, settings=WorkspaceSettings(prefix="?"))

    def typed(text: str) -> str:
        event = event_of(Told(with_prefix, message(text), "Ev1", NOW, PEOPLE, ROLES))
        assert event is not None
        return event.text

    assert [typed(text) for text in ("?quote 3", "!quote 3", "? really", "?", "what?")] == [
        "!quote 3", "!quote 3", "? really", "?", "what?",
    ]  # fmt: skip
    assert made(message("?quote 3")).text == "?quote 3"


def test_what_is_pinned_counts_once_however_often() -> None:
    pin = {"type": "pin_added", "user": "U1", "channel_id": "C1", "item": {"type": "message", "message": {"ts": "1.5"}}}
    event = made(pin)
    assert (event.message_type, event.event_id) == (MessageType.PIN, "slack:pin:T1:C1:1.5")
    assert (event.channel, event.data["message_id"]) == ("slack:T1:C1", "1.5")
    assert event_of(told({**pin, "item": {"type": "file"}})) is None
    assert event_of(told({**pin, "user": "UBOT"})) is None


@pytest.mark.parametrize("subtype", ["channel_join", "bot_message", "channel_topic", "pinned_item"])
def test_other_kinds_of_messages_are_left_alone(subtype: str) -> None:
    assert event_of(told(message("x", subtype=subtype))) is None


def test_our_own_lines_are_none_and_other_bots_are_marked() -> None:
    assert event_of(told(message("x", user="UBOT"))) is None
    event = made(message("x", user="U9", bot_id="B9"))
    assert event.account is not None
    assert event.account.bot


def changed(text: str, before: str, **more: Any) -> dict[str, Any]:
    inner = {"user": "U2", "ts": "1.5", "text": text, "edited": {"ts": "3.0"}, **more}
    return {"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "3.1", "message": inner,
            "previous_message": {"user": "U2", "ts": "1.5", "text": before}}  # fmt: skip


@pytest.mark.promise("slack.9")
def test_an_edit_has_an_id_of_its_own_and_a_preview_is_no_edit() -> None:
    event = made(changed("worse words", "words"))
    assert (event.event_id, event.data["edited"]) == ("slack:T1:C1:1.5:3.0", True)
    assert event_of(told(changed("https://a.example", "https://a.example", attachments=[{"title": "A"}]))) is None


@pytest.mark.promise("slack.9")
async def test_an_edit_runs_no_command(town: Town) -> None:
    await town.slack.deliveries.event(town.team, changed("!commands", "words"))
    traces = await town.settled(1)
    assert [(trace.text, trace.outcome) for trace in traces] == [("!commands", "edited")]
    assert town.slack.said == []


def reaction(ts: str = "1.5", event_ts: str = "9.0") -> dict[str, Any]:
    return {"type": "reaction_added", "user": "U2", "reaction": "tada", "item_user": "U1", "event_ts": event_ts,
            "item": {"type": "message", "channel": "C1", "ts": ts}}  # fmt: skip


@pytest.mark.promise("slack.6")
async def test_a_reaction_names_its_channel_and_counts_once_however_often_it_is_added(town: Town) -> None:
    for stamp in ("9.0", "10.0"):
        await town.slack.deliveries.event(town.team, reaction(event_ts=stamp))
    await town.slack.deliveries.event(town.team, {**reaction(), "type": "reaction_removed"})
    traces = await town.settled(1)
    assert [trace.message_type for trace in traces] == [MessageType.REACTION]


def test_a_reaction_to_oneself_is_none() -> None:
    assert event_of(told({**reaction(), "item_user": "U2"})) is None


@pytest.mark.promise("slack.7")
async def test_a_file_has_its_user_and_counts_once_over_channels(town: Town) -> None:
    town.team.add_channel("C2", "random")
    for channel in ("C1", "C2"):
        shared = {"type": "file_shared", "file_id": "F1", "user_id": "U2", "channel_id": channel}
        await town.slack.deliveries.event(town.team, shared)
    traces = await town.settled(1)
    assert [(trace.message_type, trace.speaker) for trace in traces] == [(MessageType.FILE_SHARE, "Ben")]


@pytest.mark.promise("slack.8")
async def test_who_leaves_a_channel_and_joins_again_counts_once(town: Town) -> None:
    for _ in range(2):
        await town.event("member_joined_channel", user="U2", channel="C1", team="T1")
    traces = await town.settled(1)
    assert [trace.message_type for trace in traces] == [MessageType.CHANNEL_JOIN]


async def test_who_joins_the_workspace_is_new_in_the_community(town: Town) -> None:
    await town.event("team_join", user={"id": "U7", "name": "dee", "profile": {"display_name": "Dee"}})
    traces = await town.settled(1)
    assert [(trace.message_type, trace.speaker) for trace in traces] == [(MessageType.MEMBER_JOIN, "Dee")]


def test_a_command_keeps_its_sign() -> None:
    assert [as_command(text) for text in ("points", "!points", "#third", "")] == ["!points", "!points", "#third", ""]


@given(st.text(max_size=60))
def test_no_text_is_read_as_markup_twice(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain(escaped, "T1") == text


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(kind=st.sampled_from([*READERS, "unknown"]), fields=st.dictionaries(st.sampled_from(
    ["user", "channel", "ts", "text", "subtype", "message", "item", "files", "blocks", "thread_ts", "previous_message"]
), _VALUES))  # fmt: skip
def test_whatever_the_fields_are_only_the_expected_is_raised(kind: str, fields: dict[str, Any]) -> None:
    try:
        event_of(told({**fields, "type": kind}))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return
