"""Which right each call needs, whose it is, and whose token is tried first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_core.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Right:
    """`who` has to have granted `scope`. With `application` its own token is tried first.

    Calls of one `purpose` have limits of their own at Twitch, and never make others wait.
    """

    path: str
    scope: str
    who: Literal["bot", "streamer"]
    application: bool = True
    purpose: str = ""


SAY = Right("/chat/messages", "user:write:chat", "bot")
ANNOUNCE = Right("/chat/announcements", "moderator:manage:announcements", "bot")
WHISPER = Right("/whispers", "user:manage:whispers", "bot", application=False, purpose=":whispers")
DELETE = Right("/moderation/chat", "moderator:manage:chat_messages", "bot")
BAN = Right("/moderation/bans", "moderator:manage:banned_users", "bot")
WARN = Right("/moderation/warnings", "moderator:manage:warnings", "bot")
SHOUT_OUT = Right("/chat/shoutouts", "moderator:manage:shoutouts", "bot", purpose=":shoutouts")
CHATTERS = Right("/chat/chatters", "moderator:read:chatters", "bot", purpose=":chatters")
VIPS = Right("/channels/vips", "channel:manage:vips", "streamer", application=False)
MODERATORS = Right("/moderation/moderators", "channel:manage:moderators", "streamer", application=False)
CHANGE = Right("/channels", "channel:manage:broadcast", "streamer", application=False)
MARK = Right("/streams/markers", "channel:manage:broadcast", "streamer", application=False)
CLIP = Right("/clips", "clips:edit", "streamer", application=False)
READ_MODERATORS = Right("/moderation/moderators", "moderation:read", "streamer", application=False)
READ_VIPS = Right("/channels/vips", "channel:read:vips", "streamer", application=False)
READ_FOLLOWERS = Right("/channels/followers", "moderator:read:followers", "streamer", application=False)
READ_SUBSCRIBERS = Right("/subscriptions", "channel:read:subscriptions", "streamer", application=False)


class Lacking(Forbidden):
    """A right is missing; the sentence names it."""


def lacking(right: Right) -> Lacking:
    """Says whose right is missing."""
    whose = "The bot" if right.who == "bot" else "The channel"
    sentence = f"{whose} lacks the right {right.scope}: connect it again in the portal and allow that."
    return Lacking(sentence, scope=right.scope)
