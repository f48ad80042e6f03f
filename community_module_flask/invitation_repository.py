"""Invitations: handed out below one's own rank, used at most as often as they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from community_module_flask.admitting import let_in
from community_module_flask.audit import audit
from community_module_flask.context_repository import member_for
from community_module_flask.invitation_rows import LIVE, use
from community_module_flask.member_rows import HERE, one_member
from flask_core.contracts.community import Member
from flask_core.contracts.identity import FoundPerson
from flask_core.contracts.joining import Invitation, Invited
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, Gone, LimitReached, NotFound

MOST_LIVE = 100
_ROW = (
    "i.id, i.role, i.uses, i.max_uses, b.name, i.expires_at, coalesce(m.name, '') FROM community_invitations i"
    " JOIN community_members b ON b.id = i.invited_by LEFT JOIN community_members m ON m.id = i.member_id"
)


class New(NamedTuple):
    """An invitation to write down; `member_id` is "" for whoever has the link."""

    community_id: int
    token_hash: str
    member_id: str
    role: Role
    uses: int
    invited_by: str
    expires_at: datetime


class InvitationRepository:
    """Only hashes of tokens are kept."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, new: New, actor: str, now: datetime) -> Invitation:
        """Write down an invitation. Raises LimitReached with a hundred live ones, Conflict for who is in already, and
        NotFound where whoever invites is no member.
        """
        return await self._database.write(lambda tx: _add(tx, new, actor, now))

    async def live(self, community_id: int, now: datetime) -> list[Invitation]:
        """Those that can be used now, newest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_ROW} WHERE i.community_id = ? AND {LIVE} ORDER BY i.id DESC LIMIT 100",
                community_id,
                now,
            )
        )
        return [_invitation(row) for row in rows]

    async def end(self, community_id: int, number: int, rank: Role, actor: str, now: datetime) -> None:
        """End an invitation to a role below `rank`. Raises NotFound when there is none that lives."""
        await self._database.write(lambda tx: _end(tx, community_id, number, rank, actor, now))

    async def look_into(self, token_hash: str, person_id: str, now: datetime) -> Invited:
        """What the link is to. Raises NotFound, or Gone when it is over."""
        return await self._database.read(lambda tx: _look_into(tx, token_hash, person_id, now))

    async def accept(self, token_hash: str, person_id: str, name: str, now: datetime) -> tuple[int, Member]:
        """The person is a member of that community. Raises NotFound, Gone, Conflict for a member, Forbidden."""
        return await self._database.write(lambda tx: _accept(tx, token_hash, person_id, name, now))


def _invitation(row: Sequence[Any]) -> Invitation:
    return Invitation(row[0], Role(row[1]), row[2], row[3], row[4], row[5], row[6])


def _add(tx: Tx, new: New, actor: str, now: datetime) -> Invitation:
    one_member(tx, new.community_id, new.invited_by)
    if new.member_id:
        member = one_member(tx, new.community_id, new.member_id)
        if member.status in {"active", "banned"}:
            raise Conflict(f"{member.name} is {'in already' if member.status == 'active' else 'banned here'}.")
    live = tx.value(
        f"SELECT count(*) FROM community_invitations i WHERE i.community_id = ? AND {LIVE}",
        new.community_id, now,
    )  # fmt: skip
    if live >= MOST_LIVE:
        raise LimitReached(f"There are {live} open invitations. End some first.")
    number = tx.value(
        "INSERT INTO community_invitations (community_id, token_hash, member_id, role, uses, max_uses, invited_by,"
        " made_at, expires_at) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?) RETURNING id",
        new.community_id, new.token_hash, new.member_id, new.role.value, new.uses, new.invited_by, now, new.expires_at,
    )  # fmt: skip
    audit(tx, new.community_id, actor, "invitation.made", f"#{number}", "", f"{new.role.word}, {new.uses}×", now)
    row = tx.row(f"SELECT {_ROW} WHERE i.id = ?", number)
    assert row is not None
    return _invitation(row)


def _end(tx: Tx, community_id: int, number: int, rank: Role, actor: str, now: datetime) -> None:
    row = tx.row("SELECT role FROM community_invitations WHERE id = ? AND community_id = ?", number, community_id)
    if row is not None and row[0] >= rank:
        raise Forbidden(f"This invitation makes a {Role(row[0]).word}; you are {rank.word}.")
    if not tx.run(
        f"UPDATE community_invitations AS i SET ended_at = ? WHERE i.id = ? AND i.community_id = ? AND {LIVE}",
        now, number, community_id, now,
    ):  # fmt: skip
        raise NotFound("There is no such invitation any more.")
    audit(tx, community_id, actor, "invitation.ended", f"#{number}", "", "", now)


def _look_into(tx: Tx, token_hash: str, person_id: str, now: datetime) -> Invited:
    row = tx.row(
        "SELECT c.id, c.name, c.description, i.role, b.name, i.expires_at FROM community_invitations i"
        " JOIN communities c ON c.id = i.community_id AND c.status = 'active'"
        f" JOIN community_members b ON b.id = i.invited_by WHERE i.token_hash = ? AND {LIVE}",
        token_hash, now,
    )  # fmt: skip
    if row is None:
        raise _over(tx, token_hash)
    status = tx.value(f"SELECT status FROM community_members WHERE person_id = ? AND {HERE}", person_id, row[0])
    return Invited(row[0], row[1], row[2], Role(row[3]), row[4], row[5], status)


def _over(tx: Tx, token_hash: str) -> Gone | NotFound:
    if tx.value("SELECT 1 FROM community_invitations WHERE token_hash = ?", token_hash):
        return Gone("This invitation was used or is over. Ask for a new one.")
    return NotFound("There is no such invitation.")


def _accept(tx: Tx, token_hash: str, person_id: str, name: str, now: datetime) -> tuple[int, Member]:
    used = use(tx, token_hash, now)
    if used is None:
        raise _over(tx, token_hash)
    here = used.community_id
    community = tx.value("SELECT name FROM communities WHERE id = ? AND status = 'active'", here)
    if community is None:
        raise Gone("This community was deleted.")
    member_id, _ = member_for(tx, here, name, FoundPerson(person_id), now, "guest")
    before = one_member(tx, here, member_id)
    if not let_in(tx, here, member_id, used.role, person_id, now):
        if before.status == "banned":
            raise Forbidden("You are banned in this community.")
        raise Conflict(f"You are in «{community}» already.", community_id=here)
    audit(tx, here, person_id, "invitation.accepted", member_id, before.status, f"#{used.id}", now)
    return here, one_member(tx, here, member_id)
