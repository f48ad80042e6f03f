"""Communities: their names, texts and owners."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from community_module_flask.admitting import let_all_in
from community_module_flask.audit import audit
from community_module_flask.member_rows import HERE
from community_module_flask.models import Founder, new_member_id
from community_module_flask.waiting import role_now
from flask_core.contracts.community import Community, CreateCommunity, PatchCommunity
from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.datamodels import Role
from flask_core.errors import Conflict, LimitReached, NotFound, Stale

_COLUMNS = "id, slug, name, description, kind, locale, time_zone, join_mode, public, version, created_at, deleted_at"
_COUNTS = (
    "(SELECT count(*) FROM community_members m WHERE m.community_id = c.id AND m.status = 'active'"
    " AND m.forwards_to IS NULL), (SELECT count(*) FROM community_channels h WHERE h.community_id = c.id)"
)
_OWNED = "FROM community_members m JOIN communities c ON c.id = m.community_id WHERE m.role = 6 AND c.status = 'active'"


class CommunityRepository:
    """Uniqueness of names and one owner are constraints of the tables."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def create(
        self, asked: CreateCommunity, slug: str, founder: Founder, now: datetime, *, max_owned: int
    ) -> Community:
        """A new community whose owner is the founder. Raises Conflict for a taken name, LimitReached for too many."""
        try:
            return await self._database.write(lambda tx: _create(tx, asked, slug, founder, now, max_owned=max_owned))
        except UniqueViolation:
            raise Conflict(f"The name «{asked.name}» is taken.", name=asked.name) from None

    async def one(self, community_id: int, *, deleted: bool = False) -> Community | None:
        """A community with its counts; None when there is none, or it was deleted and `deleted` ones are not meant."""
        return await self._database.read(lambda tx: one_community(tx, community_id, deleted=deleted))

    async def knows(self, community_id: int, person_id: str) -> bool:
        """Whether the person is in the community."""
        return bool(
            await self._database.read(
                lambda tx: tx.value(
                    f"SELECT 1 FROM community_members WHERE {HERE} AND person_id = ? AND status IN ('active', 'guest')",
                    community_id,
                    person_id,
                )
            )
        )

    async def of_person(self, person_id: str, now: datetime) -> list[Community]:
        """Communities in which the person is a member, with the role."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {', '.join('c.' + c for c in _COLUMNS.split(', '))}, {_COUNTS}, me.role, me.waits_as,"
                " me.waits_until FROM communities c JOIN community_members me ON me.community_id = c.id"
                " WHERE me.person_id = ? AND me.forwards_to IS NULL AND me.status IN ('active', 'guest', 'pending')"
                " AND c.status = 'active' ORDER BY me.role DESC, c.id",
                person_id,
            )
        )
        return [_community(row[:14], role_now(row[14], row[15], row[16], now)) for row in rows]

    async def of_account(self, platform: str, user_id: str, now: datetime) -> list[Community]:
        """Communities in which the account is a member, with the role."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {', '.join('c.' + c for c in _COLUMNS.split(', '))}, {_COUNTS}, me.role, a.waits_as,"
                " a.waits_until FROM communities c JOIN community_member_accounts a ON a.community_id = c.id"
                " JOIN community_members me ON me.id = a.member_id"
                " WHERE a.platform = ? AND a.user_id = ? AND me.status = 'active' AND c.status = 'active'"
                " ORDER BY me.role DESC, c.id",
                platform,
                user_id,
            )
        )
        return [_community(row[:14], role_now(row[14], row[15], row[16], now)) for row in rows]

    async def public(self, q: str) -> list[Community]:
        """Public communities whose name or slug begins with `q`, at most 25."""
        start = q.lower()
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_COLUMNS}, {_COUNTS} FROM communities c WHERE public = ? AND status = 'active'"
                " AND (substr(lower(name), 1, ?) = ? OR substr(lower(slug), 1, ?) = ?) ORDER BY id LIMIT 25",
                True,
                len(start),
                start,
                len(start),
                start,
            )
        )
        return [_community(row, None) for row in rows]

    async def patch(self, asked: PatchCommunity, actor: str, now: datetime) -> Community:
        """Change what is not None. Raises Stale with the row as it is now, Conflict for a taken name."""
        try:
            return await self._database.write(lambda tx: _patch(tx, asked, actor, now))
        except UniqueViolation:
            raise Conflict(f"The name «{asked.name}» is taken.", name=asked.name) from None


