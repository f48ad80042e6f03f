"""Who comes in and who goes: each step is one transaction, and the state is compared in the update itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from community_module_flask.admitting import let_in, let_out
from community_module_flask.audit import audit
from community_module_flask.context_repository import member_for
from community_module_flask.invitation_rows import invited_as, take_own
from community_module_flask.member_rows import HERE, one_member
from flask_core.contracts.community import Member
from flask_core.contracts.identity import FoundPerson
from flask_core.contracts.joining import Decide, Joined, JoinRequest, ListRequests, Standing
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, NotFound
from flask_core.when_told import in_words

ASKS_AGAIN = timedelta(days=7)
BY_INVITATION = "By invitation only. Ask a moderator for a link."
_MEANWHILE = "Somebody changed that meanwhile. Try again."
_REQUEST = "r.id, r.member_id, m.name, r.message, r.platform, r.state, r.asked_at, r.decided_at, r.reason"


class Asking(NamedTuple):
    """Who wants to come in, where they said so, and what they tell the moderators.

    `member_id` is "" for a person, who is called `name` when they were never seen here; `actor` is their id.
    """

    community_id: int
    member_id: str
    actor: str
    platform: str
    message: str
    name: str = ""


class JoiningRepository:
    """Rows of members and of what they ask for."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def join(self, asking: Asking, now: datetime) -> tuple[Joined, str]:
        """Come in or ask to, as the community wants it; and the member's id. Raises Forbidden, Conflict."""
        return await self._database.write(lambda tx: _join(tx, asking, now))

    async def leave(self, community_id: int, member_id: str, actor: str, now: datetime) -> bool:
        """Leave; True for a member, False for who takes a request back. Raises Forbidden for owner and banned."""
        return await self._database.write(lambda tx: _leave(tx, community_id, member_id, actor, now))

    async def remove(
        self, community_id: int, member_id: str, rank: Role, actor: str, reason: str, now: datetime
    ) -> Member:
        """Take a member below `rank` out. Raises Forbidden for rank, Conflict for who is not in."""
        return await self._database.write(lambda tx: _remove(tx, community_id, member_id, rank, actor, reason, now))

    async def add_guest(self, community_id: int, member_id: str, actor: str, now: datetime) -> Member | None:
        """Let a guest in who writes here already; None for anybody else."""
        return await self._database.write(lambda tx: _add_guest(tx, community_id, member_id, actor, now))

    async def decide(self, asked: Decide, actor: str, now: datetime) -> Member:
        """Accept or refuse an open request. Raises NotFound, or Conflict when that was done already."""
        return await self._database.write(lambda tx: _decide(tx, asked, actor, now))

    async def requests(self, asked: ListRequests, per_page: int) -> tuple[list[JoinRequest], int]:
        """A page of requests, and how many there are."""
        return await self._database.read(lambda tx: _requests(tx, asked, per_page))

    async def standing(self, community_id: int, person_id: str, now: datetime) -> Standing:
        """How a person stands to a community."""
        return await self._database.read(lambda tx: _standing(tx, community_id, person_id, now))


def _join(tx: Tx, asking: Asking, now: datetime) -> tuple[Joined, str]:
    here, actor = asking.community_id, asking.actor
    member_id = asking.member_id or member_for(tx, here, asking.name, FoundPerson(actor), now, "guest")[0]
    member = one_member(tx, here, member_id)
    if member.status == "banned":
        raise Forbidden("You are banned here. Only a moderator can change that.")
    if member.status == "active":
        raise Conflict("You are in already.")
    invited = take_own(tx, here, member.id, now)
    mode = tx.value("SELECT join_mode FROM communities WHERE id = ? AND status = 'active'", here)
    if invited is not None or mode == "open":
        if not let_in(tx, here, member.id, invited or Role.VIEWER, actor, now):
            raise Conflict(_MEANWHILE)
        audit(tx, here, actor, "member.join", member.id, member.status, "active", now)
        return Joined("active"), member.id
    if mode != "approval":
        raise Forbidden(BY_INVITATION)
    return Joined("pending", _ask(tx, asking, member, now)), member.id


def _ask(tx: Tx, asking: Asking, member: Member, now: datetime) -> int:
    refused = _refused(tx, member.id, now)
    if refused is not None:
        again = in_words(refused[0] + ASKS_AGAIN - now)
        raise Forbidden(f"You were refused. You may ask again in {again}.", again_at=refused[0] + ASKS_AGAIN)
    number: int | None = tx.value(
        "INSERT INTO community_requests (community_id, member_id, message, platform, state, reason, decided_by, asked_at)"
        " VALUES (?, ?, ?, ?, 'open', '', '', ?) ON CONFLICT DO NOTHING RETURNING id",
        asking.community_id, member.id, asking.message, asking.platform, now,
    )  # fmt: skip
    if number is None:
        raise Conflict("Your request waits for a moderator already.")
    if not tx.run(
        "UPDATE community_members SET status = 'pending' WHERE id = ? AND status IN ('guest', 'pending', 'left')",
        member.id,
    ):
        raise Conflict(_MEANWHILE)
    audit(tx, asking.community_id, asking.actor, "request.made", member.id, member.status, f"#{number}", now)
    return number


def _refused(tx: Tx, member_id: str, now: datetime) -> tuple[datetime, str] | None:
    """When and why a member was refused, while that keeps them from asking again."""
    row = tx.row(
        "SELECT decided_at, reason FROM community_requests WHERE member_id = ? AND state = 'denied' AND decided_at > ?"
        " ORDER BY decided_at DESC LIMIT 1",
        member_id, now - ASKS_AGAIN,
    )  # fmt: skip
    return None if row is None else (row[0], row[1])


