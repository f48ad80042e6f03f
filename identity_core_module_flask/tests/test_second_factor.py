"""Codes of an authenticator, and recovery codes: each works once."""

from __future__ import annotations

import asyncio

import pytest

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, TooMany, Unauthenticated
from identity_core_module_flask.tests.conftest import FIREFOX, PASSWORD, House, refusal


@pytest.mark.promise("identity.11")
async def test_a_code_of_the_authenticator_works_once(house: House) -> None:
    app, _ = await house.set_up_authenticator(await house.ann_moves_in())
    first = await house.sign_in()
    assert not first.secret
    code = app.code()
    done = await house.code(first.challenge, f"{code[:3]} {code[3:]}")
    assert (await house.sessions.verify(done.secret)).second_factor
    second = await house.sign_in()
    assert isinstance(await refusal(house.code(second.challenge, code)), Unauthenticated)
    house.later(seconds=30)
    assert (await house.code(second.challenge, app.code())).name == "Ann"


@pytest.mark.promise("identity.11")
async def test_of_two_uses_of_one_code_at_once_one_succeeds(house: House) -> None:
    app, _ = await house.set_up_authenticator(await house.ann_moves_in())
    steps = [await house.sign_in() for _ in range(2)]
    answers = await asyncio.gather(*(house.code(step.challenge, app.code()) for step in steps), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NewSession", "Unauthenticated"]


@pytest.mark.promise("identity.11")
async def test_a_recovery_code_works_once_and_is_kept_as_a_hash(house: House) -> None:
    made = await house.ann_moves_in()
    _, codes = await house.set_up_authenticator(made)
    assert len(set(codes)) == 10
    step = await house.sign_in()
    assert (await house.code(step.challenge, f" {codes[0].upper()} ")).name == "Ann"
    step = await house.sign_in()
    assert isinstance(await refusal(house.code(step.challenge, codes[0])), Unauthenticated)
    assert (await house.auth.factors(made.person_id)).recovery_codes == 9
    kept = await house.database.read(lambda tx: tx.rows("SELECT code_hash FROM recovery_codes"))
    assert not {codes[0], codes[1]} & {row[0] for row in kept}
    fresh = await house.ways_in.new_recovery_codes(made.person_id)
    assert isinstance(await refusal(house.code(step.challenge, codes[1])), Unauthenticated)
    assert (await house.code(step.challenge, fresh.codes[0])).name == "Ann"


async def test_the_secret_of_an_authenticator_is_sealed(house: House) -> None:
    made = await house.ann_moves_in()
    app, _ = await house.set_up_authenticator(made)
    kept = await house.database.read(lambda tx: tx.value("SELECT totp_secret FROM users"))
    assert app.key.replace("-", "") not in kept
    assert "enckey" in kept


async def test_an_authenticator_counts_only_after_its_first_code(house: House) -> None:
    made = await house.ann_moves_in()
    started = await house.auth.start_authenticator(made.person_id)
    wrong = identity.ConfirmAuthenticator(started.state, "000000")
    assert isinstance(await refusal(house.ways_in.confirm_authenticator(made.person_id, wrong)), InvalidInput)
    strange = identity.ConfirmAuthenticator("../login?x", "000000")
    assert isinstance(await refusal(house.ways_in.confirm_authenticator(made.person_id, strange)), InvalidInput)
    assert (await house.sign_in()).secret
    assert await house.auth.factors(made.person_id) == identity.Factors(authenticator=False, recovery_codes=0)


async def test_without_an_authenticator_the_password_is_enough_again(house: House) -> None:
    made = await house.ann_moves_in()
    _, codes = await house.set_up_authenticator(made)
    await house.ways_in.remove_authenticator(made.person_id)
    assert (await house.sign_in()).secret
    assert await house.auth.factors(made.person_id) == identity.Factors(authenticator=False, recovery_codes=0)
    assert codes


async def test_a_challenge_belongs_to_one_browser_and_five_minutes(house: House) -> None:
    app, _ = await house.set_up_authenticator(await house.ann_moves_in())
    step = await house.sign_in()
    chrome = identity.Door("203.0.113.7", "Chrome")
    assert isinstance(await refusal(house.code(step.challenge, app.code(), chrome)), Unauthenticated)
    assert isinstance(await refusal(house.code(step.challenge, app.code())), Unauthenticated)
    step = await house.sign_in()
    house.later(minutes=5, seconds=1)
    assert isinstance(await refusal(house.code(step.challenge, app.code())), Unauthenticated)


async def test_codes_are_throttled_like_passwords(house: House) -> None:
    app, _ = await house.set_up_authenticator(await house.ann_moves_in())
    step = await house.sign_in()
    for _ in range(5):
        assert isinstance(await refusal(house.code(step.challenge, "000000")), Unauthenticated)
    step = await house.sign_in()
    assert isinstance(await refusal(house.code(step.challenge, app.code())), TooMany)


@pytest.mark.promise("identity.12")
async def test_signing_in_again_asks_for_the_second_factor_too(house: House) -> None:
    made = await house.ann_moves_in()
    app, _ = await house.set_up_authenticator(made)
    alone = identity.StepUp(made.secret, PASSWORD, "", FIREFOX)
    assert isinstance(await refusal(house.ways_in.step_up(alone)), Unauthenticated)
    both = identity.StepUp(made.secret, PASSWORD, app.code(), FIREFOX)
    renewed = await house.ways_in.step_up(both)
    assert (await house.sessions.verify(renewed.secret)).second_factor
