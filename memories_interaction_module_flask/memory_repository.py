"""Quotes, links and notes, by (community, kind, number)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.errors import Conflict, LimitReached
from flask_core.numbers import next_number, reserve_number
from memories_interaction_module_flask.category_repository import category_id
from memories_interaction_module_flask.folding import fold, text_hash
from memories_interaction_module_flask.memory_rows import folded, one
from memories_interaction_module_flask.models import By, Kind, Memory, NewMemory, State

type AlsoKeep = Callable[[Tx, Memory, datetime], None]


class MemoryRepository:
    """Numbers are taken by one statement and never used again."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(
        self, new: NewMemory, by: By, now: datetime, *, at_most: int, number: int = 0, then: AlsoKeep | None = None
    ) -> Memory:
        """Keep it under the next number (or `number`, for an import), and what `then` keeps with it.

        Raises Conflict naming the same text.
        """

        def unit(tx: Tx) -> Memory:
            made = _add(tx, new, by, now, at_most=at_most, number=number)
            if then is not None:
                then(tx, made, now)
            return made

        try:
            return await self._database.write(unit)
        except UniqueViolation:
            # Somebody else kept the same text between our look and our insert.
            raise Conflict("The same text was kept just now.") from None

    async def one(self, community_id: int, kind: Kind, number: int) -> Memory | None:
        """Whatever has that number, deleted ones included."""
        return await self._database.read(lambda tx: one(tx, community_id, kind, number))

    async def change(self, before: Memory, after: NewMemory, by: By, now: datetime) -> Memory | None:
        """Change texts and keep what was; None when somebody changed it meanwhile."""
        try:
            return await self._database.write(lambda tx: _change(tx, before, after, by, now))
        except UniqueViolation:
            raise Conflict("The same text is kept already.") from None

    async def set_state(self, memory: Memory, state: State, now: datetime, *, deleted_by: str = "") -> Memory:
        """Approve, delete or restore. Raises Conflict when a restored text was kept again meanwhile."""

        def unit(tx: Tx) -> Memory:
            if not tx.run(
                "UPDATE memories SET state = ?, deleted_at = ?, deleted_by = ?, version = version + 1"
                " WHERE id = ? AND state = ?",
                state, now if state == "deleted" else None, deleted_by, memory.id, memory.state,
            ):  # fmt: skip
                raise Conflict(f"Somebody else decided about {memory.label} just now.")
            found = one(tx, memory.community_id, memory.kind, memory.number)
            assert found is not None
            return found

        try:
            return await self._database.write(unit)
        except UniqueViolation:
            raise Conflict("The same text was added again meanwhile.") from None

    async def used(self, counts: Mapping[int, int], now: datetime) -> None:
        """Add to how often entries were shown in chat, lastly now."""
        # In order, so that two replicas that write the same rows wait for each other instead of both for ever.
        rows = [(times, now, memory_id) for memory_id, times in sorted(counts.items())]
        await self._database.write(
            lambda tx: tx.many("UPDATE memories SET uses = uses + ?, last_used_at = ? WHERE id = ?", rows)
        )

    async def empty_bin_of(self, community_id: int) -> int:
        """Forget all that a community deleted; how many entries that were."""
        return await self._database.write(
            lambda tx: tx.run("DELETE FROM memories WHERE community_id = ? AND state = 'deleted'", community_id)
        )

    async def empty_bin(self, deleted_before: datetime, history_before: datetime) -> int:
        """Forget what was deleted, and what was changed, long ago."""

        def unit(tx: Tx) -> int:
            tx.run("DELETE FROM memory_history WHERE changed_at < ?", history_before)
            return tx.run("DELETE FROM memories WHERE state = 'deleted' AND deleted_at < ?", deleted_before)

        return await self._database.write(unit)


def _add(tx: Tx, new: NewMemory, by: By, now: datetime, *, at_most: int, number: int) -> Memory:
    digest = text_hash(new.title, new.content, new.url)
    same = tx.row(
        "SELECT number FROM memories WHERE community_id = ? AND kind = ? AND text_hash = ? AND state <> 'deleted'",
        new.community_id, new.kind, digest,
    )  # fmt: skip
    if same is not None:
        raise Conflict(f"That is already {_label(new.kind, same[0])}.", number=same[0])
    if tx.value("SELECT count(*) FROM memories WHERE community_id = ?", new.community_id) >= at_most:
        raise LimitReached(f"This community keeps {at_most} entries already.")
    category = category_id(tx, new.community_id, new.category)
    number = _take(tx, new, number)
    tx.run(
        "INSERT INTO memories (community_id, kind, number, title, content, url, author, author_account, tags, folded,"
        " text_hash, state, private, votes, uses, version, created_by, created_name, created_at, context,"
        " author_key, category_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 1, ?, ?, ?, ?, ?, ?)",
        new.community_id, new.kind, number, new.title, new.content, new.url, new.author, new.author_account,
        " ".join(new.tags), folded(new), digest, new.state, new.private, by.member_id, by.name, now, new.context, fold(new.author), category,
    )  # fmt: skip
    found = one(tx, new.community_id, new.kind, number)
    assert found is not None
    return found


def _take(tx: Tx, new: NewMemory, wanted: int) -> int:
    """A number: the next one, or the wanted one when it is free (later numbers go on behind it)."""
    if not wanted:
        return next_number(tx, new.community_id, new.kind)
    if one(tx, new.community_id, new.kind, wanted) is not None:
        raise Conflict(f"{_label(new.kind, wanted)} is taken.", number=wanted, taken=True)
    reserve_number(tx, new.community_id, new.kind, wanted)
    return wanted


def _change(tx: Tx, before: Memory, after: NewMemory, by: By, now: datetime) -> Memory | None:
    changed = tx.run(
        "UPDATE memories SET title = ?, content = ?, url = ?, author = ?, author_account = ?, tags = ?, private = ?,"
        " folded = ?, text_hash = ?, context = ?, author_key = ?, category_id = ?, version = version + 1"
        " WHERE id = ? AND version = ?",
        after.title, after.content, after.url, after.author, after.author_account, " ".join(after.tags), after.private,
        folded(after), text_hash(after.title, after.content, after.url), after.context, fold(after.author),
        category_id(tx, before.community_id, after.category), before.id, before.version,
    )  # fmt: skip
    if not changed:
        return None
    tx.run(
        "INSERT INTO memory_history (memory_id, version, title, content, author, changed_by, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        before.id, before.version, before.title, before.content, before.author, by.member_id, now,
    )  # fmt: skip
    return one(tx, before.community_id, before.kind, before.number)


def _label(kind: str, number: int) -> str:
    return f"{'#' if kind == 'quote' else kind[0].upper()}{number}"
