"""Communities that are being handed over: one at a time each, done in the statement of the second agreement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from community_module_flask.audit import audit
from community_module_flask.community_repository import owned_besides
from community_module_flask.member_rows import HERE, one_member
from community_module_flask.waiting import role_now
from flask_core.contracts.community import Member
from flask_core.contracts.community_endings import Transfer
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from flask_core.errors import Conflict, LimitReached, NotFound

_COLUMNS = "id, community_id, owner_id, member_id, owner_agreed, member_agreed, expires_at"


class TransferRepository:
    """A transfer that is over, or that does not concern the caller, does not exist."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def begin(
        self, community_id: int, member_id: str, now: datetime, until: datetime, *, agreed: bool
    ) -> Transfer:
        """A new one in place of another; the member, and without `agreed` the owner, are asked from the outbox."""

        def unit(tx: Tx) -> Transfer:
            owner, member = _owner(tx, community_id), one_member(tx, community_id, member_id)
            if member.id == owner.id:
                raise Conflict(f"{member.name} is the owner already.")
            if member.status != "active":
                raise Conflict(f"{member.name} is not an active member here.")
            tx.run("DELETE FROM community_transfers WHERE community_id = ? OR expires_at <= ?", community_id, now)
            row = tx.row(
                "INSERT INTO community_transfers (community_id, owner_id, member_id, owner_agreed, member_agreed,"
                f" expires_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}",
                community_id, owner.id, member.id, agreed, False, until,
            )  # fmt: skip
            assert row is not None
            for asked in (member.id,) if agreed else (member.id, owner.id):
                tx.run(
                    "INSERT INTO community_outbox (kind, merge_id, community_id, source, target, due_at, attempts)"
                    " VALUES ('transfer', ?, ?, ?, '', ?, 0)",
                    str(row[0]), community_id, asked, now,
                )  # fmt: skip
            audit(tx, community_id, owner.id, "community.offer", member.id, "", "", now)
            return _transfer(tx, row)

        return await self._database.write(unit)

    async def open(self, community_id: int, now: datetime) -> Transfer | None:
        """The one under way."""

        def unit(tx: Tx) -> Transfer | None:
            row = tx.row(
                f"SELECT {_COLUMNS} FROM community_transfers WHERE community_id = ? AND expires_at > ?",
                community_id, now,
            )  # fmt: skip
            return None if row is None else _transfer(tx, row)

        return await self._database.read(unit)

    async def numbered(self, number: int, now: datetime) -> Transfer | None:
        """The one with a number."""

        def unit(tx: Tx) -> Transfer | None:
            row = tx.row(f"SELECT {_COLUMNS} FROM community_transfers WHERE id = ? AND expires_at > ?", number, now)
            return None if row is None else _transfer(tx, row)

        return await self._database.read(unit)

    async def member_of_account(
        self, community_id: int, platform: str, user_id: str, now: datetime
    ) -> tuple[str, Role] | None:
        """Which member an account is there, and with which role; None for a stranger."""
        row = await self._database.read(
            lambda tx: tx.row(
                "SELECT m.id, m.role, a.waits_as, a.waits_until FROM community_member_accounts a JOIN community_members m"
                " ON m.id = a.member_id WHERE a.community_id = ? AND a.platform = ? AND a.user_id = ?",
                community_id,
                platform,
                user_id,
            )
        )
        return None if row is None else (row[0], role_now(row[1], row[2], row[3], now))

    async def agree(self, transfer: Transfer, member_id: str, role: Role, now: datetime, *, max_owned: int) -> Transfer:
        """The owner or the member agrees; the second of them hands over. Raises NotFound for anybody else."""

        def unit(tx: Tx) -> Transfer:
            owner = _must_concern(tx, transfer, member_id)
            theirs = member_id != owner.id
            if not theirs and role < Role.OWNER:
                raise NotFound("No such transfer.")
            # Whoever comes second waits for the row and sees what the first one wrote.
            row = tx.row(
                f"UPDATE community_transfers SET {'member_agreed' if theirs else 'owner_agreed'} = ? WHERE id = ?"
                f" AND expires_at > ? RETURNING {_COLUMNS}",
                True, transfer.id, now,
            )  # fmt: skip
            if row is None:
                raise NotFound("No such transfer.")
            agreed = _transfer(tx, row)
            if agreed.done:
                _hand_over(tx, agreed, owner.id, now, max_owned=max_owned)
            return agreed

        return await self._database.write(unit)

    async def call_off(self, transfer: Transfer, member_id: str, now: datetime) -> None:
        """The owner or the member does not want it. Raises NotFound for anybody else."""

        def unit(tx: Tx) -> None:
            _must_concern(tx, transfer, member_id)
            tx.run("DELETE FROM community_transfers WHERE id = ?", transfer.id)
            audit(tx, transfer.community_id, member_id, "community.keep", transfer.member_id, "", "", now)

        await self._database.write(unit)

    async def pair(self, transfer: Transfer, owner_id: str) -> list[Member]:
        """Both, as they are now."""
        both = (owner_id, transfer.member_id)
        return await self._database.read(lambda tx: [one_member(tx, transfer.community_id, one) for one in both])

    async def owner_of(self, community_id: int) -> Member:
        """Who owns it. Raises NotFound."""
        return await self._database.read(lambda tx: _owner(tx, community_id))


def _owner(tx: Tx, community_id: int) -> Member:
    owner = tx.value(f"SELECT id FROM community_members WHERE {HERE} AND role = 6", community_id)
    return one_member(tx, community_id, str(owner))


def _must_concern(tx: Tx, transfer: Transfer, member_id: str) -> Member:
    """The owner; raises NotFound for a member whom the transfer does not concern."""
    owner = _owner(tx, transfer.community_id)
    if member_id not in (owner.id, transfer.member_id):
        raise NotFound("No such transfer.")
    return owner


def _transfer(tx: Tx, row: tuple[Any, ...]) -> Transfer:
    owner, member = (one_member(tx, row[1], one) for one in (row[2], row[3]))
    return Transfer(row[0], row[1], member.id, member.name, owner.name, row[6], bool(row[4]), bool(row[5]))


def _hand_over(tx: Tx, transfer: Transfer, owner_id: str, now: datetime, *, max_owned: int) -> None:
    """Nobody waits less for having become owner: an account that was linked a moment ago has what it had."""
    if owned_besides(tx, transfer.member_id) >= max_owned:
        raise LimitReached(f"{transfer.name} owns {max_owned} communities already.")
    tx.run("DELETE FROM community_transfers WHERE id = ?", transfer.id)
    was = tx.run(
        f"UPDATE community_members SET role = 5 WHERE {HERE} AND id = ? AND role = 6", transfer.community_id, owner_id
    )
    became = tx.run(
        f"UPDATE community_members SET role = 6 WHERE {HERE} AND id = ? AND status = 'active'",
        transfer.community_id, transfer.member_id,
    )  # fmt: skip
    if not (was and became):
        raise Conflict("Owner and members are not what they were. Begin again.")
    audit(
        tx, transfer.community_id, owner_id, "community.transfer", transfer.member_id, owner_id, transfer.member_id, now
    )
