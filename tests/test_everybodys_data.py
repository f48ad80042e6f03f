"""What people leave in every module there is: found for them, for nobody else, and gone when they wish it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from flask_core.contracts import community, identity
from flask_core.contracts.module import EXPORT, PersonAccounts
from flask_core.contracts.person_members import OWN_MEMBERS, PersonOf
from flask_core.datamodels import Account, Role
from tests.people import CHANNELS, NAMELESS, PLANTS, Chatter, Town, eventually, town
from waddlebot.tree import modules


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        yield made


def test_people_leave_something_in_every_module_of_the_tree() -> None:
    assert set(PLANTS) == {info.name for info in modules()}


async def held(place: Town, module: str, who: Chatter, member_ids: tuple[str, ...]) -> dict[str, Any]:
    """What a module tells of somebody."""
    asked = PersonAccounts("r", (("twitch", who.mark), ("discord", who.mark)), member_ids, who.person_id)
    told = await place.inst.client("identity").call(module, EXPORT, asked)
    return dict(told.tables)


async def live(place: Town) -> tuple[Chatter, Chatter, tuple[str, ...]]:
    """Vera and Otto move in and leave something everywhere; their marks, and Vera's members."""
    vera, otto = Chatter("veramark"), Chatter("ottomark")
    for who in (vera, otto):
        await place.moves_in(who)
    own = {}
    for who in (vera, otto):
        accounts = (("twitch", who.mark), ("discord", who.mark))
        found = await place.inst.client("identity").call("community", OWN_MEMBERS, PersonOf(who.person_id, accounts))
        own[who.mark] = found.member_ids
        for name, plant in PLANTS.items():
            await plant(place, who)

            async def planted(name: str = name, who: Chatter = who) -> bool:
                told = await held(place, name, who, own[who.mark])
                return bool(told.get(NAMELESS[name])) if name in NAMELESS else who.mark in str(told)

            await eventually(planted, what=name)
    return vera, otto, own[vera.mark]


@pytest.mark.promise("identity.17")
@pytest.mark.promise("identity.19")
async def test_all_that_people_left_is_found_for_them_alone_and_goes_when_they_wish_it(place: Town) -> None:
    vera, otto, members = await live(place)
    file = await place.exported(vera)
    assert set(file) == {"index", *PLANTS}
    assert file["index"]["missing"] == []
    for name in PLANTS:
        assert otto.mark not in str(file[name]), name
        assert otto.person_id not in str(file[name]), name
        if name in NAMELESS:
            assert len(file[name][NAMELESS[name]]) == 1, name
        else:
            assert vera.mark in str(file[name]), name
    before = {name: await held(place, name, otto, ()) for name in PLANTS}
    done = await place.erased(vera)
    assert {part.module for part in done.parts if part.state == "done"} == set(PLANTS)
    for name in PLANTS:
        assert vera.mark not in str(await held(place, name, vera, members)), name
        assert await held(place, name, otto, ()) == before[name], name
    await fresh(place, vera, members)


async def fresh(place: Town, who: Chatter, before: tuple[str, ...]) -> None:
    """The next message of the account is a new viewer's, whom nobody knows."""
    account = Account(who.mark, who.mark, "Vera")
    asked = community.ContextRequest((community.ContextItem(CHANNELS["discord"], account),))
    found = (await place.inst.client("router").call("community", community.CONTEXT, asked)).items[0].member
    assert found.id not in before
    assert (found.first_message, found.assigned_role, found.person_id) == (True, Role.VIEWER, None)
    key = identity.AccountKey("discord", who.mark)
    known = await place.inst.client("router").call("identity", identity.LOOKUP, identity.LookUp((key,)))
    assert known.items == (identity.FoundPerson(),)
