"""Imports as rows of due work, the pages that they fetched, and the secrets that they need meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from alias_interaction_module_flask.imports.models import Import, Person, Phase, Source
from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.datamodels import Role
from flask_core.due_work import Due, Result, State, claim_due, record_due
from flask_core.errors import Conflict

_COLUMNS = (
    "id, community_id, source, origin, channel, phase, fetched, person_id, person_name, person_role, created_at,"
    " applied_at, expires_at, last_error"
)
_DUE = "community_id, phase"
LASTS = timedelta(hours=24)
KEPT = timedelta(days=30)
_GIVEN_UP = (State.FAILED, State.MISSED, State.UNCONFIRMED)


class Doing:
    """The import behind a due row, and what is to be done with it."""

    __slots__ = ("community_id", "phase")

    def __init__(self, community_id: int, phase: Phase) -> None:
        self.community_id = community_id
        self.phase = phase


class ImportRepository:
    """One that runs per community; a preview that nobody applied makes room for the next."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, community_id: int, source: Source, channel: str, person: Person, now: datetime) -> Import:
        """Begin one. Raises Conflict while another one runs."""

        def unit(tx: Tx) -> int:
            tx.run("UPDATE imports SET phase = 'dropped' WHERE community_id = ? AND phase = 'preview'", community_id)
            made: int = tx.value(
                "INSERT INTO imports (community_id, source, origin, channel, phase, fetched, person_id, person_name,"
                " person_role, created_at, status, due_at, expires_at, claimed_by, claimed_until, attempts, last_error,"
                " idempotency_key) VALUES (?, ?, ?, ?, 'fetching', 0, ?, ?, ?, ?, 'waiting', ?, ?, '', ?, 0, '', ?)"
                " RETURNING id",
                community_id, source, source, channel, person.id, person.name, int(person.role), now, now, now + LASTS,
                now, f"import {community_id} {now.isoformat()}",
            )  # fmt: skip
            return made

        try:
            made = await self._database.write(unit)
        except UniqueViolation:
            raise Conflict("An import is running already. Wait until it is done.") from None
        found = await self.one(community_id, made)
        assert found is not None
        return found

    async def one(self, community_id: int, import_id: int) -> Import | None:
        """One by its id."""
        sql = f"SELECT {_COLUMNS} FROM imports WHERE community_id = ? AND id = ?"
        row = await self._database.read(lambda tx: tx.row(sql, community_id, import_id))
        return None if row is None else _import_of(row)

    async def newest(self, community_id: int, most: int = 20) -> list[Import]:
        """The latest first."""
        sql = f"SELECT {_COLUMNS} FROM imports WHERE community_id = ? ORDER BY id DESC LIMIT ?"
        return [_import_of(row) for row in await self._database.read(lambda tx: tx.rows(sql, community_id, most))]

    async def begin(self, one: Import, phase: Phase, person: Person, now: datetime, *, instead_of: Phase) -> bool:
        """Let the loop do the next thing for `person`; False when it is somewhere else by now.

        Raises Conflict while another one runs.
        """

        def unit(tx: Tx) -> int:
            return tx.run(
                "UPDATE imports SET phase = ?, status = 'waiting', due_at = ?, claimed_until = ?, expires_at = ?,"
                " attempts = 0, last_error = '', person_id = ?, person_name = ?, person_role = ?"
                " WHERE id = ? AND phase = ?",
                phase, now, now, now + LASTS, person.id, person.name, int(person.role), one.id, instead_of,
            )  # fmt: skip

        try:
            return bool(await self._database.write(unit))
        except UniqueViolation:
            raise Conflict("An import is running already. Wait until it is done.") from None

    async def ended(self, one: Import, phase: Phase, now: datetime, origin: Source | None = None) -> None:
        """It rests in `phase`; the secrets of its source go."""

        def unit(tx: Tx) -> None:
            applied = now if phase == "applied" else one.applied_at
            tx.run(
                "UPDATE imports SET phase = ?, origin = ?, applied_at = ? WHERE id = ?",
                phase, origin or one.origin, applied, one.id,
            )  # fmt: skip
            _forget_secrets(tx, one.community_id, one.source)

        await self._database.write(unit)

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Doing]]:
        """Imports that have something to do."""
        return await self._database.write(
            lambda tx: claim_due(tx, "imports", _DUE, Doing, owner=owner, now=now, limit=limit)
        )

    async def record(self, due: Due[Doing], result: Result) -> None:
        """What became of it; one that is given up forgets its secrets at once."""

        def unit(tx: Tx) -> None:
            if record_due(tx, "imports", due, result) and result.state in _GIVEN_UP:
                tx.run("UPDATE imports SET phase = 'failed' WHERE id = ? AND phase = 'fetching'", due.id)
                # What was half applied or half taken back can be begun again.
                tx.run("UPDATE imports SET phase = 'preview' WHERE id = ? AND phase = 'applying'", due.id)
                tx.run("UPDATE imports SET phase = 'applied' WHERE id = ? AND phase = 'undoing'", due.id)
                source = tx.value("SELECT source FROM imports WHERE id = ?", due.id)
                _forget_secrets(tx, due.row.community_id, source)

        await self._database.write(unit)

    async def keep_page(self, import_id: int, part: str, page: int, answer: str, *, last: bool) -> None:
        """Keep an answer; the same one twice is kept once."""

        def unit(tx: Tx) -> None:
            tx.run(
                "INSERT INTO import_pages (import_id, part, page, answer, last) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (import_id, part, page) DO NOTHING",
                import_id, part, page, answer, last,
            )  # fmt: skip
            many = "(SELECT count(*) FROM import_pages WHERE import_id = ?)"
            tx.run(f"UPDATE imports SET fetched = {many} WHERE id = ?", import_id, import_id)

        await self._database.write(unit)

    async def pages(self, import_id: int) -> list[tuple[str, int, str, bool]]:
        """Part, page, answer, and whether it is the part's last, in order."""
        sql = "SELECT part, page, answer, last FROM import_pages WHERE import_id = ? ORDER BY part, page"
        found = await self._database.read(lambda tx: tx.rows(sql, import_id))
        return [(part, page, answer, bool(last)) for part, page, answer, last in found]

    async def forget_old(self, now: datetime) -> None:
        """Imports after 30 days, secrets and states that are over."""

        def unit(tx: Tx) -> None:
            tx.run(f"DELETE FROM imports WHERE created_at < ? AND phase NOT IN {_IN_RUNNING}", now - KEPT)
            tx.run("DELETE FROM import_tokens WHERE expires_at <= ?", now)
            tx.run("DELETE FROM import_states WHERE expires_at <= ?", now)

        await self._database.write(unit)


_IN_RUNNING = "('fetching', 'applying', 'undoing')"


def _forget_secrets(tx: Tx, community_id: int, source: str) -> None:
    tx.run("DELETE FROM import_tokens WHERE community_id = ? AND source = ?", community_id, source)


def _import_of(row: tuple[Any, ...]) -> Import:
    *what, person_id, name, role, created_at, applied_at, expires_at, error = row
    number, community_id, source, origin, channel, phase, fetched = what
    person = Person(person_id, name, Role(role))
    return Import(
        number, community_id, source, origin, channel, phase, fetched, person, created_at, applied_at, expires_at, error
    )
