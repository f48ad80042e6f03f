"""Signing in, and signing in again in place, as people do it."""

from __future__ import annotations

import asyncio
import time

import pytest

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, TooMany, Unauthenticated, Unavailable
from flask_core.shared_memory import MemoryState
from identity_core_module_flask.tests.conftest import EMAIL, FIREFOX, PASSWORD, House, refusal


@pytest.mark.promise("identity.10")
async def test_a_known_and_an_unknown_address_get_the_same_answer_in_like_time(house: House) -> None:
    await house.ann_moves_in()
    took, said = {}, {}
    for email in (EMAIL, "nobody@example.org"):
        began = time.perf_counter()
        refused = await refusal(house.sign_in(email, "the wrong password"))
        took[email] = time.perf_counter() - began
        said[email] = (type(refused), refused.message, refused.details)
    assert said[EMAIL] == said["nobody@example.org"]
    assert 0.25 < took[EMAIL] / took["nobody@example.org"] < 4


async def test_the_address_may_be_written_in_any_case(house: House) -> None:
    await house.ann_moves_in()
    assert (await house.sign_in("Ann@Example.ORG")).name == "Ann"


@pytest.mark.promise("identity.11")
async def test_five_wrong_passwords_lock_the_account_for_longer_every_time(house: House) -> None:
    await house.ann_moves_in()
    for _ in range(5):
        assert isinstance(await refusal(house.sign_in(password="the wrong password")), Unauthenticated)
    for minutes in (1, 2, 4):
        refused = await refusal(house.sign_in())
        assert isinstance(refused, TooMany)
        assert refused.retry_after is not None
        assert refused.retry_after <= 60 * minutes
        house.later(minutes=minutes, seconds=1)
        assert isinstance(await refusal(house.sign_in(password="the wrong password")), Unauthenticated)
    house.later(minutes=9)
    assert (await house.sign_in()).name == "Ann"
    assert isinstance(await refusal(house.sign_in(password="the wrong password")), Unauthenticated)
    assert (await house.sign_in()).name == "Ann"


@pytest.mark.promise("identity.11")
async def test_guessing_at_the_same_moment_gains_nothing(house: House) -> None:
    await house.ann_moves_in()
    answers = await asyncio.gather(
        *(house.sign_in(password=f"wrong password {n}") for n in range(12)), return_exceptions=True
    )
    assert sum(isinstance(answer, Unauthenticated) for answer in answers) == 5
    assert sum(isinstance(answer, TooMany) for answer in answers) == 7


async def test_an_address_may_fail_twenty_times_in_ten_minutes(house: House) -> None:
    await house.ann_moves_in()
    elsewhere = identity.Door("198.51.100.2", "Chrome")
    for number in range(20):
        refused = await refusal(house.sign_in(f"{number}@example.org", "x", elsewhere))
        assert isinstance(refused, Unauthenticated)
    assert isinstance(await refusal(house.sign_in(door=elsewhere)), TooMany)
    assert (await house.sign_in()).name == "Ann"
    house.later(minutes=11)
    assert (await house.sign_in(door=elsewhere)).name == "Ann"


@pytest.mark.promise("identity.12")
async def test_signing_in_again_renews_the_session(house: House) -> None:
    made = await house.ann_moves_in()
    before = await house.sessions.verify(made.secret)
    house.later(minutes=20)
    renewed = await house.ways_in.step_up(identity.StepUp(made.secret, PASSWORD, "", FIREFOX))
    after = await house.sessions.verify(renewed.secret)
    assert after.signed_in_at == house.now
    assert after.session_id != before.session_id
    assert renewed.secret != made.secret
    assert isinstance(await refusal(house.sessions.verify(made.secret)), Unauthenticated)
    wrong = identity.StepUp(renewed.secret, "the wrong password", "", FIREFOX)
    assert isinstance(await refusal(house.ways_in.step_up(wrong)), Unauthenticated)
    assert await house.sessions.verify(renewed.secret)


@pytest.mark.promise("identity.12")
async def test_somebody_suspended_is_out_and_cannot_come_in(house: House) -> None:
    made = await house.ann_moves_in()
    await house.database.write(lambda tx: tx.run("UPDATE persons SET state = 'suspended'"))
    house.later(seconds=11)
    assert isinstance(await refusal(house.sessions.verify(made.secret)), Unauthenticated)
    assert isinstance(await refusal(house.sign_in()), Unauthenticated)
    assert isinstance(await refusal(house.auth.start_authenticator(made.person_id)), InvalidInput)


class Away(MemoryState):
    """Shared state that does not answer."""

    async def increment(self, key: str, seconds: float, by: int = 1) -> int:
        raise Unavailable("Shared state is not answering right now.")


@pytest.mark.promise("identity.24")
async def test_without_shared_state_nobody_signs_in_but_sessions_go_on(house: House) -> None:
    made = await house.ann_moves_in()
    house.ways_in.throttle._shared = Away()
    assert isinstance(await refusal(house.sign_in()), Unavailable)
    assert (await house.sessions.verify(made.secret)).name == "Ann"
