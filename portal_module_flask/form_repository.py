"""Forms that wait for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from flask_core.contracts.forms import MakeForm
from flask_core.database import AsyncDAL

_CLAIM = timedelta(seconds=30)
_COLUMNS = "id, asked, until, handed_at"
_encoder = msgspec.json.Encoder()
_asked = msgspec.json.Decoder(MakeForm)


@dataclass(frozen=True, slots=True)
class WaitingForm:
    """A form, until when it can be filled in, and whether it was."""

    id: str
    asked: MakeForm
    until: datetime
    done: bool


class FormRepository:
    """One submission is on its way at a time, and one arrives."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def make(self, form_id: str, token_hash: str, asked: MakeForm, now: datetime, until: datetime) -> datetime:
        """Keep a form; the same one again keeps its end. Returns until when it can be filled in."""
        kept = await self._database.write(
            lambda tx: tx.rows(
                "INSERT INTO forms (id, token_hash, asked, until, claimed_until) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash RETURNING until",
                form_id, token_hash, _encoder.encode(asked).decode(), until, now,
            )
        )  # fmt: skip
        first: datetime = kept[0][0]
        return first

    async def find(self, form_id: str, token_hash: str) -> WaitingForm | None:
        """The form with that id or token."""
        rows = await self._database.read(
            lambda tx: tx.rows(f"SELECT {_COLUMNS} FROM forms WHERE id = ? OR token_hash = ?", form_id, token_hash)
        )
        return WaitingForm(rows[0][0], _asked.decode(rows[0][1]), rows[0][2], rows[0][3] is not None) if rows else None

    async def claim(self, form_id: str, now: datetime) -> bool:
        """Whether this submission may go on its way now."""
        return bool(
            await self._database.write(
                lambda tx: tx.run(
                    "UPDATE forms SET claimed_until = ? WHERE id = ? AND handed_at IS NULL AND claimed_until <= ?"
                    " AND until > ?",
                    now + _CLAIM, form_id, now, now,
                )
            )
        )  # fmt: skip

    async def end(self, form_id: str, now: datetime, *, arrived: bool) -> None:
        """It arrived, or somebody may try again at once."""
        handed = now if arrived else None
        await self._database.write(
            lambda tx: tx.run("UPDATE forms SET handed_at = ?, claimed_until = ? WHERE id = ?", handed, now, form_id)
        )

    async def forget(self, before: datetime) -> None:
        """Forget forms that ended before."""
        await self._database.write(lambda tx: tx.run("DELETE FROM forms WHERE until < ?", before))
