"""Who proved at Discord that they manage a server, and for which community."""

from __future__ import annotations

from datetime import datetime

from discord_module_flask.servers.audit_repository import By
from flask_core.begun_elsewhere import BegunElsewhere
from flask_core.database import AsyncDAL, Tx


class ProofRepository(BegunElsewhere):
    """What was begun ends within minutes; what was proved stays as long as the server is known."""

    def __init__(self, database: AsyncDAL) -> None:
        super().__init__(database, "proofs_begun")

    async def keep(self, guild_id: str, by: By) -> None:
        """It is proved."""

        def unit(tx: Tx) -> None:
            tx.run(
                "INSERT INTO proofs (guild_id, community_id, person_id, proved_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (guild_id, community_id) DO UPDATE SET person_id = excluded.person_id,"
                " proved_at = excluded.proved_at",
                guild_id, by.community_id, by.actor, by.at,
            )  # fmt: skip
            by.note(tx, "server.prove", guild_id)

        await self._database.write(unit)

    async def guilds(self, community_id: int) -> set[str]:
        """Servers that were proved for a community."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT guild_id FROM proofs WHERE community_id = ?", community_id)
        )
        return {guild_id for (guild_id,) in rows}

    async def forget(self, now: datetime) -> None:
        """What was begun and not finished, and proofs for servers that nobody knows any more."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM proofs_begun WHERE expires_at <= ?", now)
            tx.run("DELETE FROM proofs WHERE NOT EXISTS (SELECT 1 FROM guilds g WHERE g.guild_id = proofs.guild_id)")

        await self._database.write(unit)

    async def forget_community(self, community_id: int) -> int:
        """A community was deleted; how many rows went."""

        def unit(tx: Tx) -> int:
            tx.run("DELETE FROM proofs_begun WHERE community_id = ?", community_id)
            return tx.run("DELETE FROM proofs WHERE community_id = ?", community_id)

        return await self._database.write(unit)
