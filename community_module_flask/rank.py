"""Who may change whom: nobody grants a role equal to or above their own, or touches an equal."""

from __future__ import annotations

from flask_core.datamodels import Role
from flask_core.errors import Forbidden

ASSIGNABLE = (Role.VIEWER, Role.REGULAR, Role.VIP, Role.MODERATOR, Role.ADMIN)


def in_whole_community(here: Role, assigned: Role) -> Role:
    """What somebody counts as in all channels: what a platform says of one makes a moderator at most."""
    return max(assigned, min(here, Role.MODERATOR))


def highest_below(rank: Role) -> Role:
    """The highest role that somebody of `rank` may hand out."""
    return max((role for role in ASSIGNABLE if role < rank), default=Role.VIEWER)


def check_rank(actor: Role, target: Role, what: str) -> None:
    """Raise Forbidden unless `actor` stands above `target`."""
    if actor <= target:
        raise Forbidden(f"You cannot {what} somebody who is {target.word}; you are {actor.word}.")


def check_grant(actor: Role, role: Role) -> None:
    """Raise Forbidden unless `actor` may assign `role`; the owner is changed by a transfer only."""
    if role not in ASSIGNABLE:
        words = ", ".join(assignable.word for assignable in ASSIGNABLE)
        raise Forbidden(f"These roles can be assigned: {words}.")
    if role >= actor:
        needed = "the owner" if role == Role.ADMIN else "admins"
        raise Forbidden(f"Only {needed} can make {role.word}s. You are {actor.word} here.")
