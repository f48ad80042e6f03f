"""The set-up link of a new installation, and the first operator."""

from __future__ import annotations

import asyncio

import pytest

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, NotFound, Unauthenticated
from identity_core_module_flask.tests.conftest import EMAIL, FIREFOX, PASSWORD, House, refusal


@pytest.mark.promise("identity.20")
async def test_a_fresh_installation_has_nobody_and_its_link_works_once(house: House) -> None:
    assert isinstance(await refusal(house.sign_in("admin@example.org", "admin")), Unauthenticated)
    old = await house.ways_in.new_set_up_link()
    new = await house.ways_in.new_set_up_link()
    assert old
    assert new
    assert await house.ways_in.set_up_state(old) == identity.SetUpState(open=False, needed=True)
    assert await house.ways_in.set_up_state(new) == identity.SetUpState(open=True, needed=True)
    made = await house.ways_in.set_up(identity.SetUp(new, "Ann", EMAIL, PASSWORD, FIREFOX))
    assert made.operator
    assert await house.ways_in.set_up_state(new) == identity.SetUpState(open=False, needed=False)
    again = identity.SetUp(new, "Eve", "eve@example.org", PASSWORD, FIREFOX)
    assert isinstance(await refusal(house.ways_in.set_up(again)), NotFound)
    assert await house.ways_in.new_set_up_link() is None


@pytest.mark.promise("identity.20")
async def test_of_two_who_use_the_link_at_once_one_becomes_operator(house: House) -> None:
    token = await house.ways_in.new_set_up_link()
    assert token
    answers = await asyncio.gather(
        *(
            house.ways_in.set_up(identity.SetUp(token, name, f"{name}@example.org", PASSWORD, FIREFOX))
            for name in ("ann", "eve")
        ),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["NewSession", "NotFound"]


@pytest.mark.parametrize(
    ("name", "email", "password", "field"),
    [
        ("", EMAIL, PASSWORD, "name"),
        ("Ann", "nowhere", PASSWORD, "email"),
        ("Ann", EMAIL, "short", "password"),
        ("Ann", EMAIL, "x" * 129, "password"),
        ("Ann", EMAIL, "Password1234", "password"),
        ("Ann", EMAIL, "aaaaaaaaaaaa", "password"),
        ("Ann", EMAIL, "ANN@example.org", "password"),
    ],
)
async def test_what_cannot_be_used_is_refused_and_the_link_stays_good(
    house: House, name: str, email: str, password: str, field: str
) -> None:
    token = await house.ways_in.new_set_up_link()
    assert token
    refused = await refusal(house.ways_in.set_up(identity.SetUp(token, name, email, password, FIREFOX)))
    assert isinstance(refused, InvalidInput)
    assert refused.details["field"] == field
    assert (await house.ways_in.set_up_state(token)).open
