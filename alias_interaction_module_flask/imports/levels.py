"""Who may use a command, in the words of each bot; what has no exact match becomes stricter."""

from __future__ import annotations

from alias_interaction_module_flask.imports.rows import Note
from flask_core.datamodels import Role

_NIGHTBOT = {
    "everyone": Role.VIEWER, "subscriber": Role.SUBSCRIBER, "regular": Role.REGULAR, "twitch_vip": Role.VIP,
    "soop_vip": Role.VIP, "moderator": Role.MODERATOR, "admin": Role.OWNER, "owner": Role.OWNER,
}  # fmt: skip
_NOTED = {"soop_vip": Note("one_platform", "soop"), "owner": Note("managers_had_it")}
_STREAMELEMENTS = {
    100: Role.VIEWER, 250: Role.SUBSCRIBER, 300: Role.REGULAR, 400: Role.VIP, 500: Role.MODERATOR,
    1_000: Role.ADMIN, 1_500: Role.OWNER,
}  # fmt: skip


def nightbot_role(level: object) -> tuple[Role, tuple[Note, ...]]:
    """Our role for a Nightbot `userLevel`, and what to know about it."""
    word = str(level or "")
    if word not in _NIGHTBOT:
        return Role.OWNER, (Note("level_unknown", word[:30] or "none"),)
    return _NIGHTBOT[word], (_NOTED[word],) if word in _NOTED else ()


def streamelements_role(level: object) -> tuple[Role, tuple[Note, ...]]:
    """Our role for a StreamElements `accessLevel`: an unknown one becomes the next higher that is known."""
    number = level if isinstance(level, int) and not isinstance(level, bool) else None
    if number in _STREAMELEMENTS:
        return _STREAMELEMENTS[number], ()
    known = [] if number is None else [role for least, role in _STREAMELEMENTS.items() if least >= number]
    return (known[0] if known else Role.OWNER), (Note("level_unknown", str(level)[:30]),)
