"""What Twitch was asked to tell, about whom and over which transport."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_core.database import AsyncDAL, Tx
from twitch_module_flask.eventsub.models import Subscription

_COLUMNS = "subject_id, type, transport, id, status, reason"


class SubscriptionRepository:
    """One row per subject, type and transport; `transport` is the one that is used now."""

    def __init__(self, database: AsyncDAL, transport: str) -> None:
        self._database = database
        self.transport = transport

    async def all(self) -> list[Subscription]:
        """Everything, over all transports."""
        rows = await self._database.read(lambda tx: tx.rows(f"SELECT {_COLUMNS} FROM eventsub_subscriptions"))
        return [Subscription(*row) for row in rows]

    async def of(self, subject: str) -> list[Subscription]:
        """Everything about somebody over the transport that is used."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_COLUMNS} FROM eventsub_subscriptions WHERE subject_id = ? AND transport = ? ORDER BY type",
                subject, self.transport,
            )
        )  # fmt: skip
        return [Subscription(*row) for row in rows]

    async def ids_of(self, subject: str) -> list[str]:
        """The ids of everything about somebody, over all transports."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT id FROM eventsub_subscriptions WHERE subject_id = ? AND id <> '' ORDER BY id", subject
            )
        )
        return [row[0] for row in rows]

    async def gone(self) -> list[str]:
        """Types that Twitch has ended."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT DISTINCT type FROM eventsub_subscriptions WHERE status = 'gone' ORDER BY type")
        )
        return [row[0] for row in rows]

    async def keep(self, subscriptions: Iterable[Subscription]) -> None:
        """How they stand now, each named once; all in one statement, because they come by hundreds."""
        rows = [(one.subject, one.type, one.transport, one.id, one.status, one.reason) for one in subscriptions]
        if not rows:
            return
        places = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(rows))
        await self._database.write(
            lambda tx: tx.run(
                f"INSERT INTO eventsub_subscriptions ({_COLUMNS}) VALUES {places}"
                " ON CONFLICT (subject_id, type, transport) DO UPDATE SET id = excluded.id, status = excluded.status,"
                " reason = excluded.reason",
                *(value for row in rows for value in row),
            )
        )

    async def asked(self, subscriptions: Iterable[Subscription]) -> None:
        """The ids that Twitch gave; a challenge may have come before them, and then it is enabled already."""
        rows = [(one.id, one.subject, one.type, one.transport) for one in subscriptions]
        await self._database.write(
            lambda tx: tx.many(
                "UPDATE eventsub_subscriptions SET id = ? WHERE subject_id = ? AND type = ? AND transport = ?", rows
            )
        )

    async def answered(self, subject: str, kind: str, subscription_id: str) -> bool:
        """Enable what waits for its challenge; False when nothing of ours does."""
        changed = await self._database.write(
            lambda tx: tx.run(
                "UPDATE eventsub_subscriptions SET status = 'enabled', id = ?, reason = '' WHERE subject_id = ?"
                " AND type = ? AND transport = 'webhook' AND (id = '' OR id = ?) AND status IN ('pending', 'enabled')",
                subscription_id, subject, kind, subscription_id,
            )
        )  # fmt: skip
        return changed > 0

    async def try_again(self, subject: str = "") -> None:
        """Rights changed, in a channel or everywhere: what was refused may be asked for again."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE eventsub_subscriptions SET status = 'pending' WHERE status = 'refused'"
                " AND (? = '' OR subject_id = ?)",
                subject, subject,
            )
        )  # fmt: skip

    async def revoked(self, ended: Subscription) -> None:
        """Twitch tells no more; found by its id, or by what it was about where the id was never kept."""

        def unit(tx: Tx) -> None:
            update = "UPDATE eventsub_subscriptions SET status = ?, reason = ? WHERE"
            if not tx.run(f"{update} id = ?", ended.status, ended.reason, ended.id):
                tx.run(
                    f"{update} subject_id = ? AND type = ? AND transport = ?",
                    ended.status, ended.reason, ended.subject, ended.type, ended.transport,
                )  # fmt: skip

        await self._database.write(unit)

    async def forget(self, gone: Sequence[Subscription]) -> None:
        """Forget rows that stand for nothing any more."""
        keys = [(one.subject, one.type, one.transport) for one in gone]

        def unit(tx: Tx) -> None:
            tx.many("DELETE FROM eventsub_subscriptions WHERE subject_id = ? AND type = ? AND transport = ?", keys)

        if keys:
            await self._database.write(unit)
