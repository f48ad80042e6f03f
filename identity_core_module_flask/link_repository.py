"""Requests to link accounts: one that is open per person and platform, found by the hash of its code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_core.database import AsyncDAL, Tx
from flask_core.errors import NotFound
from identity_core_module_flask.models import LinkRequest, SeenAccount
from identity_core_module_flask.person_repository import lock_person

_REQUEST = (
    "id, person_id, platform, source_platform, source_user_id, source_name, expected, expected_name, presented,"
    " presented_name, source_agrees, created_at, expires_at"
)


class LinkRepository:
    """A request is open until it is linked, replaced, dropped or refused, and never longer than its time."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def open_request(self, request: LinkRequest, code_hash: str) -> None:
        """Keep a request, in place of an open one for the same platform."""

        def unit(tx: Tx) -> None:
            lock_person(tx, request.person_id)
            tx.run(
                "UPDATE link_requests SET state = 'replaced' WHERE person_id = ? AND platform = ? AND state = 'open'",
                request.person_id, request.platform,
            )  # fmt: skip
            source = request.source or SeenAccount("", "")
            tx.run(
                f"INSERT INTO link_requests ({_REQUEST}, code_hash, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')",
                request.id, request.person_id, request.platform, source.platform, source.user_id,
                source.name if request.source else "", request.expected, request.expected_name, "", "",
                request.source_agrees, request.created_at, request.expires_at, code_hash,
            )  # fmt: skip

        await self._database.write(unit)

    async def by_code(self, code_hash: str, now: datetime) -> LinkRequest | None:
        """The open request with this code."""
        row = await self._database.read(
            lambda tx: tx.row(
                f"SELECT {_REQUEST} FROM link_requests WHERE code_hash = ? AND state = 'open' AND expires_at > ?",
                code_hash, now,
            )
        )  # fmt: skip
        return None if row is None else _request(row)

    async def waiting_for(self, account: SeenAccount, now: datetime) -> list[str]:
        """Ids of open requests that expect this account."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT id FROM link_requests WHERE platform = ? AND expected = ? AND state = 'open'"
                " AND expires_at > ? LIMIT 10",
                account.platform, account.user_id, now,
            )
        )  # fmt: skip
        return [row[0] for row in rows]

    async def requests(self, person_id: str, now: datetime) -> list[LinkRequest]:
        """A person's open requests."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_REQUEST} FROM link_requests WHERE person_id = ? AND state = 'open' AND expires_at > ?"
                " ORDER BY created_at",
                person_id, now,
            )
        )  # fmt: skip
        return [_request(row) for row in rows]

    async def presented(self, request_id: str, account: SeenAccount) -> bool:
        """This account typed the code and agrees; False when another one did meanwhile."""
        changed = await self._database.write(
            lambda tx: tx.run(
                "UPDATE link_requests SET presented = ?, presented_name = ? WHERE id = ? AND state = 'open'"
                " AND presented IN ('', ?)",
                account.user_id, account.name, request_id, account.user_id,
            )
        )  # fmt: skip
        return bool(changed)

    async def drop(self, person_id: str, request_id: str) -> None:
        """Call a request off."""
        changed = await self._database.write(
            lambda tx: tx.run(
                "UPDATE link_requests SET state = 'dropped' WHERE id = ? AND person_id = ? AND state = 'open'",
                request_id, person_id,
            )
        )  # fmt: skip
        if not changed:
            raise NotFound("No such request.")

    async def sweep(self, before: datetime) -> None:
        """Forget requests that are long over."""
        await self._database.write(lambda tx: tx.run("DELETE FROM link_requests WHERE expires_at < ?", before))


def _request(row: Sequence[Any]) -> LinkRequest:
    number, person_id, platform, source_platform, source_id, source_name, expected, expected_name, *rest = row
    presented, presented_name, source_agrees, created_at, expires_at = rest
    source = SeenAccount(source_platform, source_id, "", source_name) if source_platform else None
    shown = SeenAccount(platform, presented, "", presented_name) if presented else None
    return LinkRequest(
        number, person_id, platform, source, expected, expected_name, shown, bool(source_agrees), created_at, expires_at
    )
