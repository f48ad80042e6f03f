"""What twitch knows about channels, clips, emotes, followers and roles; it keeps answers a while."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, any_service, services

OFFERED_BY = "twitch"


class ChannelId(msgspec.Struct, frozen=True):
    """A channel by the id of its broadcaster."""

    id: str


class ChannelFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """A channel as Twitch shows it, at most 30 s old; `viewers` and `started_at` belong to one that is live."""

    id: str
    login: str
    display_name: str
    title: str = ""
    category: str = ""
    category_id: str = ""
    live: bool = False
    viewers: int = 0
    started_at: datetime | None = None
    followers: int = 0
    language: str = ""
    tags: tuple[str, ...] = ()
    content_labels: tuple[str, ...] = ()


class ClipQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """The most watched clips of a channel, `first` at most 100, made after `since`."""

    broadcaster_id: str
    since: datetime | None = None
    first: int = 20


class Clip(msgspec.Struct, frozen=True, omit_defaults=True):
    """A clip; `seconds` is how long it is."""

    id: str
    url: str
    title: str
    creator: str
    views: int
    seconds: float
    created_at: datetime
    thumbnail_url: str = ""


class ClipList(msgspec.Struct, frozen=True):
    """Clips, the most watched first, at most 10 minutes old."""

    items: tuple[Clip, ...]


class EmoteQuery(msgspec.Struct, frozen=True):
    """An emote set by its id."""

    set: str


class Emote(msgspec.Struct, frozen=True, omit_defaults=True):
    """An emote and its picture."""

    id: str
    name: str
    url: str = ""


class EmoteList(msgspec.Struct, frozen=True):
    """Emotes, at most an hour old."""

    items: tuple[Emote, ...]


class ChannelEmoteQuery(msgspec.Struct, frozen=True):
    """The emotes of a channel by the id of its broadcaster: Twitch's own, or those that a service adds there."""

    broadcaster_id: str
    source: Literal["twitch", "7tv", "bttv", "ffz"] = "twitch"


class FollowQuery(msgspec.Struct, frozen=True):
    """A user and a channel, given as broadcaster id or channel key."""

    channel: str
    user: str


class FollowFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Since when somebody follows, at most a minute old; None: they do not."""

    since: datetime | None = None


class RoleQuery(msgspec.Struct, frozen=True):
    """What a user is in a channel, given as broadcaster id or channel key."""

    channel: str
    user: str


class RoleFacts(msgspec.Struct, frozen=True):
    """The highest role by Twitch's own word, at most a minute old; `missing` are rights without which one is unseen."""

    role: Role
    missing: tuple[str, ...] = ()


class HolderQuery(msgspec.Struct, frozen=True):
    """Who is VIP or moderator of a channel, given as broadcaster id or channel key."""

    kind: Literal["twitch_vip", "twitch_moderator"]
    channel: str


class Holder(msgspec.Struct, frozen=True):
    """An account that holds a role."""

    user_id: str
    login: str
    display_name: str


class HolderList(msgspec.Struct, frozen=True):
    """All of them."""

    items: tuple[Holder, ...]


CHANNEL = Operation(
    "GET", "/api/v1/lookups/channels/{id}", ChannelId, ChannelFacts, any_service(),
    "Tell title, category, and whether a channel is live.",
)  # fmt: skip
CLIPS = Operation("GET", "/api/v1/lookups/clips", ClipQuery, ClipList, any_service(), "List clips of a channel.")
EMOTES = Operation("GET", "/api/v1/lookups/emotes", EmoteQuery, EmoteList, any_service(), "List the emotes of a set.")
CHANNEL_EMOTES = Operation(
    "GET", "/api/v1/lookups/channel-emotes", ChannelEmoteQuery, EmoteList, any_service(),
    "List the emotes of a channel: Twitch's own, or those of 7TV, BetterTTV or FrankerFaceZ.",
)  # fmt: skip
FOLLOW = Operation(
    "GET", "/api/v1/lookups/follows", FollowQuery, FollowFacts, any_service(),
    "Tell since when somebody follows a connected channel: 422 where the streamer has not allowed us to see that.",
)  # fmt: skip
ROLES = Operation(
    "GET", "/api/v1/lookups/roles", RoleQuery, RoleFacts, any_service(), "Tell what somebody is in a channel."
)
HOLDERS = Operation(
    "GET", "/api/v1/role-holders", HolderQuery, HolderList, services("labels"), "List who holds a role of a channel."
)
