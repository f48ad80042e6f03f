"""Forms that wait to be filled in."""

from __future__ import annotations

from datetime import datetime

import msgspec

from flask_core.database import AsyncDAL
from flask_core.datamodels import Form


class KeptForm(msgspec.Struct, frozen=True):
    """A form of `module` for one user; `values` are those of the pages that were sent already."""

    id: str
    user_id: str
    module: str
    channel: str
    form: Form
    values: dict[str, str] = {}


_decoder = msgspec.json.Decoder(KeptForm)
_values = msgspec.json.Decoder(dict[str, str])


class FormRepository:
    """Kept for a day."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def keep(self, form: KeptForm, until: datetime) -> None:
        """A new one; one that is there already stays as it is."""
        definition = msgspec.json.encode(form).decode()
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO forms (form_id, user_id, definition, entered, expires_at) VALUES (?, ?, ?, '{}', ?)"
                " ON CONFLICT (form_id) DO NOTHING",
                form.id, form.user_id, definition, until,
            )
        )  # fmt: skip

    async def read(self, form_id: str, now: datetime) -> KeptForm | None:
        """With what was filled in; None when its time is over."""
        found = await self._database.read(
            lambda tx: tx.rows(
                "SELECT definition, entered FROM forms WHERE form_id = ? AND expires_at > ?", form_id, now
            )
        )
        if not found:
            return None
        definition, values = found[0]
        return msgspec.structs.replace(_decoder.decode(definition), values=_values.decode(values))

    async def enter(self, form_id: str, values: dict[str, str]) -> None:
        """Keep what was filled in so far."""
        entered = msgspec.json.encode(values).decode()
        await self._database.write(
            lambda tx: tx.run("UPDATE forms SET entered = ? WHERE form_id = ?", entered, form_id)
        )

    async def forget(self, form_id: str) -> None:
        """It was sent."""
        await self._database.write(lambda tx: tx.run("DELETE FROM forms WHERE form_id = ?", form_id))

    async def forget_old(self, now: datetime) -> None:
        """Their time is over."""
        await self._database.write(lambda tx: tx.run("DELETE FROM forms WHERE expires_at <= ?", now))
