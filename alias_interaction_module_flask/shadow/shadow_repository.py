"""Communities in shadow mode as due work, and what was compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from alias_interaction_module_flask.imports.models import Person
from flask_core.contracts.alias_shadow import Run
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from flask_core.due_work import Due, Result, claim_due, record_due

KEPT = timedelta(days=14)
_COLUMNS = (
    "community_id, import_id, bot, seen_until, person_id, person_name, person_role, expires_at, last_error, status"
)


class Watch:
    """A community that compares."""

    __slots__ = ("bot", "community_id", "import_id", "last_error", "person", "seen_until", "status", "until")

    def __init__(self, *row: Any) -> None:
        self.community_id, self.import_id, self.bot, self.seen_until = row[:4]
        self.person = Person(row[4], row[5], Role(row[6]))
        self.until, self.last_error, self.status = row[7:]


class ShadowRepository:
    """One per community; another start takes the place of the one before and forgets what it compared."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def start(
        self, community_id: int, import_id: int, bot: str, person: Person, now: datetime, until: datetime
    ) -> None:
        """From now on."""

        def unit(tx: Tx) -> None:
            self._stop(tx, community_id)
            tx.run(
                "INSERT INTO shadows (community_id, import_id, bot, seen_until, person_id, person_name, person_role,"
                " status, due_at, expires_at, claimed_by, claimed_until, attempts, last_error, idempotency_key)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, '', ?, 0, '', ?)",
                community_id, import_id, bot, now, person.id, person.name, int(person.role), now, until, now,
                f"shadow {community_id} {now.isoformat()}",
            )  # fmt: skip

        await self._database.write(unit)

    async def stop(self, community_id: int) -> None:
        """No longer; what was compared goes."""
        await self._database.write(lambda tx: self._stop(tx, community_id))

    @staticmethod
    def _stop(tx: Tx, community_id: int) -> None:
        tx.run("DELETE FROM shadows WHERE community_id = ?", community_id)
        tx.run("DELETE FROM shadow_runs WHERE community_id = ?", community_id)

    async def of(self, community_id: int) -> Watch | None:
        """The community's."""
        sql = f"SELECT {_COLUMNS} FROM shadows WHERE community_id = ?"
        row = await self._database.read(lambda tx: tx.row(sql, community_id))
        return None if row is None else Watch(*row)

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Watch]]:
        """Communities whose chat is to be looked at."""
        return await self._database.write(
            lambda tx: claim_due(tx, "shadows", _COLUMNS, Watch, owner=owner, now=now, limit=limit)
        )

    async def record(self, due: Due[Watch], result: Result) -> None:
        """What became of a look."""
        await self._database.write(lambda tx: record_due(tx, "shadows", due, result))

    async def keep(self, community_id: int, seen_until: datetime, runs: Sequence[tuple[str, Run]]) -> None:
        """Keep (event id, run), each once, and how far chat was read."""

        def unit(tx: Tx) -> None:
            for event_id, run in runs:
                tx.run(
                    "INSERT INTO shadow_runs (community_id, event_id, command, typed, ours, theirs, verdict,"
                    " at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (community_id, event_id, command) DO NOTHING",
                    community_id, event_id, run.command, run.typed[:500], run.ours[:1_000],
                    run.theirs[:1_000], run.verdict, run.at,
                )  # fmt: skip
            tx.run("UPDATE shadows SET seen_until = ? WHERE community_id = ?", seen_until, community_id)

        await self._database.write(unit)

    async def verdicts(self, community_id: int) -> dict[str, int]:
        """How many runs of each."""
        sql = "SELECT verdict, count(*) FROM shadow_runs WHERE community_id = ? GROUP BY verdict"
        return dict(await self._database.read(lambda tx: tx.rows(sql, community_id)))

    async def report(self, community_id: int, most: int = 200) -> list[Run]:
        """The latest runs, those that are not the same first."""
        sql = (
            "SELECT command, typed, at, verdict, ours, theirs FROM shadow_runs WHERE community_id = ?"
            " ORDER BY CASE verdict WHEN 'same' THEN 1 ELSE 0 END, at DESC LIMIT ?"
        )
        return [Run(*row) for row in await self._database.read(lambda tx: tx.rows(sql, community_id, most))]

    async def forget_old(self, now: datetime) -> None:
        """Runs after 14 days, and communities whose time is long over."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM shadow_runs WHERE at < ?", now - KEPT)
            tx.run("DELETE FROM shadows WHERE expires_at < ?", now - KEPT)

        await self._database.write(unit)
