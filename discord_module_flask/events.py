"""What the gateway says as events: one pure function per kind; what is unknown here is left to others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from discord_module_flask.places import Fields, Guilds
from flask_core.datamodels import ChannelKey, Event, MessageType, Platform, RepliedTo

EPOCH_MS = 1_420_070_400_000
_ORDINARY = frozenset({0, 19})
_BOOST_NEWS = timedelta(hours=1)
"""A booster's every change says since when; only a new one is news."""
_AUDIT = {20: MessageType.KICK, 22: MessageType.BAN, 23: MessageType.UNBAN, 24: MessageType.TIMEOUT}
_UNTIL = "communication_disabled_until"


@dataclass(frozen=True, slots=True)
class Heard:
    """Where events are read: what is known of guilds, who the bot is, which channel stands for a guild."""

    guilds: Guilds
    bot_id: str
    home: Callable[[str], str]
    now: datetime

    def guild_key(self, guild_id: str) -> str:
        """The channel of what happens in no channel."""
        return key_of(guild_id, self.home(guild_id))


def events_of(kind: str, said: Fields, heard: Heard) -> list[Event]:
    """The events behind a dispatch. Raises KeyError, TypeError or ValueError for fields that Discord never sends."""
    read = READERS.get(kind)
    return read(said, heard) if read else []


def key_of(guild_id: str, channel_id: str) -> str:
    """The canonical key of a channel."""
    return str(ChannelKey(Platform.DISCORD, guild_id, channel_id))


def made_at(snowflake: str) -> datetime:
    """When Discord made an id."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + EPOCH_MS) / 1000, UTC)


def place_of(said: Fields, heard: Heard, user_id: str) -> tuple[str, Fields]:
    """The channel key of a message, and what `data` says about its place."""
    guild_id, channel_id = str(said.get("guild_id") or ""), str(said["channel_id"])
    if not guild_id:
        return str(ChannelKey(Platform.DISCORD, "dm", user_id)), {"direct": True}
    parent = heard.guilds.parent(guild_id, channel_id)
    return key_of(guild_id, parent or channel_id), {"thread_id": channel_id} if parent else {}


def message_id_in(place: Fields, message_id: str) -> str:
    """By what a message is answered or deleted: in a thread its thread stands in front."""
    return f"{place['thread_id']}/{message_id}" if place.get("thread_id") else message_id


def _message(said: Fields, heard: Heard) -> list[Event]:
    author = said["author"]
    if author["id"] == heard.bot_id or said.get("type", 0) not in _ORDINARY:
        return []
    line = _line(said, heard, f"discord:message:{said['id']}", datetime.fromisoformat(said["timestamp"]))
    events = [line]
    if files := said.get("attachments"):
        shown = [{"name": one["filename"], "type": one.get("content_type") or "", "size": one["size"]} for one in files]
        line.data["attachments"] = shown[:10]
        events.append(_beside(line, MessageType.FILE_SHARE, "files"))
    if any(one["id"] == heard.bot_id for one in said.get("mentions") or ()):
        events.append(_beside(line, MessageType.APP_MENTION, "mention"))
    return events


def _line(said: Fields, heard: Heard, event_id: str, at: datetime) -> Event:
    author = said["author"]
    channel, place = place_of(said, heard, author["id"])
    data: Fields = {**place, "message_id": message_id_in(place, said["id"])}
    if embeds := said.get("embeds"):
        data["embeds"] = len(embeds)
    answered = (said.get("referenced_message") or {}).get("author") or {}
    if answered.get("id") == heard.bot_id or any(one["id"] == heard.bot_id for one in said.get("mentions") or ()):
        data["mentions_bot"] = True
    account = heard.guilds.account(str(said.get("guild_id") or ""), author, said.get("member"))
    text = _without_mention(said.get("content") or "", heard.bot_id)
    return Event(event_id, MessageType.CHAT, channel, at, account, text, _replied_to(said, heard, place), data=data)


def _without_mention(text: str, bot_id: str) -> str:
    """A command behind the bot's name is still one."""
    for mention in (f"<@{bot_id}>", f"<@!{bot_id}>"):
        if text.startswith(mention) and text[len(mention) :].lstrip().startswith(("!", "#")):
            return text[len(mention) :].lstrip()
    return text


def _replied_to(said: Fields, heard: Heard, place: Fields) -> RepliedTo | None:
    before = said.get("referenced_message")
    if not before:
        return None
    account = heard.guilds.account(str(said.get("guild_id") or ""), before["author"], None)
    return RepliedTo(message_id_in(place, before["id"]), account, before.get("content") or "")


def _beside(line: Event, kind: MessageType, ending: str) -> Event:
    """What else the message is, without its text; it scores once, by its message id."""
    data = {name: value for name, value in line.data.items() if name not in ("embeds", "mentions_bot")}
    return Event(f"{line.event_id}:{ending}", kind, line.channel, line.occurred_at, line.account, data=data)


def _edit(said: Fields, heard: Heard) -> list[Event]:
    edited = said.get("edited_timestamp")
    if not edited or not said.get("author") or said["author"]["id"] == heard.bot_id or "content" not in said:
        return []
    line = _line(said, heard, f"discord:message:{said['id']}:{edited}", datetime.fromisoformat(edited))
    line.data["edited"] = True
    return [line]


