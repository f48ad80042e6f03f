"""Which rights an account is asked for, by what it shall be used for."""

from __future__ import annotations

from collections.abc import Collection

from flask_core.contracts.twitch import Kind, Pack

_CHAT = ("user:read:chat", "user:write:chat", "user:bot")
_MODERATION = (
    "moderator:manage:banned_users", "moderator:manage:chat_messages", "moderator:manage:warnings",
    "moderator:read:warnings", "moderator:manage:announcements", "moderator:manage:shoutouts",
    "moderator:read:chatters",
)  # fmt: skip
_CHANNEL = ("channel:bot", "moderation:read", "channel:read:vips")
_EVENTS = ("channel:read:subscriptions", "bits:read", "channel:read:redemptions", "moderator:read:followers",
           "channel:moderate")  # fmt: skip
_BOTS: dict[Pack, tuple[str, ...]] = {"whispers": ("user:manage:whispers", "user:read:whispers")}
_STREAMERS: dict[Pack, tuple[str, ...]] = {
    "control": (
        "channel:manage:broadcast", "channel:manage:vips", "channel:manage:moderators", "clips:edit",
    ),
    "more": ("channel:read:charity", "channel:read:hype_train", "moderator:read:shoutouts"),
}  # fmt: skip


def scopes_for(kind: Kind, *, is_the_bot: bool, packs: Collection[Pack] = ()) -> tuple[str, ...]:
    """The scopes of a bot account, or of a broadcaster, whose account is the bot itself where there is no other.

    `packs` are features that are off until somebody asks for them; those of the other kind of account do not count.
    """
    bots = _CHAT + _MODERATION if kind == "bot" or is_the_bot else ()
    streamers = _CHANNEL + _EVENTS if kind == "broadcaster" else ()
    known = (_BOTS if bots else {}) | (_STREAMERS if streamers else {})
    return streamers + bots + tuple(scope for pack in known if pack in packs for scope in known[pack])


def packs_of(granted: Collection[str]) -> tuple[Pack, ...]:
    """What an account was asked for besides what everybody is."""
    return tuple(pack for pack, scopes in (_BOTS | _STREAMERS).items() if set(scopes) <= set(granted))


def missing(kind: Kind, granted: tuple[str, ...]) -> tuple[str, ...]:
    """What an account lacks for its use."""
    return tuple(scope for scope in scopes_for(kind, is_the_bot=kind == "bot") if scope not in granted)
