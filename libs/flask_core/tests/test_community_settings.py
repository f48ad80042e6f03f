"""A community's settings: checked when written, defaults where nothing was, never somebody else's change lost."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import pytest

from flask_core.community_settings import CommunitySettings
from flask_core.contracts import module
from flask_core.database import AsyncDAL
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, Stale
from flask_core.operations import Acting, Caller, Standing


class Greeting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How guests are greeted."""

    word: str = "Hello"
    times: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1


class Greetings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How all guests are greeted."""

    first: Greeting = Greeting()
    loud: bool = False


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def settings_of(database: AsyncDAL, clock: Clock | None = None) -> CommunitySettings[Greeting]:
    return CommunitySettings(database, Greeting, now=lambda: datetime(2026, 3, 13, tzinfo=UTC), clock=clock or Clock())


async def test_what_nobody_set_is_the_default(database: AsyncDAL) -> None:
    assert await settings_of(database).read(1) == (Greeting(), 0)


async def test_what_was_written_is_read_by_everybody_and_by_no_other_community(database: AsyncDAL) -> None:
    assert await settings_of(database).write(1, {"times": 3}, 0) == (Greeting(times=3), 1)
    assert await settings_of(database).write(1, {"word": "Hi"}, 1) == (Greeting(word="Hi"), 2)
    assert await settings_of(database).read(1) == (Greeting(word="Hi"), 2)
    assert await settings_of(database).read(2) == (Greeting(), 0)


@pytest.mark.parametrize(
    ("document", "named"), [({"wrod": "Hi"}, "wrod"), ({"times": 9}, "times"), ({"word": None}, "word")]
)
async def test_what_does_not_fit_is_refused_by_name_and_changes_nothing(
    database: AsyncDAL, document: dict[str, Any], named: str
) -> None:
    settings = settings_of(database)
    with pytest.raises(InvalidInput, match=named):
        await settings.write(1, document, 0)
    assert await settings.read(1) == (Greeting(), 0)


@pytest.mark.parametrize("version", [0, 1, 7])
async def test_an_older_version_is_refused_with_what_is_there_now(database: AsyncDAL, version: int) -> None:
    settings = settings_of(database)
    await settings.write(1, {"times": 3}, 0)
    await settings.write(1, {"times": 4}, 1)
    with pytest.raises(Stale, match="meanwhile") as caught:
        await settings.write(1, {"times": 5}, version)
    assert caught.value.details == {"current": {"times": 4}, "version": 2}
    assert await settings.read(1) == (Greeting(times=4), 2)


async def test_of_two_writers_at_once_one_wins(database: AsyncDAL) -> None:
    settings = settings_of(database)
    answers = await asyncio.gather(
        *(settings.write(1, {"times": times}, 0) for times in (2, 3)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Stale", "tuple"]


async def test_another_process_sees_a_change_after_half_a_minute_or_when_told_to_forget(database: AsyncDAL) -> None:
    clock = Clock()
    here, there = settings_of(database, clock), settings_of(database)
    assert (await here.read(1))[0].times == 1
    await there.write(1, {"times": 3}, 0)
    assert (await here.read(1))[0].times == 1
    clock.now += 31
    assert (await here.read(1))[0].times == 3
    await there.write(1, {"times": 4}, 1)
    assert (await here.read(1))[0].times == 3
    here.forget(1)
    assert (await here.read(1))[0].times == 4


async def test_a_change_that_is_rolled_back_was_never_seen(database: AsyncDAL) -> None:
    settings = settings_of(database)
    with pytest.raises(InvalidInput):  # noqa: PT012
        async with database.transaction():
            await settings.write(1, {"times": 3}, 0)
            assert (await settings.read(1))[0].times == 3
            raise InvalidInput("No.")
    assert await settings.read(1) == (Greeting(), 0)


async def test_whoever_reads_before_the_commit_does_not_keep_what_is_old(database: AsyncDAL) -> None:
    settings = settings_of(database)
    async with database.transaction():
        await settings.write(1, {"times": 3}, 0)
        assert (await asyncio.create_task(settings.read(1)))[0].times == 1
    assert (await settings.read(1))[0].times == 3


async def test_whoever_was_reading_while_it_changed_does_not_keep_what_is_old(database: AsyncDAL) -> None:
    settings = settings_of(database)
    reading = [asyncio.create_task(settings.read(1)) for _ in range(5)]
    await asyncio.sleep(0)
    await settings.write(1, {"times": 3}, 0)
    await asyncio.gather(*reading)
    assert (await settings.read(1))[0].times == 3


async def test_erased_settings_are_the_default_again(database: AsyncDAL) -> None:
    settings = settings_of(database)
    await settings.write(1, {"times": 3}, 0)
    assert await settings.erase(1) == 1
    assert await settings.erase(1) == 0
    assert await settings.read(1) == (Greeting(), 0)


async def test_of_a_document_from_another_version_what_still_fits_is_kept(database: AsyncDAL) -> None:
    await database.write(
        lambda tx: tx.run(
            "INSERT INTO community_settings (community_id, document, version, changed_at) VALUES (1, ?, 4, ?)",
            '{"word": "Hi", "times": 99, "gone": true}',
            datetime(2025, 1, 1, tzinfo=UTC),
        )
    )
    assert await settings_of(database).read(1) == (Greeting(word="Hi"), 4)


async def test_more_communities_than_are_remembered_are_no_trouble(database: AsyncDAL) -> None:
    settings = CommunitySettings(database, Greeting, remembers=3)
    for community in range(10):
        assert await settings.read(community) == (Greeting(), 0)


async def test_the_form_for_the_portal_knows_types_limits_and_defaults(database: AsyncDAL) -> None:
    schema = settings_of(database).schema()
    assert schema["properties"]["times"] == {"type": "integer", "minimum": 1, "maximum": 5, "default": 1}
    assert schema["additionalProperties"] is False
    nested = CommunitySettings(database, Greetings).schema()
    assert nested["properties"]["first"]["$ref"] == "#/$defs/Greeting" or "Greeting" in nested["$defs"]


class AdminsGate:
    """Everybody is an admin."""

    async def caller(self, token: str) -> Caller:
        return Caller("portal", Acting("person-ann", datetime.now(UTC), role=Role.ADMIN))

    async def standing(self, acting: Acting, community_id: int, *, changes: bool, reads: bool = False) -> Standing:
        return Standing(Role.ADMIN)


async def test_the_doors_read_past_what_is_kept_and_write(database: AsyncDAL) -> None:
    settings = settings_of(database)
    doors = settings.endpoints()
    await settings.read(1)
    await settings_of(database).write(1, {"times": 3}, 0)
    shown = await doors.serve(module.GET_SETTINGS.key, "", b'{"community_id": 1}', AdminsGate())
    assert json.loads(shown) == {"document": {"times": 3}, "version": 1}
    asked = b'{"community_id": 1, "document": {"times": 4}, "version": 1}'
    assert json.loads(await doors.serve(module.PUT_SETTINGS.key, "", asked, AdminsGate()))["version"] == 2
    assert await settings.read(1) == (Greeting(times=4), 2)
