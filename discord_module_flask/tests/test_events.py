"""What happens on a server becomes events, by pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from discord_module_flask.events import Heard, events_of, made_at
from discord_module_flask.places import Guilds
from discord_module_flask.tests.conftest import Server
from flask_core.datamodels import Event, MessageType, Role
from flask_core.testing.fake_discord import FakeDiscord, FakeGuild


class Place:
    """A guild as the gateway told it."""

    def __init__(self) -> None:
        self.discord = FakeDiscord()
        self.guild: FakeGuild = self.discord.add_guild("Icefloe")
        self.ann = self.guild.members[self.guild.owner_id]
        self.dee = self.guild.add_member("dee")
        self.general = next(iter(self.guild.channels))
        self.thread = self.guild.add_channel("help me", 11, self.general)
        self.guilds = Guilds()
        self.guilds.created(self.guild.shown("100"), "100")
        self.now = datetime.now(UTC)

    def read(self, kind: str, said: dict[str, Any]) -> list[Event]:
        """The events."""
        return events_of(kind, said, Heard(self.guilds, "100", lambda _: self.general, self.now))

    def line(self, text: str, **more: Any) -> dict[str, Any]:
        """A message of Dee's."""
        said = self.discord.message(self.dee, text, more.pop("channel", self.general))
        return {**said, "guild_id": self.guild.id, "member": self.dee.partial, **more}


@pytest.fixture
def place() -> Place:
    return Place()


def test_a_message_with_files_that_names_the_bot_is_three_events(place: Place) -> None:
    files = [{"filename": "fish.png", "size": 9, "content_type": "image/png"}]
    said = place.line("<@100> look", attachments=files, mentions=[{"id": "100"}])
    line, files_event, mention = place.read("MESSAGE_CREATE", said)
    assert line.event_id == f"discord:message:{said['id']}"
    assert (line.text, line.data["attachments"][0]["name"]) == ("<@100> look", "fish.png")
    assert (files_event.event_id, files_event.text) == (f"{line.event_id}:files", "")
    assert (mention.message_type, mention.event_id) == (MessageType.APP_MENTION, f"{line.event_id}:mention")
    assert {one.data["message_id"] for one in (line, files_event, mention)} == {said["id"]}
    assert line.data["mentions_bot"]
    assert "mentions_bot" not in mention.data


def test_an_answer_to_the_bot_calls_it(place: Place) -> None:
    ours = {**place.line("hello"), "author": {"id": "100", "username": "waddlebot", "bot": True}}
    (answer,) = place.read("MESSAGE_CREATE", place.line("why?", referenced_message=ours))
    (other,) = place.read("MESSAGE_CREATE", place.line("why?", referenced_message=place.line("hello")))
    assert answer.data["mentions_bot"]
    assert "mentions_bot" not in other.data


def test_a_command_behind_the_bots_name_is_one(place: Place) -> None:
    assert place.read("MESSAGE_CREATE", place.line("<@100> !ping"))[0].text == "!ping"


def test_a_thread_has_the_key_of_its_channel(place: Place) -> None:
    (line,) = place.read("MESSAGE_CREATE", said := place.line("hello", channel=place.thread))
    assert line.channel == f"discord:{place.guild.id}:{place.general}"
    assert line.data == {"thread_id": place.thread, "message_id": f"{place.thread}/{said['id']}"}


def test_a_direct_message_has_a_key_of_its_own(place: Place) -> None:
    (line,) = place.read("MESSAGE_CREATE", place.discord.message(place.dee, "!verify 1234", "5"))
    assert (line.channel, line.data["direct"]) == (f"discord:dm:{place.dee.id}", True)


def test_roles_come_from_permissions(place: Place) -> None:
    helpers = place.guild.add_role("Helpers", 1 << 40)
    place.guilds.heard("GUILD_ROLE_CREATE", {"guild_id": place.guild.id, "role": place.guild.roles[helpers]}, "100")
    dee = {**place.dee.partial, "roles": [helpers]}

    def role(member: dict[str, Any], user: dict[str, Any]) -> Role:
        return place.guilds.account(place.guild.id, user, member).platform_role

    assert role(dee, place.dee.user) is Role.MODERATOR
    assert role(place.ann.partial, place.ann.user) is Role.OWNER
    assert role({**place.dee.partial, "premium_since": "2026-01-01T00:00:00+00:00"}, place.dee.user) is Role.SUBSCRIBER
    assert role(place.dee.partial, place.dee.user) is Role.VIEWER


