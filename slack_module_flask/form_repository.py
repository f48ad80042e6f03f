"""Forms that were sent to somebody and wait to be opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from flask_core.database import AsyncDAL
from flask_core.datamodels import Form
from slack_module_flask.models import SentForm

_COLUMNS = "form_id, team_id, channel_id, channel, community_id, user_id, module, form, expires_at, done"
_decoder = msgspec.json.Decoder(Form)
_MOST_OPEN = 20


class FormRepository:
    """What people type into a form is never kept here."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, sent: SentForm) -> None:
        """Keep a form; the same one again changes nothing."""
        given = (
            sent.form_id, sent.team_id, sent.channel_id, sent.channel, sent.community_id, sent.user_id, sent.module,
            msgspec.json.encode(sent.form).decode(), sent.expires_at, sent.done,
        )  # fmt: skip
        await self._database.write(
            lambda tx: tx.run(
                f"INSERT INTO forms ({_COLUMNS}) VALUES ({', '.join('?' * len(given))})"
                " ON CONFLICT (form_id) DO NOTHING",
                *given,
            )
        )

    async def find(self, form_id: str, now: datetime) -> SentForm | None:
        """A form that is not over."""
        row = await self._database.read(
            lambda tx: tx.row(f"SELECT {_COLUMNS} FROM forms WHERE form_id = ? AND expires_at > ?", form_id, now)
        )
        return None if row is None else _sent(row)

    async def open_of(self, team_id: str, user_id: str, now: datetime) -> list[SentForm]:
        """What somebody still has to fill in."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_COLUMNS} FROM forms WHERE team_id = ? AND user_id = ? AND NOT done AND expires_at > ?"
                " ORDER BY expires_at LIMIT ?", team_id, user_id, now, _MOST_OPEN,
            )
        )  # fmt: skip
        return [_sent(row) for row in rows]

    async def set_done(self, form_id: str, done: bool) -> bool:
        """Whether it changed: of two submissions one is the first."""
        return bool(
            await self._database.write(
                lambda tx: tx.run("UPDATE forms SET done = ? WHERE form_id = ? AND done <> ?", done, form_id, done)
            )
        )

    async def forget(self, before: datetime) -> None:
        """Forget what is over."""
        await self._database.write(lambda tx: tx.run("DELETE FROM forms WHERE expires_at <= ?", before))

    async def of_accounts(self, accounts: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """What is kept for these teams and users."""
        rows: list[dict[str, Any]] = []
        for team_id, user_id in accounts:
            found = await self._database.read(
                lambda tx, team=team_id, user=user_id: tx.rows(  # type: ignore[misc]
                    "SELECT channel, module, expires_at FROM forms WHERE team_id = ? AND user_id = ?", team, user
                )
            )
            rows += [{"channel": row[0], "module": row[1], "until": row[2].isoformat()} for row in found]
        return rows

    async def erase(self, accounts: Sequence[tuple[str, str]]) -> int:
        """Forget the forms of these teams and users; how many."""
        rows = list(accounts)
        count = len(await self.of_accounts(rows))
        await self._database.write(lambda tx: tx.many("DELETE FROM forms WHERE team_id = ? AND user_id = ?", rows))
        return count

    async def erase_community(self, community_id: int) -> int:
        """Forget the forms of a community."""
        return await self._database.write(lambda tx: tx.run("DELETE FROM forms WHERE community_id = ?", community_id))


def _sent(row: tuple[Any, ...]) -> SentForm:
    form_id, team_id, channel_id, channel, community_id, user_id, module, form, expires_at, done = row
    return SentForm(
        form_id, team_id, channel_id, channel, community_id, user_id, module, _decoder.decode(form), expires_at, done
    )