def _leave(tx: Tx, community_id: int, member_id: str, actor: str, now: datetime) -> bool:
    member = one_member(tx, community_id, member_id)
    if member.status == "banned":
        raise Forbidden("You are banned here. Only a moderator can change that.")
    if member.status in {"guest", "left"}:
        raise Conflict("You are a guest here, there is nothing to leave.")
    let_out(tx, member.id, now)
    asks = member.status == "pending"
    if not tx.run(
        f"UPDATE community_members SET status = ?, role = 0 WHERE id = ? AND {HERE} AND role < 6 AND status = ?",
        "guest" if asks else "left", member.id, community_id, member.status,
    ):  # fmt: skip
        if member.role < Role.OWNER:
            raise Conflict(_MEANWHILE)
        raise Forbidden("The owner cannot leave. Hand the community over first.")
    audit(
        tx, community_id, actor, "request.taken back" if asks else "member.leave", member.id, member.role.word, "", now
    )
    return not asks


def _remove(tx: Tx, community_id: int, member_id: str, rank: Role, actor: str, reason: str, now: datetime) -> Member:
    before = one_member(tx, community_id, member_id)
    if before.status != "active":
        raise Conflict(f"{before.name} is no member.")
    if not tx.run(
        f"UPDATE community_members SET status = 'left', role = 0 WHERE id = ? AND {HERE} AND role < ?"
        " AND status = 'active'",
        before.id, community_id, rank.value,
    ):  # fmt: skip
        raise Forbidden(f"{before.name} is {before.role.word}; you are {rank.word}.")
    let_out(tx, before.id, now)
    audit(tx, community_id, actor, "member.remove", before.id, before.role.word, reason, now)
    return one_member(tx, community_id, before.id)


def _add_guest(tx: Tx, community_id: int, member_id: str, actor: str, now: datetime) -> Member | None:
    member = one_member(tx, community_id, member_id)
    if member.status not in {"guest", "pending"} or not let_in(tx, community_id, member.id, Role.VIEWER, actor, now):
        return None
    audit(tx, community_id, actor, "member.add", member.id, member.status, "active", now)
    return one_member(tx, community_id, member.id)


def _decide(tx: Tx, asked: Decide, actor: str, now: datetime) -> Member:
    state = "accepted" if asked.accept else "denied"
    member_id = tx.value(
        "UPDATE community_requests SET state = ?, reason = ?, decided_by = ?, decided_at = ? WHERE id = ?"
        " AND community_id = ? AND state = 'open' RETURNING member_id",
        state, asked.reason, actor, now, asked.id, asked.community_id,
    )  # fmt: skip
    if member_id is None:
        raise _decided(tx, asked)
    member = one_member(tx, asked.community_id, member_id)
    if not asked.accept:
        tx.run("UPDATE community_members SET status = 'guest' WHERE id = ? AND status = 'pending'", member.id)
    elif not let_in(tx, asked.community_id, member.id, Role.VIEWER, actor, now):
        raise Conflict(f"{member.name} is {member.status}.")
    audit(tx, asked.community_id, actor, f"request.{state}", member.id, f"#{asked.id}", asked.reason, now)
    return one_member(tx, asked.community_id, member.id)


def _decided(tx: Tx, asked: Decide) -> Conflict | NotFound:
    row = tx.row(
        "SELECT m.name, r.state FROM community_requests r JOIN community_members m ON m.id = r.member_id WHERE r.id = ?"
        " AND r.community_id = ?",
        asked.id, asked.community_id,
    )  # fmt: skip
    return (
        NotFound(f"There is no request #{asked.id} here.")
        if row is None
        else Conflict(f"{row[0]} was {row[1]} already.")
    )


def _requests(tx: Tx, asked: ListRequests, per_page: int) -> tuple[list[JoinRequest], int]:
    where = "r.community_id = ? AND r.state = ?"
    total: int = tx.value(f"SELECT count(*) FROM community_requests r WHERE {where}", asked.community_id, asked.state)
    order = "r.id" if asked.state == "open" else "r.id DESC"
    rows = tx.rows(
        f"SELECT {_REQUEST} FROM community_requests r JOIN community_members m ON m.id = r.member_id WHERE {where}"
        f" ORDER BY {order} LIMIT ? OFFSET ?",
        asked.community_id, asked.state, per_page, (max(1, asked.page) - 1) * per_page,
    )  # fmt: skip
    return [_request(row) for row in rows], total


def _request(row: Sequence[Any]) -> JoinRequest:
    number, member_id, name, message, platform, state, asked_at, decided_at, reason = row
    return JoinRequest(number, member_id, name, message, platform, state, asked_at, decided_at, reason)


def _standing(tx: Tx, community_id: int, person_id: str, now: datetime) -> Standing:
    row = tx.row(
        f"SELECT id, status, role FROM community_members WHERE person_id = ? AND {HERE}", person_id, community_id
    )
    if row is None:
        return Standing()
    asked = tx.row("SELECT id, asked_at FROM community_requests WHERE member_id = ? AND state = 'open'", row[0])
    refused = _refused(tx, row[0], now) if row[1] != "active" else None
    return Standing(
        row[1], Role(row[2]), request_id=asked[0] if asked else 0, asked_at=asked[1] if asked else None,
        again_at=refused[0] + ASKS_AGAIN if refused else None, reason=refused[1] if refused else "",
        invited=invited_as(tx, community_id, row[0], now) is not None,
    )  # fmt: skip
