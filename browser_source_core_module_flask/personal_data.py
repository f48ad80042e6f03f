"""What browser_source holds about people: alerts about them and what they had shown, for a day with its words."""

from __future__ import annotations

from typing import Any

from flask_core.contracts import module
from flask_core.database import AsyncDAL, Tx
from flask_core.personal_data import PersonalDataKeeper

KEPT = ("alerts about you and what you had shown on screen, for a day; that something was shown, for a week",)
_MINE = (
    "SELECT p.community_id, p.number FROM display_people p WHERE p.platform = ? AND p.user_id = ?"
    " ORDER BY p.community_id, p.number"
)
_OF_A_COMMUNITY = ("display_items", "overlays", "number_sequences")


class PersonalData(PersonalDataKeeper):
    """Everything is keyed by account."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """What was shown about the person and for them."""

        def unit(tx: Tx) -> list[dict[str, Any]]:
            names = ("community", "number", "lane", "text", "created_at")
            return [
                {**dict(zip(names, row, strict=True)), "created_at": row[-1].isoformat()}
                for place in _places(tx, asked)
                for row in tx.rows(
                    "SELECT community_id, number, lane, said, created_at FROM display_items WHERE community_id = ?"
                    " AND number = ?",
                    *place,
                )
            ]

        return module.PersonData({"display_items": await self._database.read(unit)})

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """The items go, also those that tell of others besides: they would be gone in a day."""

        def unit(tx: Tx) -> int:
            return sum(
                tx.run("DELETE FROM display_items WHERE community_id = ? AND number = ?", *place)
                for place in _places(tx, asked)
            )

        return module.Receipt({"display_items": await self._database.write(unit)})

    async def merge(self, _: module.MergeMembers) -> module.Receipt:
        """Members are not known here."""
        return module.Receipt({})

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """Members are not known here."""
        return module.Receipt({})

    async def erase_community(self, community_id: int) -> module.Receipt:
        """Its overlays with their addresses, and everything that was shown."""

        def unit(tx: Tx) -> dict[str, int]:
            return {
                table: tx.run(f"DELETE FROM {table} WHERE community_id = ?", community_id)  # noqa: S608
                for table in _OF_A_COMMUNITY
            }

        return module.Receipt(await self._database.write(unit))


def _places(tx: Tx, asked: module.PersonAccounts) -> list[tuple[int, int]]:
    return sorted({(row[0], row[1]) for account in asked.accounts for row in tx.rows(_MINE, *account)})
