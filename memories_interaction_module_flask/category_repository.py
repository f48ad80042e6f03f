"""Categories of a community, by their folded names."""

from __future__ import annotations

from collections.abc import Callable

from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.errors import Conflict, InvalidInput, LimitReached
from memories_interaction_module_flask.folding import fold
from memories_interaction_module_flask.models import Category

type Unit = Callable[[Tx], Category]
MOST = 50
_COLUMNS = "id, name, colour, icon"


class CategoryRepository:
    """Entries lose a category that goes, and stay."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def listed(self, community_id: int) -> list[Category]:
        """All of a community, by name."""
        found = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_COLUMNS} FROM categories WHERE community_id = ? ORDER BY name_key", community_id
            )
        )
        return [Category(*row) for row in found]

    async def one(self, community_id: int, category_id: int) -> Category | None:
        """A category by its id."""
        return await self._database.read(lambda tx: _one(tx, community_id, category_id))

    async def add(self, community_id: int, name: str, colour: str, icon: str) -> Category:
        """Keep a new one. Raises Conflict for a name that is taken, LimitReached for one too many."""

        def unit(tx: Tx) -> Category:
            if tx.value("SELECT count(*) FROM categories WHERE community_id = ?", community_id) >= MOST:
                raise LimitReached(f"A community has at most {MOST} categories.")
            number = tx.value(
                "INSERT INTO categories (community_id, name, name_key, colour, icon) VALUES (?, ?, ?, ?, ?)"
                " RETURNING id",
                community_id, name, fold(name), colour, icon,
            )  # fmt: skip
            return Category(number, name, colour, icon)

        return await self._unique(unit, name)

    async def change(self, community_id: int, changed: Category) -> Category:
        """Keep other words for it. Raises Conflict for a name that is taken."""

        def unit(tx: Tx) -> Category:
            tx.run(
                "UPDATE categories SET name = ?, name_key = ?, colour = ?, icon = ? WHERE community_id = ? AND id = ?",
                changed.name, fold(changed.name), changed.colour, changed.icon, community_id, changed.id,
            )  # fmt: skip
            return changed

        return await self._unique(unit, changed.name)

    async def _unique(self, unit: Unit, name: str) -> Category:
        try:
            return await self._database.write(unit)
        except UniqueViolation:
            raise Conflict(f"There is a category {name} already.") from None

    async def delete(self, community_id: int, category_id: int) -> bool:
        """Forget one; False when there is none."""
        return bool(
            await self._database.write(
                lambda tx: tx.run("DELETE FROM categories WHERE community_id = ? AND id = ?", community_id, category_id)
            )
        )


def category_id(tx: Tx, community_id: int, name: str) -> int | None:
    """The id behind a name, None for "". Raises InvalidInput for one that nobody made."""
    if not name:
        return None
    found = tx.value("SELECT id FROM categories WHERE community_id = ? AND name_key = ?", community_id, fold(name))
    if found is None:
        raise InvalidInput(f"There is no category {name[:60]}.", field="category")
    return int(found)


def _one(tx: Tx, community_id: int, number: int) -> Category | None:
    row = tx.row(f"SELECT {_COLUMNS} FROM categories WHERE community_id = ? AND id = ?", community_id, number)
    return None if row is None else Category(*row)