def test_our_own_and_systems_messages_are_none(place: Place) -> None:
    ours = {**place.line("hello"), "author": place.discord.bot.user}
    assert place.read("MESSAGE_CREATE", ours) == []
    assert place.read("MESSAGE_CREATE", place.line("", type=7)) == []


@pytest.mark.promise("discord.12")
def test_a_boost_is_one_event_however_often_it_is_said_and_bots_join_silently(place: Place) -> None:
    since = (place.now - timedelta(minutes=5)).isoformat()
    said = {**place.dee.shown, "guild_id": place.guild.id, "premium_since": since}
    once, again = place.read("GUILD_MEMBER_UPDATE", said)[0], place.read("GUILD_MEMBER_UPDATE", said)[0]
    assert once.event_id == again.event_id == f"discord:boost:{place.guild.id}:{place.dee.id}:{since}"
    old = {**said, "premium_since": (place.now - timedelta(days=3)).isoformat()}
    assert place.read("GUILD_MEMBER_UPDATE", old) == []
    robot = place.guild.add_member("robot", bot=True)
    assert place.read("GUILD_MEMBER_ADD", {**robot.shown, "guild_id": place.guild.id}) == []
    (joined,) = place.read("GUILD_MEMBER_ADD", {**place.dee.shown, "guild_id": place.guild.id})
    assert joined.message_type is MessageType.MEMBER_JOIN


def test_moderation_is_read_from_the_audit_log(place: Place) -> None:
    entry: dict[str, Any] = {
        "id": place.dee.id, "guild_id": place.guild.id, "target_id": place.dee.id, "user_id": place.ann.id,
        "action_type": 24, "reason": "spam",
    }  # fmt: skip
    until_ = (made_at(place.dee.id) + timedelta(seconds=600)).isoformat()
    entry["changes"] = [{"key": "communication_disabled_until", "new_value": until_}]
    (timeout,) = place.read("GUILD_AUDIT_LOG_ENTRY_CREATE", entry)
    assert (timeout.message_type, timeout.data["seconds"], timeout.data["reason"]) == (MessageType.TIMEOUT, 600, "spam")
    (ban,) = place.read("GUILD_AUDIT_LOG_ENTRY_CREATE", {**entry, "action_type": 22, "user_id": "100"})
    assert (ban.message_type, ban.data["own_action"]) == (MessageType.BAN, True)
    assert place.read("GUILD_AUDIT_LOG_ENTRY_CREATE", {**entry, "changes": []}) == []


def test_reactions_threads_invites_and_deletions(place: Place) -> None:
    about = {"guild_id": place.guild.id, "channel_id": place.general}
    reaction = {**about, "user_id": place.dee.id, "message_id": "7", "emoji": {"id": None, "name": "🐟"},
                "member": place.dee.shown}  # fmt: skip
    (reacted,) = place.read("MESSAGE_REACTION_ADD", reaction)
    assert reacted.event_id == f"discord:reaction:7:{place.dee.id}:🐟"
    thread = {"id": place.thread, "guild_id": place.guild.id, "parent_id": place.general, "owner_id": place.dee.id}
    assert place.read("THREAD_CREATE", thread) == []
    assert place.read("THREAD_CREATE", {**thread, "newly_created": True})[0].message_type is MessageType.THREAD_CREATE
    deleted = place.read("MESSAGE_DELETE_BULK", {**about, "ids": ["1", "2"]})
    assert [one.data["message_id"] for one in deleted] == ["1", "2"]


@pytest.mark.promise("discord.10")
async def test_an_edit_runs_nothing_and_is_moderated(server: Server) -> None:
    said = await server.discord.write(server.guild, server.dee, "nothing yet")
    edited = {**said, "content": "!ping", "edited_timestamp": "2026-03-01T10:00:00+00:00"}
    await server.discord.dispatch("MESSAGE_UPDATE", edited, server.guild.id)
    trace = await server.trace(f"discord:message:{said['id']}:2026-03-01T10:00:00+00:00")
    assert trace.outcome == "edited"
    assert server.discord.said == []
