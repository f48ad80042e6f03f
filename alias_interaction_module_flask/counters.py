"""Counters and variables of a community: each change is one statement, so that nobody's is lost."""

from __future__ import annotations

import re

from alias_interaction_module_flask.models import Counter, Variable
from alias_interaction_module_flask.options import BIGGEST
from flask_core.database import AsyncDAL, Tx
from flask_core.errors import InvalidInput, LimitReached, NotFound
from flask_core.grammar import clean

MOST_COUNTERS, MOST_VARIABLES = 1_000, 100
LONGEST_NAME, LONGEST_VALUE = 50, 200
_NAME = re.compile(r"\S+(?: \S+)*")
_ADD = (
    "INSERT INTO counters (community_id, name_key, name, value, on_screen) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (community_id, name_key) DO UPDATE SET value = {value} RETURNING name, value, on_screen"
)


def key_of(name: str) -> str:
    """What a name is looked up by; raises InvalidInput for none or one that is too long."""
    name = clean(name).removeprefix("!").casefold()
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InvalidInput(f"A name has 1 to {LONGEST_NAME} characters.", field="name")
    return name


class Counters:
    """Names are one name space per community, whatever their case; the first spelling is kept."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def get(self, community_id: int, name: str) -> Counter:
        """One by its name; raises NotFound."""
        found = await self.find(community_id, name)
        if found is None:
            raise NotFound(f'No counter "{name[:60]}".')
        return found

    async def find(self, community_id: int, name: str) -> Counter | None:
        """One by its name, None when nobody ever counted that."""
        key = key_of(name)
        row = await self._database.read(
            lambda tx: tx.row(
                "SELECT name, value, on_screen FROM counters WHERE community_id = ? AND name_key = ?",
                community_id, key,
            )
        )  # fmt: skip
        return None if row is None else Counter(row[0], row[1], bool(row[2]))

    async def listed(self, community_id: int) -> list[Counter]:
        """All of them, by name."""
        found = await self._database.read(
            lambda tx: tx.rows(
                "SELECT name, value, on_screen FROM counters WHERE community_id = ? ORDER BY name_key", community_id
            )
        )
        return [Counter(name, value, bool(on_screen)) for name, value, on_screen in found]

    async def add(self, community_id: int, name: str, change: int) -> Counter:
        """Add to it, from 0 for a new one. Raises InvalidInput for what is beyond ±10¹⁵."""
        return await self._put(community_id, name, change, f"counters.value + {_within(change)}")

    async def set(self, community_id: int, name: str, value: int) -> Counter:
        """Let it be that number."""
        return await self._put(community_id, name, value, "excluded.value")

    async def show(self, community_id: int, name: str, *, on_screen: bool) -> Counter:
        """Let it run over the overlay when it changes, or not."""
        key = key_of(name)
        if not await self._database.write(
            lambda tx: tx.run(
                "UPDATE counters SET on_screen = ? WHERE community_id = ? AND name_key = ?",
                on_screen, community_id, key,
            )
        ):  # fmt: skip
            raise NotFound(f'No counter "{name[:60]}".')
        return await self.get(community_id, name)

    async def _put(self, community_id: int, name: str, value: int, becomes: str) -> Counter:
        key, _ = key_of(name), _within(value)

        def unit(tx: Tx) -> Counter:
            row = tx.row(
                _ADD.format(value=becomes), community_id, key, clean(name).removeprefix("!"), value, False
            )  # fmt: skip
            assert row is not None
            _within(row[1])
            many = "SELECT count(*) FROM counters WHERE community_id = ?"
            if row[1] == value and tx.value(many, community_id) > MOST_COUNTERS:
                raise LimitReached(f"A community has at most {MOST_COUNTERS:,} counters.")
            return Counter(row[0], row[1], bool(row[2]))

        return await self._database.write(unit)

    async def remove(self, community_id: int, name: str) -> None:
        """Forget one; raises NotFound."""
        key = key_of(name)
        if not await self._database.write(
            lambda tx: tx.run("DELETE FROM counters WHERE community_id = ? AND name_key = ?", community_id, key)
        ):
            raise NotFound(f'No counter "{name[:60]}".')


class Variables:
    """Texts by name, that commands of moderators write and all commands read."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def find(self, community_id: int, name: str) -> Variable | None:
        """One by its name."""
        key = key_of(name)
        row = await self._database.read(
            lambda tx: tx.row(
                "SELECT name, value FROM variables WHERE community_id = ? AND name_key = ?", community_id, key
            )
        )
        return None if row is None else Variable(*row)

    async def listed(self, community_id: int) -> list[Variable]:
        """All of them, by name."""
        found = await self._database.read(
            lambda tx: tx.rows(
                "SELECT name, value FROM variables WHERE community_id = ? ORDER BY name_key", community_id
            )
        )
        return [Variable(*row) for row in found]

    async def set(self, community_id: int, name: str, value: str) -> Variable:
        """Keep a text. Raises InvalidInput when it is too long, LimitReached for one name too many."""
        key = key_of(name)
        if len(value) > LONGEST_VALUE:
            raise InvalidInput(f"A variable has at most {LONGEST_VALUE} characters.", field="value")

        def unit(tx: Tx) -> Variable:
            row = tx.row(
                "INSERT INTO variables (community_id, name_key, name, value) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (community_id, name_key) DO UPDATE SET value = excluded.value RETURNING name, value",
                community_id, key, clean(name), value,
            )  # fmt: skip
            assert row is not None
            if tx.value("SELECT count(*) FROM variables WHERE community_id = ?", community_id) > MOST_VARIABLES:
                raise LimitReached(f"A community has at most {MOST_VARIABLES} variables.")
            return Variable(*row)

        return await self._database.write(unit)

    async def remove(self, community_id: int, name: str) -> None:
        """Forget one; raises NotFound."""
        key = key_of(name)
        if not await self._database.write(
            lambda tx: tx.run("DELETE FROM variables WHERE community_id = ? AND name_key = ?", community_id, key)
        ):
            raise NotFound(f'No variable "{name[:60]}".')


def _within(value: int) -> int:
    if abs(value) > BIGGEST:
        raise InvalidInput("A counter stays between -10¹⁵ and 10¹⁵.", field="value")
    return value
