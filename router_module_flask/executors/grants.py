"""What each community lets third parties' modules read and do."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts.external import EVENT_SCOPE, HARMLESS, SCOPES, Grant
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import MessageType
from flask_core.errors import InvalidInput
from flask_core.remembered import RememberedBy
from flask_core.shared_state import SharedState
from router_module_flask.audit import Change, write_down

TOPIC_GRANTS = "router.grants"
_FRESH_SECONDS = 60.0
_EVENTS = frozenset(f"{EVENT_SCOPE}{kind}" for kind in MessageType)


class Grants:
    """Remembered for a minute per community and told to every replica when they change."""

    def __init__(
        self,
        database: AsyncDAL,
        shared: SharedState,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._shared = shared
        self._now = now
        self._granted = RememberedBy(self._read, _FRESH_SECONDS, clock)

    async def of(self, community_id: int, module: str) -> frozenset[str]:
        """What `module` may do here; nothing was said: what carries no risk."""
        return (await self._granted.get(community_id)).get(module, HARMLESS)

    async def now_of(self, community_id: int, module: str) -> frozenset[str]:
        """As `of`, out of the table itself: for what must end at once."""
        return (await self._read(community_id)).get(module, HARMLESS)

    async def _read(self, community_id: int) -> dict[str, frozenset[str]]:
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT module, scopes FROM granted_scopes WHERE community_id = ?", community_id)
        )
        return {module: frozenset(msgspec.json.decode(scopes, type=list[str])) for module, scopes in rows}

    async def grant(self, asked: Grant, actor: str) -> Grant:
        """These scopes and no others from now on. Raises InvalidInput for one that does not exist."""
        unknown = [scope for scope in asked.scopes if scope not in SCOPES and scope not in _EVENTS]
        if unknown:
            raise InvalidInput(f"There is no scope {unknown[0][:50]}.", field="scopes")
        scopes, now = sorted(set(asked.scopes)), self._now()

        def unit(tx: Tx) -> None:
            was = tx.value(
                "SELECT scopes FROM granted_scopes WHERE community_id = ? AND module = ?",
                asked.community_id, asked.name,
            )  # fmt: skip
            tx.run(
                "INSERT INTO granted_scopes (community_id, module, scopes, changed_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (community_id, module) DO UPDATE SET scopes = excluded.scopes,"
                " changed_at = excluded.changed_at",
                asked.community_id, asked.name, msgspec.json.encode(scopes).decode(), now,
            )  # fmt: skip
            before = None if was is None else msgspec.json.decode(was)
            change = Change(asked.community_id, actor, "module.scopes", asked.name, " ".join(scopes), before, scopes)
            write_down(tx, change, now)

        await self._database.write(unit)
        self.forget(asked.community_id)
        await self._shared.publish(TOPIC_GRANTS, str(asked.community_id).encode())
        return Grant(asked.community_id, asked.name, tuple(scopes))

    def forget(self, community_id: int | None) -> None:
        """Read the grants of a community (or of all) anew."""
        self._granted.forget(community_id)

    async def listen(self) -> None:
        """For ever: read anew what another replica changed."""
        async with self._shared.subscribe(TOPIC_GRANTS) as messages:
            self.forget(None)
            async for topic, message in messages:
                self.forget(int(message) if topic else None)
