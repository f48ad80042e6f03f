"""Overlays and their secret addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_core.auth import hashed, new_secret
from flask_core.contracts.browser_source import Overlay
from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.encryption import Sealer
from flask_core.errors import Conflict, NotFound

OLD_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a secret opens: an overlay of a community, all of it or one widget."""

    overlay_id: int
    community_id: int
    stage: str
    widget: str
    valid_until: datetime | None


class OverlayRepository:
    """Secrets are looked up by hash, and sealed so that they can be shown again."""

    def __init__(self, database: AsyncDAL, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def create(self, community_id: int, name: str, stage: str, now: datetime) -> Overlay:
        """A new overlay. Raises Conflict for a taken name."""
        try:
            number = await self._database.write(
                lambda tx: tx.value(
                    "INSERT INTO overlays (community_id, name, stage, created_at) VALUES (?, ?, ?, ?) RETURNING id",
                    community_id,
                    name,
                    stage,
                    now,
                )
            )
        except UniqueViolation:
            raise Conflict(f"There is an overlay called {name} already.") from None
        return Overlay(int(number), name, created_at=now)

    async def preview(self, community_id: int, now: datetime) -> int:
        """The overlay that only playgrounds show, made when it is first asked for."""
        return int(
            await self._database.write(
                lambda tx: tx.value(
                    "INSERT INTO overlays (community_id, name, stage, created_at) VALUES (?, ' preview', 'preview', ?)"
                    " ON CONFLICT (community_id, name) DO UPDATE SET stage = excluded.stage RETURNING id",
                    community_id,
                    now,
                )
            )
        )

    async def of(self, community_id: int) -> list[Overlay]:
        """A community's overlays."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT id, name, created_at FROM overlays WHERE community_id = ? AND stage = 'live' ORDER BY id LIMIT 100",
                community_id,
            )
        )
        return [Overlay(row[0], row[1], created_at=row[2]) for row in rows]

    async def delete(self, community_id: int, overlay_id: int) -> None:
        """Remove an overlay with its addresses."""
        if not await self._database.write(
            lambda tx: tx.run("DELETE FROM overlays WHERE id = ? AND community_id = ?", overlay_id, community_id)
        ):
            raise NotFound("No such overlay.")

    async def secret(self, community_id: int, overlay_id: int, widget: str) -> str:
        """The present address of an overlay or widget, made when it is first asked for."""
        secret = new_secret()

        def unit(tx: Tx) -> str:
            _check(tx, community_id, overlay_id)
            tx.run(
                "INSERT INTO overlay_secrets (secret_hash, overlay_id, widget, secret_sealed) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (overlay_id, widget) WHERE valid_until IS NULL DO NOTHING",
                hashed(secret), overlay_id, widget, self._sealer.seal(secret),
            )  # fmt: skip
            return str(
                tx.value(
                    "SELECT secret_sealed FROM overlay_secrets WHERE overlay_id = ? AND widget = ?"
                    " AND valid_until IS NULL",
                    overlay_id,
                    widget,
                )
            )

        return self._sealer.open(await self._database.write(unit)).decode()

    async def rotate(self, community_id: int, overlay_id: int, widget: str, old_until: datetime) -> str:
        """A new address; the old one works until then."""
        secret = new_secret()

        def unit(tx: Tx) -> None:
            _check(tx, community_id, overlay_id)
            tx.run(
                "UPDATE overlay_secrets SET valid_until = ? WHERE overlay_id = ? AND widget = ? AND valid_until IS NULL",
                old_until, overlay_id, widget,
            )  # fmt: skip
            tx.run(
                "INSERT INTO overlay_secrets (secret_hash, overlay_id, widget, secret_sealed) VALUES (?, ?, ?, ?)",
                hashed(secret), overlay_id, widget, self._sealer.seal(secret),
            )  # fmt: skip

        await self._database.write(unit)
        return secret

    async def opened_by(self, secret: str, now: datetime) -> Opened | None:
        """What a secret opens now; None for a wrong or an old one."""
        row = await self._database.read(
            lambda tx: tx.row(
                "SELECT o.id, o.community_id, o.stage, s.widget, s.valid_until FROM overlay_secrets s"
                " JOIN overlays o ON o.id = s.overlay_id WHERE s.secret_hash = ?",
                hashed(secret),
            )
        )
        if row is None or (row[4] is not None and row[4] <= now):
            return None
        return Opened(*row)

    async def sweep(self, now: datetime) -> None:
        """Forget addresses that ended long ago."""
        await self._database.write(
            lambda tx: tx.run("DELETE FROM overlay_secrets WHERE valid_until < ?", now - OLD_KEPT)
        )


def _check(tx: Tx, community_id: int, overlay_id: int) -> None:
    if tx.value("SELECT 1 FROM overlays WHERE id = ? AND community_id = ?", overlay_id, community_id) is None:
        raise NotFound("No such overlay.")
