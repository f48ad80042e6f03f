"""Units of work on SQLite and PostgreSQL: what is kept, what is refused, what comes back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.errors import InvalidInput

ADD = "INSERT INTO guests (community_id, name) VALUES (?, ?)"
AT = datetime(2026, 3, 13, 20, 0, 5, 678901, tzinfo=timezone(timedelta(hours=2)))


def add(name: str) -> Any:
    return lambda tx: tx.run(ADD, 1, name)


async def names(database: AsyncDAL) -> list[str]:
    return [row[0] for row in await database.read(lambda tx: tx.rows("SELECT name FROM guests ORDER BY name"))]


async def test_a_unit_is_committed_when_it_returns(database: AsyncDAL) -> None:
    assert await database.write(add("grace")) == 1
    assert await names(database) == ["grace"]


async def test_a_unit_that_raises_leaves_nothing(database: AsyncDAL) -> None:
    def half(tx: Tx) -> None:
        tx.run(ADD, 1, "grace")
        raise InvalidInput("No.")

    with pytest.raises(InvalidInput, match="No"):
        await database.write(half)
    assert await names(database) == []


async def test_times_and_truths_come_back_as_they_went(database: AsyncDAL) -> None:
    row = await database.write(
        lambda tx: tx.row(
            "INSERT INTO guests (community_id, name, seen_at, regular, score) VALUES (?, ?, ?, ?, ?)"
            " RETURNING seen_at, regular, score",
            1, "grace", AT, True, 0.5,
        )
    )  # fmt: skip
    assert row == (AT, True, 0.5)
    assert row[0].tzinfo is UTC
    assert type(row[1]) is bool
    assert await database.read(lambda tx: tx.row("SELECT seen_at, regular FROM guests")) == (AT, True)


async def test_absent_values_stay_absent(database: AsyncDAL) -> None:
    await database.write(add("grace"))
    assert await database.read(lambda tx: tx.row("SELECT seen_at, regular, score FROM guests")) == (None, None, None)


async def test_times_are_compared_to_the_microsecond(database: AsyncDAL) -> None:
    def unit(tx: Tx) -> None:
        for number, at in enumerate((AT, AT.replace(microsecond=0), AT + timedelta(microseconds=1))):
            tx.run("INSERT INTO guests (community_id, name, seen_at) VALUES (?, ?, ?)", 1, str(number), at)

    await database.write(unit)
    later = await database.read(lambda tx: tx.rows("SELECT name FROM guests WHERE seen_at > ? ORDER BY seen_at", AT))
    in_order = await database.read(lambda tx: tx.rows("SELECT name FROM guests ORDER BY seen_at"))
    assert later == [("2",)]
    assert in_order == [("1",), ("0",), ("2",)]


async def test_a_time_without_zone_is_a_mistake_of_ours(database: AsyncDAL) -> None:
    naive = AT.replace(tzinfo=None)
    with pytest.raises(ValueError, match="without zone"):
        await database.read(lambda tx: tx.rows("SELECT 1 FROM guests WHERE seen_at > ?", naive))


@pytest.mark.parametrize("text", ["a\x00b", "half a \ud83d pair", "ä\x00"])
async def test_texts_that_no_database_keeps_are_refused(database: AsyncDAL, text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be kept"):
        await database.write(add(text))
    with pytest.raises(InvalidInput, match="cannot be kept"):
        await database.write(lambda tx: tx.many(ADD, [(1, "grace"), (1, text)]))
    assert await names(database) == []


@pytest.mark.parametrize("text", ["100%", "why?", "it's", "🐧 ünïcödé", "%s", "'; DROP TABLE guests; --", "\\"])
async def test_texts_are_kept_as_they_are(database: AsyncDAL, text: str) -> None:
    await database.write(add(text))
    await database.write(lambda tx: tx.many(ADD, [(2, text)]))
    assert await names(database) == [text, text]


async def test_a_number_that_no_column_holds_is_refused(database: AsyncDAL) -> None:
    with pytest.raises(InvalidInput, match="too large"):
        await database.write(lambda tx: tx.run(ADD, 2**63, "grace"))


async def test_a_taken_key_names_its_columns_and_never_what_somebody_typed(database: AsyncDAL) -> None:
    await database.write(add("grace"))
    with pytest.raises(UniqueViolation) as caught:
        await database.write(add("grace"))
    assert caught.value.columns == ("community_id", "name")
    assert "grace" not in str(caught.value)


async def test_a_taken_primary_key_counts_too(database: AsyncDAL) -> None:
    insert = "INSERT INTO guests (id, community_id, name) VALUES (?, ?, ?)"
    await database.write(lambda tx: tx.run(insert, 7, 1, "grace"))
    with pytest.raises(UniqueViolation) as caught:
        await database.write(lambda tx: tx.run(insert, 7, 1, "ada"))
    assert caught.value.columns == ("id",)


async def test_a_taken_key_of_an_expression_is_known_by_its_index(database: AsyncDAL) -> None:
    await database.write(lambda tx: tx.run("CREATE UNIQUE INDEX guests_folded ON guests (lower(name))"))
    await database.write(add("Grace"))
    with pytest.raises(UniqueViolation) as caught:
        await database.write(add("grace"))
    assert caught.value.constraint == "guests_folded"


async def test_a_mistake_in_a_statement_comes_out_as_it_is(database: AsyncDAL) -> None:
    with pytest.raises(Exception, match="nowhere") as caught:
        await database.read(lambda tx: tx.rows("SELECT 1 FROM nowhere"))
    assert type(caught.value).__name__ in {"OperationalError", "UndefinedTable"}
    assert await names(database) == []


async def test_value_row_and_rows_are_empty_where_nothing_is(database: AsyncDAL) -> None:
    assert await database.read(lambda tx: tx.value("SELECT name FROM guests")) is None
    assert await database.read(lambda tx: tx.row("SELECT name FROM guests")) is None
    assert await database.read(lambda tx: tx.rows("SELECT name FROM guests")) == []


async def test_many_rows_go_at_once_and_the_last_of_the_same_key_wins(database: AsyncDAL) -> None:
    upsert = (
        "INSERT INTO guests (community_id, name, score) VALUES (?, ?, ?)"
        " ON CONFLICT (community_id, name) DO UPDATE SET score = excluded.score"
    )
    await database.write(lambda tx: tx.many(upsert, [(1, "grace", 1.0), (1, "grace", 2.0), (1, "ada", 3.0)]))
    await database.write(
        lambda tx: tx.many(ADD + " ON CONFLICT DO NOTHING", [(1, f"guest {n:03}") for n in range(250)])
    )
    await database.write(lambda tx: tx.many(ADD, []))
    assert len(await names(database)) == 252
    assert await database.read(lambda tx: tx.value("SELECT score FROM guests WHERE name = ?", "grace")) == 2.0


async def test_many_rows_may_share_a_fixed_value(database: AsyncDAL) -> None:
    statement = "INSERT INTO guests (community_id, name, score) VALUES (?, ?, 1.5)"
    await database.write(lambda tx: tx.many(statement, [(1, "a"), (1, "b")]))
    await database.write(lambda tx: tx.many("UPDATE guests SET score = ? WHERE name = ?", [(2.5, "a"), (3.5, "b")]))
    assert await database.read(lambda tx: tx.rows("SELECT score FROM guests ORDER BY name")) == [(2.5,), (3.5,)]


async def test_a_unit_may_say_which_statement_is_its_last(database: AsyncDAL) -> None:
    def unit(tx: Tx) -> list[tuple[object, ...]]:
        tx.many(ADD, [(1, "ada"), (1, "grace")])
        return tx.last(f"{ADD} RETURNING name", 1, "mary")

    assert await database.write(unit) == [("mary",)]
    assert await names(database) == ["ada", "grace", "mary"]


async def test_a_last_statement_that_fails_undoes_the_others(database: AsyncDAL) -> None:
    await database.write(add("grace"))

    def unit(tx: Tx) -> None:
        tx.many(ADD, [(1, "ada")])
        tx.last(f"{ADD} RETURNING name", 1, "grace")

    with pytest.raises(UniqueViolation):
        await database.write(unit)
    assert await names(database) == ["grace"]


async def test_inside_a_transaction_no_statement_is_the_last(database: AsyncDAL) -> None:
    with pytest.raises(ValueError, match="changed my mind"):  # noqa: PT012
        async with database.transaction():
            await database.write(lambda tx: tx.last(f"{ADD} RETURNING name", 1, "ada"))
            await database.write(lambda tx: tx.last(f"{ADD} RETURNING name", 1, "grace"))
            raise ValueError("changed my mind")
    assert await names(database) == []


async def test_nothing_may_follow_the_last_statement(database: AsyncDAL) -> None:
    def unit(tx: Tx) -> None:
        tx.last(f"{ADD} RETURNING name", 1, "ada")
        tx.value("SELECT 1")

    with pytest.raises(RuntimeError, match="was its last, and went on"):
        await database.write(unit)
    assert await database.write(add("grace")) == 1


async def test_a_number_is_never_given_twice_not_even_after_its_row_is_gone(database: AsyncDAL) -> None:
    take = "INSERT INTO guests (community_id, name) VALUES (1, ?) RETURNING id"
    first = await database.write(lambda tx: tx.value(take, "grace"))
    await database.write(lambda tx: tx.run("DELETE FROM guests"))
    assert await database.write(lambda tx: tx.value(take, "ada")) > first


async def test_writers_do_not_lose_each_others_updates(database: AsyncDAL) -> None:
    await database.write(lambda tx: tx.run("INSERT INTO guests (community_id, name, score) VALUES (1, 'grace', 0)"))

    def count_up(tx: Tx) -> None:
        seen = tx.value(f"SELECT score FROM guests{tx.skip_locked.removesuffix(' SKIP LOCKED')}")
        tx.run("UPDATE guests SET score = ?", seen + 1)

    await asyncio.gather(*(database.write(count_up) for _ in range(50)))
    assert await database.read(lambda tx: tx.value("SELECT score FROM guests")) == 50


async def test_a_unit_that_raises_stop_iteration_is_no_endless_wait(database: AsyncDAL) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await database.read(lambda tx: next(iter(tx.rows("SELECT name FROM guests"))))


async def test_sqlite_reports_a_reading_unit_that_writes(tmp_path: Path) -> None:
    async with AsyncDAL(f"sqlite://{tmp_path}/test.db").connected() as database:
        await database.write(lambda tx: tx.run("CREATE TABLE guests (community_id BIGINT, name TEXT)"))
        with pytest.raises(RuntimeError, match="belongs in write"):
            await database.read(add("grace"))


async def test_a_database_opened_for_reading_changes_nothing(database: AsyncDAL) -> None:
    await database.write(add("grace"))
    replica = AsyncDAL(database.url, schema=database.schema, read_only=True)
    async with replica.connected():
        assert await names(replica) == ["grace"]
        with pytest.raises(RuntimeError, match="for reading"):
            await replica.write(add("ada"))
        with pytest.raises(Exception, match=r"not answering|read-only"):
            await replica.read(add("ada"))
    assert await names(database) == ["grace"]


async def test_a_relative_address_is_a_file_below_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with AsyncDAL("sqlite://deep/down/test.db").connected() as database:
        await database.ping()
    assert (tmp_path / "deep" / "down" / "test.db").exists()


async def test_a_closed_database_opens_again_when_it_is_used(database: AsyncDAL) -> None:
    await database.write(add("grace"))
    await database.close()
    assert await names(database) == ["grace"]


async def test_close_finishes_what_was_asked_before(database: AsyncDAL) -> None:
    asked = [asyncio.create_task(database.write(add(f"guest {number}"))) for number in range(20)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*asked) == [1] * 20
