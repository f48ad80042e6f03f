"""Playground rooms: their people and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_core.contracts.portal import Line, Room, Speaker
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from flask_core.errors import LimitReached, NotFound

MOST_PEOPLE = 20
MOST_LINES = 500
_LINE = "seq, speaker, text, kind, event_id, private, look, role, at"


class RoomRepository:
    """Lines are numbered per room by one statement."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def make(self, room: Room, people: Sequence[Speaker], now: datetime) -> None:
        """A room with its first people; the same room again changes nothing."""

        def unit(tx: Tx) -> None:
            tx.run(
                "INSERT INTO rooms (channel, community_id, community_name, name, last_seq, made_at)"
                " VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT (channel) DO NOTHING",
                room.channel, room.community_id, room.community_name, room.name, now,
            )  # fmt: skip
            for position, person in enumerate(people):
                _add_person(tx, room.channel, person, position)

        await self._database.write(unit)

    async def rooms(self, community_id: int = 0) -> list[Room]:
        """All rooms, or those of a community."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT community_id, name, channel, community_name FROM rooms WHERE (? = 0 OR community_id = ?)"
                " ORDER BY made_at DESC LIMIT 100",
                community_id,
                community_id,
            )
        )
        return [Room(*row) for row in rows]

    async def people(self, channel: str) -> list[Speaker]:
        """Who can speak in a room."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT name, look, role FROM room_people WHERE channel = ? ORDER BY position", channel)
        )
        return [Speaker(name, look, Role(role)) for name, look, role in rows]

    async def add_person(self, channel: str, person: Speaker) -> None:
        """Somebody new, or another look for somebody. Raises LimitReached for the 21st."""

        def unit(tx: Tx) -> None:
            count = tx.value("SELECT count(*) FROM room_people WHERE channel = ?", channel)
            known = tx.value("SELECT 1 FROM room_people WHERE channel = ? AND name = ?", channel, person.name)
            if count >= MOST_PEOPLE and not known:
                raise LimitReached(f"A room has at most {MOST_PEOPLE} people.")
            _add_person(tx, channel, person, count)

        await self._database.write(unit)

    async def add_lines(self, channel: str, lines: Sequence[tuple[Line, int | None]], now: datetime) -> int:
        """Keep lines (with the delivery that each came by, which counts once); returns the last number."""

        def unit(tx: Tx) -> int:
            last = tx.value(
                "UPDATE rooms SET last_seq = last_seq + ? WHERE channel = ? RETURNING last_seq", len(lines), channel
            )
            if last is None:
                raise NotFound("There is no such room.")
            for seq, (line, delivery) in enumerate(lines, start=last - len(lines) + 1):
                tx.run(
                    "INSERT INTO lines (channel, seq, speaker, text, kind, event_id, private, look, role, delivery_id, at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (delivery_id) DO NOTHING",
                    channel, seq, line.speaker, line.text, line.kind, line.event_id, line.private, line.look, line.role,
                    delivery, now,
                )  # fmt: skip
            tx.run("DELETE FROM lines WHERE channel = ? AND seq <= ?", channel, last - MOST_LINES)
            return int(last)

        return await self._database.write(unit)

    async def lines(self, channel: str, after: int, limit: int = 200) -> list[Line]:
        """The newest lines behind a number, in order."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_LINE} FROM lines WHERE channel = ? AND seq > ? ORDER BY seq DESC LIMIT ?",
                channel,
                after,
                limit,
            )
        )
        return [_line(row) for row in reversed(rows)]

    async def forget(self, before: datetime) -> int:
        """Forget lines older than that."""
        return await self._database.write(lambda tx: tx.run("DELETE FROM lines WHERE at < ?", before))


def _line(row: tuple[Any, ...]) -> Line:
    seq, speaker, text, kind, event_id, private, look, role, at = row
    return Line(seq, speaker, text, kind, event_id, bool(private), look, role, at)


def _add_person(tx: Tx, channel: str, person: Speaker, position: int) -> None:
    tx.run(
        "INSERT INTO room_people (channel, name, look, role, position) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (channel, name) DO UPDATE SET look = excluded.look, role = excluded.role",
        channel, person.name, person.look, person.role.value, position,
    )  # fmt: skip
