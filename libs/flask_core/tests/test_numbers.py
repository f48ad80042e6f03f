"""Numbers that people see: counted per community and kind, and never given twice."""

from __future__ import annotations

import asyncio

from flask_core.database import AsyncDAL
from flask_core.numbers import next_number, reserve_number


async def test_every_community_and_kind_counts_for_itself(database: AsyncDAL) -> None:
    async def taken(community_id: int, kind: str) -> int:
        return await database.write(lambda tx: next_number(tx, community_id, kind))

    assert [await taken(2, "quote"), await taken(2, "quote"), await taken(2, "link"), await taken(3, "quote")] == [
        1, 2, 1, 1,
    ]  # fmt: skip


async def test_many_at_once_get_a_number_each(database: AsyncDAL) -> None:
    many = await asyncio.gather(*(database.write(lambda tx: next_number(tx, 2, "quote")) for _ in range(20)))
    assert sorted(many) == list(range(1, 21))


async def test_the_count_goes_on_behind_numbers_that_came_from_elsewhere(database: AsyncDAL) -> None:
    for reserved in (41, 7):
        await database.write(lambda tx, reserved=reserved: reserve_number(tx, 2, "quote", reserved))
    assert await database.write(lambda tx: next_number(tx, 2, "quote")) == 42
