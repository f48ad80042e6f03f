"""Reads many entries at once: pages, hits, numbers, counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask_core.database import AsyncDAL, Tx
from memories_interaction_module_flask.folding import fold
from memories_interaction_module_flask.memory_rows import COLUMNS, memory_of
from memories_interaction_module_flask.models import Kind, Memory, State

Order = Literal["number", "new", "top", "used"]
_ORDERS: dict[Order, str] = {"number": "number", "new": "id DESC", "top": "votes DESC, id", "used": "uses DESC, id"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries, in which order; an empty filter lets everything through."""

    kind: str = ""
    state: State = "approved"
    order: Order = "number"
    author: str = ""
    private: bool = False
    tag: str = ""
    category: str = ""
    page: int = 1
    per_page: int = 25


class MemoryListing:
    """What was deleted, waits or is private appears only where it is asked for."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def page(self, community_id: int, wanted: Wanted) -> tuple[list[Memory], int]:
        """One page, and how many there are."""
        return await self._database.read(lambda tx: _page(tx, community_id, wanted))

    async def search(self, community_id: int, words: Sequence[str], wanted: Wanted) -> list[Memory]:
        """Wanted entries in which every folded word begins a word; candidates for ranking, at most 500."""
        return await self._database.read(lambda tx: _search(tx, community_id, words, wanted))

    async def numbers(self, community_id: int, kind: Kind, category: str = "") -> list[int]:
        """The numbers of all approved, public entries of a kind, in a category where one is named."""
        where, values = _where(community_id, Wanted(kind, category=category))
        sql = f"SELECT number FROM memories WHERE {where} ORDER BY number"
        return [row[0] for row in await self._database.read(lambda tx: tx.rows(sql, *values))]

    async def count(self, community_id: int, kind: Kind) -> int:
        """How many approved, public entries of a kind there are."""
        return await self._count("kind = ? AND state = 'approved' AND private = ?", community_id, kind, False)

    async def pending_of(self, community_id: int, member_id: str) -> int:
        """How many suggestions of a member wait."""
        return await self._count("created_by = ? AND state = 'pending'", community_id, member_id)

    async def _count(self, condition: str, community_id: int, *values: object) -> int:
        sql = f"SELECT count(*) FROM memories WHERE community_id = ? AND {condition}"
        return int(await self._database.read(lambda tx: tx.value(sql, community_id, *values)))


def _page(tx: Tx, community_id: int, wanted: Wanted) -> tuple[list[Memory], int]:
    where, values = _where(community_id, wanted)
    total = int(tx.value(f"SELECT count(*) FROM memories WHERE {where}", *values))
    rows = tx.rows(
        f"SELECT {COLUMNS} FROM memories WHERE {where} ORDER BY {_ORDERS[wanted.order]} LIMIT ? OFFSET ?",
        *values, wanted.per_page, (wanted.page - 1) * wanted.per_page,
    )  # fmt: skip
    return [memory_of(row) for row in rows], total


def _search(tx: Tx, community_id: int, words: Sequence[str], wanted: Wanted) -> list[Memory]:
    where, values = _where(community_id, wanted)
    for word in words:
        # Short words must be whole: "at" would begin half of all words.
        sought = f"% {word}%" if len(word) >= 3 else f"% {word} %"
        where, values = f"{where} AND folded || ' ' LIKE ?", [*values, sought]
    sql = f"SELECT {COLUMNS} FROM memories WHERE {where} ORDER BY votes DESC, id DESC LIMIT 500"
    return [memory_of(row) for row in tx.rows(sql, *values)]


def _where(community_id: int, wanted: Wanted) -> tuple[str, list[Any]]:
    where = "community_id = ? AND state = ?"
    values: list[Any] = [community_id, wanted.state]
    filters: list[tuple[str, bool, tuple[Any, ...]]] = [
        ("kind = ?", bool(wanted.kind), (wanted.kind,)),
        # What was kept before names were folded has them in lower case.
        ("author_key IN (?, ?)", bool(wanted.author), (fold(wanted.author), wanted.author.lower())),
        ("' ' || tags || ' ' LIKE ? ESCAPE '!'", bool(wanted.tag), (_tag(wanted.tag),)),
        (
            "category_id IN (SELECT id FROM categories WHERE name_key = ?)", bool(wanted.category),
            (fold(wanted.category),),
        ),
        ("private = ?", not wanted.private, (False,)),
    ]  # fmt: skip
    for condition, applies, given in filters:
        if applies:
            where, values = f"{where} AND {condition}", [*values, *given]
    return where, values


def _tag(tag: str) -> str:
    plain = tag.lower().lstrip("#")
    for special in "!%_":
        plain = plain.replace(special, f"!{special}")
    return f"% {plain} %"
