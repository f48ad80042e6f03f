"""A new password: the old one is asked for, and other sessions end."""

from __future__ import annotations

import pytest

from flask_core.contracts import identity
from flask_core.errors import Unauthenticated
from identity_core_module_flask.tests.conftest import PASSWORD, House, refusal


@pytest.mark.promise("identity.12")
async def test_a_new_password_ends_all_other_sessions(house: House) -> None:
    made = await house.ann_moves_in()
    here, other = await house.sign_in(), await house.sign_in()
    known = await house.sessions.verify(here.secret)
    asked = identity.ChangePassword(PASSWORD, "another pond of penguins", known.session_id)
    await house.ways_in.change_password(made.person_id, asked)
    assert (await house.sessions.verify(here.secret)).name == "Ann"
    for ended in (made, other):
        assert isinstance(await refusal(house.sessions.verify(ended.secret)), Unauthenticated)
    assert isinstance(await refusal(house.sign_in()), Unauthenticated)
    assert (await house.sign_in(password="another pond of penguins")).name == "Ann"


async def test_the_old_password_has_to_be_right_and_the_new_one_good(house: House) -> None:
    made = await house.ann_moves_in()
    wrong = identity.ChangePassword("something else entirely", "another pond of penguins")
    assert (await refusal(house.ways_in.change_password(made.person_id, wrong))).details["field"] == "old"
    bad = identity.ChangePassword(PASSWORD, "password1234")
    assert (await refusal(house.ways_in.change_password(made.person_id, bad))).details["field"] == "new"
    assert (await house.sign_in()).name == "Ann"
