"""What Twitch's notifications mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_core.datamodels import Account, Event, MessageType
from flask_core.testing.fake_twitch import FakeUser, chat_message
from twitch_module_flask.chat_lines import CHAT, WHISPER, line_of, whisper_of
from twitch_module_flask.events import READERS, event_of
from twitch_module_flask.eventsub.wanted import KINDS
from twitch_module_flask.models import Notification
from twitch_module_flask.platform_roles import CHANGES
from twitch_module_flask.tests.conftest import recorded

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN, EVE = FakeUser("1337", "ann"), FakeUser("77", "eve")
VIEWER = Account("4242", "testviewer", "testviewer")


def told(kind: str, event: dict[str, Any]) -> Notification:
    return Notification("m-1", "notification", AT, {"subscription": {"type": kind}, "event": event})


def meant(name: str) -> Event:
    payload = json.loads(recorded(name)[1])
    event = event_of(Notification("m-1", "notification", AT, payload))
    assert event is not None
    return event


@pytest.mark.promise("twitch.1")
@pytest.mark.parametrize(
    ("name", "kind", "amount", "data"),
    [
        ("channel.follow-v2", MessageType.FOLLOW, None, {}),
        ("channel.subscribe", MessageType.SUBSCRIPTION, None, {"tier": "1000", "gifted": True}),
        ("alias-subscribe", MessageType.SUBSCRIPTION, None, {"tier": "1000", "gifted": False}),
        ("channel.subscription.message", MessageType.RESUB, None, {"tier": "1000", "months": 92, "streak": 86}),
        ("channel.subscription.gift", MessageType.SUBGIFT, 5, {"tier": "1000", "cumulative": 193}),
        ("channel.cheer", MessageType.CHEER, 100, {}),
        ("channel.raid", MessageType.RAID, 74663, {}),
        ("channel.ban", MessageType.BAN, None, {"reason": "This is a test event", "moderator": "68548122"}),
    ],
)
def test_a_captured_notification_is_this_event(
    name: str, kind: MessageType, amount: int | None, data: dict[str, Any]
) -> None:
    event = meant(name)
    assert (event.message_type, event.amount, event.data) == (kind, amount, data)
    assert (event.channel, event.account, event.event_id) == ("twitch:1337:1337", VIEWER, "twitch:m-1")


def test_a_redemption_names_its_reward_and_what_was_written() -> None:
    event = meant("channel.channel_points_custom_reward_redemption.add")
    assert (event.message_type, event.amount, event.text) == (MessageType.REDEMPTION, 150, "Test Input From CLI")
    assert event.data["reward"] == "Test Reward from CLI"


def test_a_resub_carries_its_words() -> None:
    assert meant("channel.subscription.message").text.startswith("Hello from the Twitch CLI!")


@pytest.mark.parametrize("name", ["stream.online", "stream.offline"])
def test_a_stream_has_no_account(name: str) -> None:
    assert meant(name).account is None


def test_a_channel_tells_its_title_and_category() -> None:
    said = {
        "broadcaster_user_id": "1337",
        "title": "Finals",
        "language": "en",
        "category_id": "1",
        "category_name": "Chess",
    }
    event = event_of(told("channel.update", said))
    assert event is not None
    assert (event.message_type, event.channel, event.account) == (MessageType.STREAM_UPDATE, "twitch:1337:1337", None)
    assert event.data == {"title": "Finals", "category_id": "1", "category": "Chess"}


@pytest.mark.promise("twitch.5")
def test_follow_asks_with_the_moderator_and_raid_with_the_raided_channel() -> None:
    assert KINDS["channel.follow"].version == "2"
    assert KINDS["channel.follow"].condition("1", "9") == {"broadcaster_user_id": "1", "moderator_user_id": "1"}
    assert KINDS["channel.raid"].condition("1", "9") == {"to_broadcaster_user_id": "1"}
    assert KINDS[CHAT].condition("1", "9") == {"broadcaster_user_id": "1", "user_id": "9"}
    assert meant("channel.raid").channel == "twitch:1337:1337"


@pytest.mark.promise("twitch.6")
@pytest.mark.parametrize("anonymous", [None, "", "274598607"])
def test_an_anonymous_cheer_has_bits_and_no_account(anonymous: str | None) -> None:
    said = {"broadcaster_user_id": "1337", "user_id": anonymous, "user_login": None, "user_name": None, "bits": 7}
    event = event_of(told("channel.cheer", {**said, "is_anonymous": True}))
    assert event is not None
    assert (event.account, event.amount) == (None, 7)


@pytest.mark.promise("twitch.6")
def test_twenty_gifts_are_twenty() -> None:
    said = {"broadcaster_user_id": "1337", "user_id": "4", "user_login": "Ben", "user_name": "Ben", "total": 20}
    event = event_of(told("channel.subscription.gift", {**said, "tier": "2000", "cumulative_total": None}))
    assert event is not None
    assert (event.amount, event.account) == (20, Account("4", "ben", "Ben"))


def test_a_time_out_says_how_long() -> None:
    said = {"broadcaster_user_id": "1", "user_id": "4", "reason": None, "is_permanent": False,
            "banned_at": "2026-03-01T12:00:00.123456789Z", "ends_at": "2026-03-01T12:10:00.123456789Z"}  # fmt: skip
    event = event_of(told("channel.ban", said))
    assert event is not None
    assert (event.message_type, event.data["seconds"]) == (MessageType.TIMEOUT, 600)


@pytest.mark.parametrize("kind", ["channel.ban", "channel.unban"])
def test_what_our_bot_did_is_our_own_act_and_what_others_did_is_not(kind: str) -> None:
    said = {"broadcaster_user_id": "1", "user_id": "4", "moderator_user_id": "900", "is_permanent": True}
    by_us, by_another = event_of(told(kind, said), {"900"}), event_of(told(kind, said), {"901"})
    assert by_us is not None
    assert by_another is not None
    assert (by_us.data["own_action"], by_us.data["moderator"]) == (True, "900")
    assert "own_action" not in by_another.data


def test_a_line_carries_bits_reward_colour_and_what_it_answers() -> None:
    reply = {"parent_message_id": "p", "parent_user_id": "5", "parent_user_login": "ben", "parent_user_name": "Ben",
             "parent_message_body": "hi"}  # fmt: skip
    more = {"cheer": {"bits": 50}, "channel_points_custom_reward_id": "r", "color": "#FF0000", "reply": reply}
    event = line_of(told(CHAT, chat_message(ANN, EVE, "@Ben hello", badges=["vip", "founder"], **more)), ())
    assert event is not None
    assert (event.text, event.data["bits"], event.data["reward_id"]) == ("hello", 50, "r")
    assert event.reply_to is not None
    assert (event.reply_to.message_id, event.reply_to.text) == ("p", "hi")
    assert event.account == Account("77", "eve", "Eve", vip=True, subscriber=True)


def test_a_line_names_its_emotes() -> None:
    said = chat_message(ANN, EVE, "hi Kappa Kappa")
    emote = {"type": "emote", "text": "Kappa", "emote": {"id": "25"}}
    said["message"]["fragments"] = [{"type": "text", "text": "hi "}, emote, {"type": "text", "text": " "}, emote]
    event = line_of(told(CHAT, said), ())
    assert event is not None
    assert event.data["emotes"] == ["Kappa", "Kappa"]


def test_the_streamer_is_no_bot_even_where_her_account_speaks_for_it() -> None:
    event = line_of(told(CHAT, chat_message(ANN, ANN, "!ping", badges=["broadcaster"])), {"1337"})
    assert event is not None
    assert event.account is not None
    assert (event.account.bot, event.account.broadcaster) == (False, True)


def test_a_line_of_our_own_bot_is_marked_as_our_act() -> None:
    said = told(CHAT, chat_message(ANN, EVE, "as you wish"))
    by_us, by_another = line_of(said, {EVE.id}), line_of(said, ())
    assert by_us is not None
    assert by_another is not None
    assert (by_us.data["own_action"], by_us.account and by_us.account.bot) == (True, True)
    assert "own_action" not in by_another.data


ROOM = {"broadcaster_user_id": "1337", "broadcaster_user_login": "ann", "broadcaster_user_name": "Ann"}
BEN = {"user_id": "4", "user_login": "ben", "user_name": "Ben"}
MOD = {"moderator_user_id": "5", "moderator_user_login": "mo", "moderator_user_name": "Mo"}
TARGET = {"target_user_id": "4", "target_user_login": "ben", "target_user_name": "Ben"}


@pytest.mark.promise("twitch.1")
@pytest.mark.parametrize(
    ("kind", "said", "means", "who", "amount", "data"),
    [
        ("channel.channel_points_automatic_reward_redemption.add",
         {**BEN, "reward": {"type": "send_highlighted_message", "channel_points": 100, "emote": None},
          "message": {"text": "look", "fragments": []}},
         MessageType.REDEMPTION, "4", 100,
         {"reward_id": "send_highlighted_message", "reward": "send highlighted message", "automatic": True}),
        ("channel.charity_campaign.donate",
         {**BEN, "charity_name": "Ducks", "amount": {"value": 1050, "decimal_places": 2, "currency": "EUR"}},
         MessageType.DONATION, "4", 1050, {"charity": "Ducks"}),
        ("channel.charity_campaign.donate",
         {**BEN, "charity_name": "Ducks", "amount": {"value": 500, "decimal_places": 0, "currency": "JPY"}},
         MessageType.DONATION, "4", 50_000, {"charity": "Ducks"}),
        ("channel.hype_train.begin", {"id": "t", "level": 2, "total": 700, "progress": 1, "goal": 9},
         MessageType.HYPE_TRAIN, "", None, {"train_id": "t", "phase": "begin", "level": 2, "total": 700}),
        ("channel.hype_train.end", {"id": "t", "level": 4, "total": 9_000},
         MessageType.HYPE_TRAIN, "", None, {"train_id": "t", "phase": "end", "level": 4, "total": 9_000}),
        ("channel.update", {"title": "Tea", "language": "en", "category_id": "9", "category_name": "Cooking"},
         MessageType.STREAM_UPDATE, "", None, {"title": "Tea", "category_id": "9", "category": "Cooking"}),
        ("channel.warning.send", {**BEN, **MOD, "reason": "caps", "chat_rules_cited": None},
         MessageType.WARN, "4", None, {"reason": "caps", "moderator": "5"}),
        ("channel.chat.message_delete", {**TARGET, "message_id": "m"},
         MessageType.MESSAGE_DELETE, "4", None, {"message_id": "m"}),
        ("channel.chat.clear_user_messages", TARGET, MessageType.MESSAGE_DELETE, "4", None, {"all": True}),
    ],
)  # fmt: skip
def test_what_twitch_tells_is_this_event(
    kind: str, said: dict[str, Any], means: MessageType, who: str, amount: int | None, data: dict[str, Any]
) -> None:
    event = event_of(told(kind, {**ROOM, **said, "a_field_of_tomorrow": 1}))
    assert event is not None
    assert (event.message_type, event.amount, event.data) == (means, amount, data)
    assert (event.channel, event.account.user_id if event.account else "") == ("twitch:1337:1337", who)


def test_a_donation_names_its_money() -> None:
    said = {**ROOM, **BEN, "amount": {"value": 1, "decimal_places": 2, "currency": "EUR"}}
    event = event_of(told("channel.charity_campaign.donate", said))
    assert event is not None
    assert event.currency == "EUR"


@pytest.mark.parametrize("kind", [*KINDS, WHISPER, *CHANGES])
def test_everything_that_is_asked_for_means_something(kind: str) -> None:
    upkeep = {"channel.shared_chat.begin", "channel.shared_chat.update", "channel.shared_chat.end"}
    assert kind in READERS or kind in CHANGES or kind in upkeep or kind in {CHAT, WHISPER}


def test_a_whisper_is_a_line_between_two() -> None:
    said = {"from_user_id": "77", "from_user_login": "eve", "from_user_name": "Eve", "to_user_id": "900",
            "to_user_login": "bot", "to_user_name": "Bot", "whisper_id": "w", "whisper": {"text": "!ping"}}  # fmt: skip
    event = whisper_of(told(WHISPER, said), {"900"})
    assert (event.channel, event.text, event.data["direct"]) == ("twitch:dm:77", "!ping", True)
    assert (event.account, event.event_id) == (Account("77", "eve", "Eve"), "twitch:m-1")


def test_a_line_names_badges_and_emotes() -> None:
    words = {"text": "hi Kappa", "fragments": [{"type": "text", "text": "hi ", "emote": None},
                                               {"type": "emote", "text": "Kappa", "emote": {"id": "25"}}]}  # fmt: skip
    event = line_of(told(CHAT, chat_message(ANN, EVE, "hi Kappa", badges=["vip"], message=words)), ())
    assert event is not None
    assert event.data["badges"] == ["vip/1"]
    assert event.data["emotes"] == ["Kappa"]


@pytest.mark.promise("twitch.9")
def test_a_guest_of_a_shared_chat_is_a_plain_viewer_whatever_the_badges_say() -> None:
    said = chat_message(ANN, EVE, "hi", badges=["moderator", "subscriber"], source_broadcaster_user_id="4711")
    assert line_of(told(CHAT, said), ()) is None
    event = line_of(told(CHAT, said), (), {"1337"})
    assert event is not None
    assert (event.account, event.data["shared"]) == (Account("77", "eve", "Eve"), "4711")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(kind=st.sampled_from([*READERS, CHAT, WHISPER, "unknown"]), event=_VALUES)
def test_whatever_the_fields_are_only_the_expected_is_raised(kind: str, event: Any) -> None:
    lines = {CHAT: line_of, WHISPER: whisper_of}
    try:
        lines.get(kind, event_of)(told(kind, event), ())
    except (KeyError, TypeError, ValueError, AttributeError):
        return


def test_a_line_that_names_a_bot_of_ours_or_answers_it_says_so() -> None:
    said = chat_message(ANN, EVE, "@Waddles hi")
    mention = {"user_id": "900", "user_login": "waddles", "user_name": "Waddles"}
    said["message"]["fragments"] = [{"type": "mention", "text": "@Waddles", "mention": mention}]
    named, other = line_of(told(CHAT, said), {"900"}), line_of(told(CHAT, said), {"901"})
    assert named is not None
    assert other is not None
    assert named.data["mentions_bot"]
    assert "mentions_bot" not in other.data
    reply = {"parent_message_id": "p", "parent_user_id": "900", "parent_user_login": "waddles"}
    answer = line_of(told(CHAT, chat_message(ANN, EVE, "why?", reply=reply)), {"900"})
    assert answer is not None
    assert answer.data["mentions_bot"]
    # Where the streamer's account is the bot, people who name her mean her.
    streamer = line_of(told(CHAT, chat_message(ANN, EVE, "why?", reply={**reply, "parent_user_id": ANN.id})), {ANN.id})
    assert streamer is not None
    assert "mentions_bot" not in streamer.data
