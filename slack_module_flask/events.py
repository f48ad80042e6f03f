"""What the Events API tells, as events; one pure function per kind. What is unknown here is left to others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from flask_core.datamodels import Account, Event, MessageType, RepliedTo, Role
from slack_module_flask.entities import addressed, as_command, flattened, plain
from slack_module_flask.models import Person, Workspace, account_id, channel_key

type Fields = dict[str, Any]

_SAID = frozenset({"", "thread_broadcast", "me_message", "file_share"})
"""A message without subtype, and those that are one in all but name."""


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery of the Events API: what is in it, whose it is, and the people that are known."""

    workspace: Workspace
    event: Fields
    event_id: str
    at: datetime
    people: dict[str, Person]
    roles: dict[str, Role]

    @property
    def team_id(self) -> str:
        """The workspace."""
        return self.workspace.team_id

    def account(self, user_id: str, team_id: str = "") -> Account:
        """Somebody as the platform shows them; guests of Slack Connect keep the id of their own workspace."""
        team = team_id or self.team_id
        person, role = self.people.get(user_id, Person()), self.roles.get(user_id, Role.VIEWER)
        counts = self.workspace.settings.platform_roles and team == self.team_id
        return Account(
            account_id(team, user_id), person.name, person.display_name or person.name,
            broadcaster=counts and person.owner, admin=counts and person.admin,
            moderator=counts and role is Role.MODERATOR, vip=counts and role is Role.VIP,
            bot=person.bot or user_id == self.workspace.bot_user_id,
        )  # fmt: skip

    def happened(self, kind: MessageType, channel_id: str, user_id: str, **more: Any) -> Event:
        """An event of this delivery."""
        return Event(
            event_id=more.pop("event_id", f"slack:{self.event_id}"),
            message_type=kind,
            channel=channel_key(self.team_id, channel_id, user_id),
            occurred_at=self.at,
            account=self.account(user_id, more.pop("team_id", "")),
            **more,
        )


def event_of(told: Told) -> Event | None:
    """The event behind a delivery, or None for a kind that means nothing here.

    Raises KeyError, TypeError, ValueError or AttributeError where Slack's fields are not what they are known to be.
    """
    read = READERS.get(told.event["type"])
    return read(told) if read is not None else None


def people_in(event: Fields) -> list[str]:
    """Whose names an event needs."""
    message = event.get("message") if isinstance(event.get("message"), dict) else {}
    user = event.get("user")
    found = [user.get("id") if isinstance(user, dict) else user, event.get("user_id"), event.get("item_user"),
             (message or {}).get("user"), event.get("parent_user_id")]  # fmt: skip
    return [one for one in dict.fromkeys(found) if isinstance(one, str) and one]


def _message(told: Told) -> Event | None:
    said, subtype = told.event, told.event.get("subtype", "")
    if subtype == "message_changed":
        return _changed(told)
    if subtype == "message_deleted":
        gone = said["previous_message"]
        if not gone.get("user"):
            return None
        return told.happened(
            MessageType.MESSAGE_DELETE, said["channel"], gone["user"], data={"message_id": said["deleted_ts"]}
        )
    if subtype not in _SAID or not said.get("user") or (said.get("files") and not said.get("text")):
        # A file without a word comes as file_shared, too.
        return None
    return _line(told, said, said["channel"], f"slack:{told.team_id}:{said['channel']}:{said['ts']}")


def _changed(told: Told) -> Event | None:
    """An edit; what Slack itself adds, such as the preview of a link, changes no word."""
    said = told.event
    message, before = said["message"], said.get("previous_message") or {}
    if not message.get("user") or message.get("bot_id") or flattened(message) == flattened(before):
        return None
    stamp = (message.get("edited") or {}).get("ts") or said["ts"]
    event_id = f"slack:{told.team_id}:{said['channel']}:{message['ts']}:{stamp}"
    return _line(told, message, said["channel"], event_id, edited=True)


def _line(told: Told, message: Fields, channel_id: str, event_id: str, *, edited: bool = False) -> Event | None:
    user, ours = message["user"], told.workspace.bot_user_id
    if user == ours or message.get("bot_id") == told.workspace.bot_id != "":
        return None
    text = plain(flattened(message), told.team_id)
    to_us = addressed(text, told.team_id, ours)
    direct, thread = channel_id.startswith("D"), message.get("thread_ts") or ""
    data: Fields = {"message_id": message_id(message["ts"], thread), "ts": message["ts"]}
    if thread:
        data["thread_ts"] = thread
    data |= _calls_us(message, ours, to_us, named=direct or f"<@{told.team_id}.{ours}>" in text)
    if direct:
        data["direct"] = True
    if edited:
        data["edited"] = True
    if files := [str(one.get("name") or one.get("id")) for one in message.get("files") or ()]:
        data["files"] = files[:10]
    line = told.happened(
        MessageType.CHAT, channel_id, user, event_id=event_id, team_id=message.get("user_team") or "",
        text=_typed(told, text) if to_us is None else as_command(to_us), reply_to=_parent(told, message), data=data,
    )  # fmt: skip
    if message.get("bot_id") and line.account is not None:
        return replace(line, account=replace(line.account, bot=True))
    return line