def _deleted(said: Fields, heard: Heard) -> list[Event]:
    ids = said.get("ids") or [said["id"]]
    channel, place = place_of(said, heard, "0")
    return [
        Event(
            f"discord:message:{one}:deleted", MessageType.MESSAGE_DELETE, channel, heard.now,
            data={**place, "message_id": message_id_in(place, one)},
        )
        for one in ids
        if said.get("guild_id")
    ]  # fmt: skip


def _reaction(said: Fields, heard: Heard) -> list[Event]:
    member = said.get("member")
    if not member or member["user"].get("bot"):
        return []
    channel, place = place_of(said, heard, said["user_id"])
    emoji = said["emoji"].get("id") or said["emoji"]["name"]
    data = {
        **place, "emoji": said["emoji"]["name"] or emoji, "message_id": message_id_in(place, said["message_id"]),
        "message_author": said.get("message_author_id") or "",
    }  # fmt: skip
    account = heard.guilds.account(said["guild_id"], member["user"], member)
    event_id = f"discord:reaction:{said['message_id']}:{said['user_id']}:{emoji}"
    return [Event(event_id, MessageType.REACTION, channel, heard.now, account, data=data)]


def _join(said: Fields, heard: Heard) -> list[Event]:
    user, guild_id = said["user"], said["guild_id"]
    if user.get("bot"):
        return []
    at = datetime.fromisoformat(said["joined_at"])
    account = heard.guilds.account(guild_id, user, said)
    event_id = f"discord:join:{guild_id}:{user['id']}:{said['joined_at']}"
    data = {"created_at": made_at(user["id"]).isoformat()}
    return [Event(event_id, MessageType.MEMBER_JOIN, heard.guild_key(guild_id), at, account, data=data)]


def _leave(said: Fields, heard: Heard) -> list[Event]:
    user, guild_id = said["user"], said["guild_id"]
    if user.get("bot"):
        return []
    account = heard.guilds.account(guild_id, user, None)
    # Discord does not say when: whoever leaves twice within an hour has left once.
    event_id = f"discord:leave:{guild_id}:{user['id']}:{heard.now:%Y-%m-%dT%H}"
    return [Event(event_id, MessageType.MEMBER_LEAVE, heard.guild_key(guild_id), heard.now, account)]


def _boost(said: Fields, heard: Heard) -> list[Event]:
    since, user, guild_id = said.get("premium_since"), said["user"], said["guild_id"]
    if not since or user.get("bot") or heard.now - datetime.fromisoformat(since) > _BOOST_NEWS:
        return []
    account = heard.guilds.account(guild_id, user, said)
    event_id = f"discord:boost:{guild_id}:{user['id']}:{since}"
    at = datetime.fromisoformat(since)
    return [Event(event_id, MessageType.BOOST, heard.guild_key(guild_id), at, account, data={"since": since})]


def _audited(said: Fields, heard: Heard) -> list[Event]:
    """Timeouts, kicks, bans and their end are told by the audit log, with who did it."""
    kind, target = _AUDIT.get(said["action_type"]), said.get("target_id")
    at = made_at(said["id"])
    data: Fields = {"moderator": said.get("user_id") or "", "reason": said.get("reason") or ""}
    if kind is MessageType.TIMEOUT:
        until = next((one.get("new_value") for one in said.get("changes") or () if one["key"] == _UNTIL), None)
        if until is None:
            return []
        data["seconds"] = max(0, round((datetime.fromisoformat(until) - at).total_seconds()))
    if kind is None or not target:
        return []
    if data["moderator"] == heard.bot_id:
        data["own_action"] = True
    account = heard.guilds.account(said["guild_id"], {"id": target}, None)
    return [
        Event(f"discord:audit:{said['id']}", kind, heard.guild_key(said["guild_id"]), at, account, data=data)
    ]  # fmt: skip


def _thread(said: Fields, heard: Heard) -> list[Event]:
    if not said.get("newly_created") or not said.get("guild_id") or said["owner_id"] == heard.bot_id:
        return []
    account = heard.guilds.account(said["guild_id"], {"id": said["owner_id"]}, None)
    channel = key_of(said["guild_id"], said["parent_id"])
    event_id = f"discord:thread:{said['id']}"
    return [
        Event(
            event_id, MessageType.THREAD_CREATE, channel, made_at(said["id"]), account, data={"thread_id": said["id"]}
        )
    ]


def _invite(said: Fields, heard: Heard) -> list[Event]:
    inviter = said.get("inviter")
    if not inviter or inviter.get("bot") or not said.get("guild_id"):
        return []
    account = heard.guilds.account(said["guild_id"], inviter, None)
    channel, at = key_of(said["guild_id"], said["channel_id"]), datetime.fromisoformat(said["created_at"])
    event_id = f"discord:invite:{said['code']}"
    return [Event(event_id, MessageType.INVITE_CREATE, channel, at, account, data={"code": said["code"]})]


READERS: dict[str, Callable[[Fields, Heard], list[Event]]] = {
    "MESSAGE_CREATE": _message,
    "MESSAGE_UPDATE": _edit,
    "MESSAGE_DELETE": _deleted,
    "MESSAGE_DELETE_BULK": _deleted,
    "MESSAGE_REACTION_ADD": _reaction,
    "GUILD_MEMBER_ADD": _join,
    "GUILD_MEMBER_REMOVE": _leave,
    "GUILD_MEMBER_UPDATE": _boost,
    "GUILD_AUDIT_LOG_ENTRY_CREATE": _audited,
    "THREAD_CREATE": _thread,
    "INVITE_CREATE": _invite,
}
