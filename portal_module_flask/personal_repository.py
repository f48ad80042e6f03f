"""The rows of a person and of a community, in all tables of the portal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from flask_core.contracts.forms import MakeForm
from flask_core.database import Tx

_asked = msgspec.json.Decoder(MakeForm)


@dataclass(frozen=True, slots=True)
class FormRow:
    """A form that waits for somebody, or did."""

    id: str
    asked: MakeForm
    until: datetime

    @property
    def told(self) -> dict[str, Any]:
        """As its owner reads it."""
        return {"title": self.asked.form.title, "channel": self.asked.channel, "until": self.until.isoformat()}


def forms_of(tx: Tx, accounts: Sequence[tuple[str, str]], person_id: str) -> list[FormRow]:
    """Forms for these accounts, or for the person."""
    known = set(accounts)
    mine = {
        form.id: form
        for sought in (*(user_id for _, user_id in accounts), person_id)
        for form in _naming(tx, sought)
        if (form.asked.channel.partition(":")[0], form.asked.account.user_id) in known
        or form.asked.person_id == sought == person_id
    }
    return [mine[form_id] for form_id in sorted(mine)]


def notices_of(tx: Tx, person_id: str) -> list[dict[str, Any]]:
    """Everything that a person was told."""
    if not person_id:
        return []
    told = tx.rows("SELECT text, made_at FROM notices WHERE person_id = ? ORDER BY id", person_id)
    return [{"text": text, "made_at": made_at.isoformat()} for text, made_at in told]


def _forget_notices(tx: Tx, person_id: str) -> int:
    kept = tx.run("UPDATE notices SET person_id = '' WHERE person_id = ? AND community_id <> 0", person_id)
    return kept + tx.run("DELETE FROM notices WHERE person_id = ?", person_id)


def erase(tx: Tx, accounts: Sequence[tuple[str, str]], person_id: str) -> dict[str, int]:
    """How many rows are gone, or do not name the person any more."""
    return {
        "forms": sum(_forget(tx, form.id) for form in forms_of(tx, accounts, person_id)),
        "notices": _forget_notices(tx, person_id) if person_id else 0,
    }


def erase_community(tx: Tx, community_id: int) -> dict[str, int]:
    """Rows erased by table."""
    rooms = "SELECT channel FROM rooms WHERE community_id = ?"
    counts = {
        table: tx.run(f"DELETE FROM {table} WHERE channel IN ({rooms})", community_id)
        for table in ("lines", "room_people")
    }
    counts["rooms"] = tx.run("DELETE FROM rooms WHERE community_id = ?", community_id)
    # Few forms wait at a time, and none for longer than two hours.
    ended = [form.id for form in _all(tx) if form.asked.community_id == community_id]
    counts["forms"] = sum(_forget(tx, form_id) for form_id in ended)
    counts["notices"] = tx.run("DELETE FROM notices WHERE community_id = ?", community_id)
    return counts


def _forget(tx: Tx, form_id: str) -> int:
    return tx.run("DELETE FROM forms WHERE id = ?", form_id)


def _naming(tx: Tx, sought: str) -> Iterator[FormRow]:
    """Forms in whose document that word stands as a value."""
    if sought:
        word = msgspec.json.encode(sought).decode()
        escaped = word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        yield from _all(tx, f"%{escaped}%")


def _all(tx: Tx, like: str = "%") -> Iterator[FormRow]:
    for form_id, asked, until in tx.rows("SELECT id, asked, until FROM forms WHERE asked LIKE ? ESCAPE '!'", like):
        yield FormRow(form_id, _asked.decode(asked), until)