def _typed(told: Told, text: str) -> str:
    """A line that begins with the workspace's own prefix, as a command."""
    prefix = told.workspace.settings.prefix
    rest = text.removeprefix(prefix)
    return f"!{rest}" if prefix and rest != text and rest.strip() and not rest[0].isspace() else text


def _calls_us(message: Fields, ours: str, to_us: str | None, *, named: bool) -> Fields:
    """How a line calls the bot: by its name, in a thread of the bot's, or not at all."""
    if not named and to_us is None and message.get("parent_user_id") != ours:
        return {}
    # A sign that is ours is none to whoever answers words instead of commands.
    signed = to_us is not None and as_command(to_us) != to_us
    return {"mentions_bot": True} | ({"as_command": True} if signed else {})


def message_id(ts: str, thread_ts: str = "") -> str:
    """How a message is named to the rest of the installation: with the thread that an answer belongs in."""
    return f"{ts}/{thread_ts}" if thread_ts and thread_ts != ts else ts


def _parent(told: Told, message: Fields) -> RepliedTo | None:
    thread, author = message.get("thread_ts"), message.get("parent_user_id")
    if not thread or thread == message["ts"]:
        return None
    return RepliedTo(thread, told.account(author) if author else None)


def _mention(told: Told) -> Event | None:
    # Its text comes as a message, too, and is run there.
    said = told.event
    if said["user"] == told.workspace.bot_user_id or said.get("bot_id"):
        return None
    data = {"message_id": message_id(said["ts"], said.get("thread_ts") or ""), "ts": said["ts"]}
    event_id = f"slack:{told.team_id}:{said['channel']}:{said['ts']}:mention"
    return told.happened(MessageType.APP_MENTION, said["channel"], said["user"], event_id=event_id, data=data)


def _reaction(told: Told) -> Event | None:
    said, item = told.event, told.event["item"]
    if item.get("type") != "message" or said["user"] == said.get("item_user"):
        return None
    # By what it is, not by when it came: who takes it back and adds it again counts once.
    event_id = f"slack:reaction:{told.team_id}:{item['channel']}:{item['ts']}:{said['user']}:{said['reaction']}"
    data = {"message_id": item["ts"], "emoji": said["reaction"]}
    return told.happened(MessageType.REACTION, item["channel"], said["user"], event_id=event_id, data=data)


def _file(told: Told) -> Event:
    said = told.event
    return told.happened(
        MessageType.FILE_SHARE, said["channel_id"], said["user_id"],
        event_id=f"slack:file:{told.team_id}:{said['file_id']}", data={"file_id": said["file_id"]},
    )  # fmt: skip


def _pinned(told: Told) -> Event | None:
    said, item = told.event, told.event["item"]
    if item.get("type") != "message" or said["user"] == told.workspace.bot_user_id:
        return None
    # Taken off and pinned again, or by somebody else: it is pinned once.
    ts = item["message"]["ts"]
    event_id = f"slack:pin:{told.team_id}:{said['channel_id']}:{ts}"
    return told.happened(MessageType.PIN, said["channel_id"], said["user"], event_id=event_id, data={"message_id": ts})


def _joined(told: Told) -> Event | None:
    said = told.event
    if said["user"] == told.workspace.bot_user_id:
        return None
    event_id = f"slack:join:{told.team_id}:{said['channel']}:{said['user']}"
    team = str(said.get("team") or "")
    return told.happened(MessageType.CHANNEL_JOIN, said["channel"], said["user"], event_id=event_id, team_id=team)


READERS: dict[str, Callable[[Told], Event | None]] = {
    "message": _message,
    "app_mention": _mention,
    "reaction_added": _reaction,
    "file_shared": _file,
    "pin_added": _pinned,
    "member_joined_channel": _joined,
}


def moment(seconds: Any) -> datetime:
    """A time as Slack writes it: seconds since 1970, as number or text."""
    return datetime.fromtimestamp(float(seconds), UTC)
