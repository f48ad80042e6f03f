"""Which rights an account is asked for, by what it shall be used for."""

from __future__ import annotations

from flask_core.contracts.twitch import Kind

_CHAT = ("user:read:chat", "user:write:chat", "user:bot")
_CHANNEL = ("channel:bot", "moderation:read", "channel:read:vips")
_EVENTS = ("channel:read:subscriptions", "bits:read", "channel:read:redemptions", "moderator:read:followers",
           "channel:moderate")  # fmt: skip


def scopes_for(kind: Kind, *, is_the_bot: bool) -> tuple[str, ...]:
    """The scopes of a bot account, or of a broadcaster, whose account is the bot itself where there is no other."""
    if kind == "bot":
        return _CHAT
    return _CHANNEL + _EVENTS + (_CHAT if is_the_bot else ())


def missing(kind: Kind, granted: tuple[str, ...]) -> tuple[str, ...]:
    """What an account lacks for its use."""
    return tuple(scope for scope in scopes_for(kind, is_the_bot=kind == "bot") if scope not in granted)
