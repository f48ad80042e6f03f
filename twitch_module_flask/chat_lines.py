"""Chat lines as events: who speaks with which badges, to whom, and what is not ours to answer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_core.datamodels import Account, Event, MessageType, RepliedTo
from twitch_module_flask.models import Notification, channel_key

CHAT, WHISPER = "channel.chat.message", "user.whisper.message"
_MODERATES = frozenset({"moderator", "lead_moderator"})
_SUBSCRIBES = frozenset({"subscriber", "founder"})


def line_of(message: Notification, bots: Collection[str], including: Collection[str] = ()) -> Event | None:
    """The line as an event; None for one that another channel's chat shares with a channel that does not hear it.

    `bots` are accounts of ours: their lines are marked, unless the streamer is the bot. Channels in `including` hear
    shared lines: whoever speaks there is a plain viewer here, and nothing is counted (`data.shared`).
    Raises KeyError or TypeError where Twitch's fields are not what they are known to be.
    """
    said: Any = message.payload["event"]
    broadcaster = said["broadcaster_user_id"]
    source = said.get("source_broadcaster_user_id")
    shared = source not in {None, "", broadcaster}
    if shared and broadcaster not in including:
        return None
    reply = said.get("reply") or None
    speaker = _guest(said, bots) if shared else _speaker(said, broadcaster, bots)
    marks = ({"own_action": True} if speaker.bot else {}) | _called(said, {*bots} - {broadcaster})
    return Event(
        event_id=f"twitch:chat:{said['message_id']}",
        message_type=MessageType.CHAT,
        channel=channel_key(broadcaster),
        occurred_at=message.at,
        account=speaker,
        text=_text(said["message"]["text"], reply),
        reply_to=_replied_to(reply) if reply else None,
        data=_extras(said) | marks | ({"shared": str(source)} if shared else {}),
    )


def whisper_of(message: Notification, bots: Collection[str]) -> Event:
    """A whisper to one of our bots as a line of the sender's own. Raises as `line_of` does."""
    said: Any = message.payload["event"]
    sender, whisper = said["from_user_id"], said["whisper"]
    login = said["from_user_login"].lower()
    return Event(
        event_id=f"twitch:{message.message_id}",
        message_type=MessageType.CHAT,
        channel=f"twitch:dm:{sender}",
        occurred_at=message.at,
        account=Account(sender, login, said.get("from_user_name") or login, bot=sender in bots),
        text=whisper["text"],
        data={"message_id": said["whisper_id"], "direct": True, "to": said["to_user_id"]},
    )


def _guest(said: dict[str, Any], bots: Collection[str]) -> Account:
    """Somebody in another channel: whatever they are there or here, they speak as a viewer."""
    user_id = said["chatter_user_id"]
    return Account(user_id, said["chatter_user_login"].lower(), said["chatter_user_name"], bot=user_id in bots)


def _speaker(said: dict[str, Any], broadcaster: str, bots: Collection[str]) -> Account:
    badges = {badge["set_id"] for badge in said.get("badges") or ()}
    user_id = said["chatter_user_id"]
    return Account(
        user_id=user_id,
        login=said["chatter_user_login"].lower(),
        display_name=said["chatter_user_name"],
        broadcaster=user_id == broadcaster,
        moderator=bool(badges & _MODERATES),
        vip="vip" in badges,
        subscriber=bool(badges & _SUBSCRIBES),
        bot=user_id in bots and user_id != broadcaster,
    )


def _text(text: str, reply: dict[str, Any] | None) -> str:
    """Twitch puts the name of whom one answers in front of the words; a command behind it is still one."""
    mention = f"@{reply['parent_user_name']} " if reply and reply.get("parent_user_name") else ""
    return text[len(mention) :] if mention and text.lower().startswith(mention.lower()) else text


def _replied_to(reply: dict[str, Any]) -> RepliedTo:
    login = str(reply.get("parent_user_login") or "").lower()
    account = Account(str(reply["parent_user_id"]), login, str(reply.get("parent_user_name") or login))
    return RepliedTo(reply["parent_message_id"], account, reply.get("parent_message_body") or "")


def _called(said: dict[str, Any], bots: set[str]) -> dict[str, Any]:
    """Whether a line names one of our bots or answers it."""
    parts = said["message"].get("fragments") or ()
    named = {(part.get("mention") or {}).get("user_id") for part in parts if part["type"] == "mention"}
    named.add((said.get("reply") or {}).get("parent_user_id"))
    return {"mentions_bot": True} if named & bots else {}


def _extras(said: dict[str, Any]) -> dict[str, Any]:
    extras: dict[str, Any] = {"message_id": said["message_id"]}
    if emotes := [part["text"] for part in said["message"].get("fragments") or () if part["type"] == "emote"]:
        extras["emotes"] = emotes
    if badges := said.get("badges"):
        extras["badges"] = [f"{badge['set_id']}/{badge['id']}" for badge in badges]
    if cheer := said.get("cheer"):
        extras["bits"] = cheer["bits"]
    if reward := said.get("channel_points_custom_reward_id"):
        extras["reward_id"] = reward
    if color := said.get("color"):
        extras["color"] = color
    return extras
