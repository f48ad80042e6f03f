"""What Twitch was asked to tell about which channel."""

from __future__ import annotations

from flask_core.database import AsyncDAL
from twitch_module_flask.models import Subscription


class SubscriptionRepository:
    """One row per channel and type."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def of_channel(self, broadcaster_id: str) -> list[Subscription]:
        """Everything about a channel."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT broadcaster_id, type, id, status, reason FROM subscriptions WHERE broadcaster_id = ?"
                " ORDER BY type",
                broadcaster_id,
            )
        )
        return [Subscription(*row) for row in rows]

    async def keep(self, subscription: Subscription) -> None:
        """How it stands now."""
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO subscriptions (broadcaster_id, type, id, status, reason) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (broadcaster_id, type) DO UPDATE SET id = excluded.id, status = excluded.status,"
                " reason = excluded.reason",
                subscription.broadcaster_id, subscription.type, subscription.id, subscription.status,
                subscription.reason,
            )
        )  # fmt: skip

    async def asked(self, subscription: Subscription) -> None:
        """The id that Twitch gave; a challenge may have come before it, and then it is enabled already."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE subscriptions SET id = ? WHERE broadcaster_id = ? AND type = ?",
                subscription.id, subscription.broadcaster_id, subscription.type,
            )
        )  # fmt: skip

    async def answered(self, broadcaster_id: str, kind: str, subscription_id: str) -> bool:
        """Enable what waits for its challenge; False when nothing of ours does."""
        changed = await self._database.write(
            lambda tx: tx.run(
                "UPDATE subscriptions SET status = 'enabled', id = ?, reason = '' WHERE broadcaster_id = ? AND type = ?"
                " AND (id = '' OR id = ?) AND status IN ('pending', 'enabled')",
                subscription_id, broadcaster_id, kind, subscription_id,
            )
        )  # fmt: skip
        return changed > 0

    async def try_again(self, broadcaster_id: str = "") -> None:
        """Rights changed, in a channel or everywhere: what was refused may be asked for again."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE subscriptions SET status = 'pending' WHERE status = 'refused' AND (? = '' OR broadcaster_id = ?)",
                broadcaster_id, broadcaster_id,
            )
        )  # fmt: skip

    async def revoked(self, broadcaster_id: str, kind: str, reason: str) -> None:
        """Twitch tells no more."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE subscriptions SET status = 'revoked', reason = ? WHERE broadcaster_id = ? AND type = ?",
                reason, broadcaster_id, kind,
            )
        )  # fmt: skip
