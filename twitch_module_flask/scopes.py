"""Which rights an account is asked for, by what it shall be used for."""

from __future__ import annotations

from collections.abc import Collection

from flask_core.contracts.twitch import DEFAULT_PACKS, Kind, Pack

_CHAT = ("user:read:chat", "user:write:chat", "user:bot", "user:read:moderated_channels")
_CHANNEL = ("channel:bot", "moderation:read", "channel:read:vips")
_BOTS: dict[Pack, tuple[str, ...]] = {
    "moderation": (
        "moderator:manage:banned_users", "moderator:manage:chat_messages", "moderator:manage:warnings",
        "moderator:read:warnings", "moderator:manage:announcements", "moderator:manage:shoutouts",
        "moderator:read:chatters",
    ),
    "whispers": ("user:manage:whispers", "user:read:whispers"),
}  # fmt: skip
_STREAMERS: dict[Pack, tuple[str, ...]] = {
    "events": (
        "channel:read:subscriptions", "bits:read", "channel:read:redemptions", "moderator:read:followers",
        "channel:moderate",
    ),
    "control": (
        "channel:manage:broadcast", "channel:manage:vips", "channel:manage:moderators", "clips:edit",
    ),
    "more": ("channel:read:charity", "channel:read:hype_train", "moderator:read:shoutouts"),
}  # fmt: skip
PACKS: dict[Pack, tuple[str, ...]] = _BOTS | _STREAMERS
OF_BOTS = frozenset(_BOTS)
"""Packs whose rights the bot's account gives; those of the others are the streamer's to give."""
_PACK_OF: dict[str, Pack] = {scope: pack for pack, scopes in PACKS.items() for scope in scopes}


def scopes_for(kind: Kind, *, is_the_bot: bool, packs: Collection[Pack] = DEFAULT_PACKS) -> tuple[str, ...]:
    """The scopes of a bot account, or of a broadcaster, whose account is the bot itself where there is no other.

    `packs` are what is switched on; those of the other kind of account do not count.
    """
    scopes = _with(_CHANNEL, _STREAMERS, packs) if kind == "broadcaster" else ()
    return scopes + (_with(_CHAT, _BOTS, packs) if kind == "bot" or is_the_bot else ())


def _with(required: tuple[str, ...], known: dict[Pack, tuple[str, ...]], packs: Collection[Pack]) -> tuple[str, ...]:
    return required + tuple(scope for pack in known if pack in packs for scope in known[pack])


def packs_of(granted: Collection[str]) -> tuple[Pack, ...]:
    """The packs whose rights an account gave, all of them."""
    return tuple(pack for pack, scopes in PACKS.items() if set(scopes) <= set(granted))


def usable(granted: Collection[str], packs: Collection[Pack]) -> frozenset[str]:
    """What was granted and belongs to nothing that is switched off."""
    return frozenset(scope for scope in granted if is_on(scope, packs))


def is_on(scope: str, packs: Collection[Pack]) -> bool:
    """Whether a scope belongs to what is always needed, or to a pack that is switched on."""
    pack = _PACK_OF.get(scope)
    return pack is None or pack in packs