def _create(tx: Tx, asked: CreateCommunity, slug: str, founder: Founder, now: datetime, *, max_owned: int) -> Community:
    owned = _owned(tx, founder)
    if owned >= max_owned:
        raise LimitReached(f"You own {owned} communities already.")
    community_id = tx.value(
        "INSERT INTO communities (slug, name, description, kind, locale, time_zone, join_mode, public, status, version,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, 'open', ?, 'active', 1, ?) RETURNING id",
        slug, asked.name, asked.description, asked.kind, asked.locale, asked.time_zone, True, now,
    )  # fmt: skip
    _own(tx, community_id, founder, now)
    audit(tx, community_id, founder.actor, "community.create", str(community_id), "", asked.name, now)
    made = one_community(tx, community_id)
    assert made is not None
    return made


def _owned(tx: Tx, founder: Founder) -> int:
    """How many communities the founder owns, as person and as account."""
    found: int = tx.value(
        f"SELECT count(*) {_OWNED} AND (m.person_id = ? OR m.id IN (SELECT member_id FROM"
        " community_member_accounts WHERE platform = ? AND user_id = ?))",
        founder.person_id, founder.platform, founder.account.user_id if founder.account else "",
    )  # fmt: skip
    return found


def owned_besides(tx: Tx, member_id: str) -> int:
    """How many communities those own, as person and as accounts, whose member this is; not counting the member's."""
    found: int = tx.value(
        f"SELECT count(*) {_OWNED} AND m.id <> ? AND (m.person_id = (SELECT person_id FROM community_members"
        " WHERE id = ?) OR m.id IN (SELECT theirs.member_id FROM community_member_accounts a"
        " JOIN community_member_accounts theirs ON theirs.platform = a.platform AND theirs.user_id = a.user_id"
        " WHERE a.member_id = ?))",
        member_id, member_id, member_id,
    )  # fmt: skip
    return found


def _own(tx: Tx, community_id: int, founder: Founder, now: datetime) -> None:
    member_id, account = new_member_id(), founder.account
    tx.run(
        "INSERT INTO community_members (id, community_id, person_id, name, status, role, spoken, joined_at,"
        " last_seen_at) VALUES (?, ?, ?, ?, 'active', 6, ?, ?, ?)",
        member_id, community_id, founder.person_id, founder.name, False, now, now,
    )  # fmt: skip
    if account is not None:
        tx.run(
            "INSERT INTO community_member_accounts (community_id, platform, user_id, member_id, login, display_name,"
            " home) VALUES (?, ?, ?, ?, ?, ?, ?)",
            community_id, founder.platform, account.user_id, member_id, account.login, account.display_name,
            "" if founder.person_id else member_id,
        )  # fmt: skip


def one_community(tx: Tx, community_id: int, *, deleted: bool = False) -> Community | None:
    """A community with its counts; None when there is none, or it was deleted and `deleted` ones are not meant."""
    row = tx.row(
        f"SELECT {_COLUMNS}, {_COUNTS} FROM communities c WHERE id = ? AND (status = 'active' OR ?)",
        community_id, deleted,
    )  # fmt: skip
    return None if row is None else _community(row, None)


def _community(row: Sequence[Any], role: Role | None) -> Community:
    return Community(
        id=row[0], slug=row[1], name=row[2], description=row[3], kind=row[4], locale=row[5], time_zone=row[6],
        join_mode=row[7], public=bool(row[8]), version=row[9], created_at=row[10], deleted_at=row[11],
        members=row[12], channels=row[13], role=role,
    )  # fmt: skip


def _patch(tx: Tx, asked: PatchCommunity, actor: str, now: datetime) -> Community:
    before = one_community(tx, asked.community_id)
    if before is None:
        raise NotFound("No such community.")
    fields = ("name", "description", "locale", "time_zone", "join_mode", "public")
    new = [getattr(asked, name) if getattr(asked, name) is not None else getattr(before, name) for name in fields]
    changed = tx.run(
        "UPDATE communities SET name = ?, description = ?, locale = ?, time_zone = ?, join_mode = ?, public = ?,"
        " version = version + 1 WHERE id = ? AND version = ?",
        *new, asked.community_id, asked.version,
    )  # fmt: skip
    if not changed:
        raise Stale("Somebody changed this community meanwhile.", current=before)
    if "open" == asked.join_mode != before.join_mode:
        let_all_in(tx, asked.community_id, actor, now)
    for name, value in zip(fields, new, strict=True):
        if value != getattr(before, name):
            audit(
                tx, asked.community_id, actor, f"community.{name}", str(asked.community_id),
                str(getattr(before, name)), str(value), now,
            )  # fmt: skip
    after = one_community(tx, asked.community_id)
    assert after is not None
    return after
