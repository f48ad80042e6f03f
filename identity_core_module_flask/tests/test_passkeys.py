"""Passkeys: added, good for a sign-in by themselves, for the second step and for signing in again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, LimitReached, NotFound, TooMany, Unauthenticated
from identity_core_module_flask.tests.conftest import FIREFOX, PASSWORD, House, refusal
from identity_core_module_flask.tests.telephone import Telephone, forged

CHROME = identity.Door("203.0.113.7", "Chrome")


async def add(
    house: House, session: identity.NewSession, phone: Telephone, name: str = "Phone"
) -> identity.RecoveryCodes:
    """The telephone's passkey becomes the person's."""
    question = await house.ways_in.passkeys.new_question(session.person_id, identity.NewPasskey(name, FIREFOX))
    proof = identity.PasskeyProof(question.challenge, phone.make(question.options))
    known = await house.sessions.verify(session.secret)
    asked = identity.AddPasskey(proof, known.session_id, FIREFOX)
    return await house.ways_in.add_passkey(session.person_id, asked)


async def answer(house: House, phone: Telephone) -> identity.PasskeyProof:
    """What the telephone says to a new question."""
    question = await house.ways_in.passkeys.sign_in_question(identity.AskPasskey(FIREFOX))
    return identity.PasskeyProof(question.challenge, phone.sign(question.options))


async def enter(house: House, proof: identity.PasskeyProof, door: identity.Door = FIREFOX) -> identity.NewSession:
    return await house.ways_in.sign_in_with_passkey(identity.PasskeySignIn(proof, door))


async def test_a_passkey_is_a_way_in_by_itself_and_counts_as_two_factors(house: House) -> None:
    made, phone = await house.ann_moves_in(), Telephone()
    codes = await add(house, made, phone)
    assert len(codes.codes) == 10
    assert (await house.sessions.verify(made.secret)).second_factor
    house.later(days=1)
    session = await enter(house, await answer(house, phone))
    assert session.name == "Ann"
    assert (await house.sessions.verify(session.secret)).second_factor
    (listed,) = (await house.ways_in.passkeys.of_person(made.person_id)).items
    assert (listed.name, listed.last_used_at) == ("Phone", house.now)
    assert (await house.auth.factors(made.person_id)).passkeys == 1


async def test_an_answer_is_taken_once_from_the_browser_that_was_asked(house: House) -> None:
    phone = Telephone()
    await add(house, await house.ann_moves_in(), phone)
    proof = await answer(house, phone)
    assert isinstance(await refusal(enter(house, proof, CHROME)), Unauthenticated)
    assert isinstance(await refusal(enter(house, proof)), Unauthenticated)
    proof = await answer(house, phone)
    tries = await asyncio.gather(enter(house, proof), enter(house, proof), return_exceptions=True)
    assert sorted(type(one).__name__ for one in tries) == ["NewSession", "Unauthenticated"]
    late = await answer(house, phone)
    house.later(minutes=5, seconds=1)
    assert isinstance(await refusal(enter(house, late)), Unauthenticated)


async def test_what_is_no_answer_opens_nothing(house: House) -> None:
    made, phone = await house.ann_moves_in(), Telephone()
    await add(house, made, phone)
    elsewhere, careless = replace(phone, origin="https://evil.example"), replace(phone, knows_owner=False)
    wrong = (
        elsewhere.sign, careless.sign, Telephone().sign, replace(phone, handle="c29tZWJvZHk").sign,
        lambda options: forged(phone.sign(options)), lambda _: "", lambda _: "[]", lambda _: "{",
        lambda _: "x" * 30_000,
    )  # fmt: skip
    for said in wrong:
        asked = await house.ways_in.passkeys.sign_in_question(identity.AskPasskey(FIREFOX))
        proof = identity.PasskeyProof(asked.challenge, said(asked.options))
        assert isinstance(await refusal(enter(house, proof)), Unauthenticated)
    assert (await enter(house, await answer(house, phone))).name == "Ann"
    old = await answer(house, phone)
    question = await house.ways_in.passkeys.new_question(made.person_id, identity.NewPasskey("Key", FIREFOX))
    swapped = identity.PasskeyProof(question.challenge, old.credential)
    assert isinstance(await refusal(enter(house, swapped)), Unauthenticated)
    assert isinstance(await refusal(enter(house, identity.PasskeyProof("made up", old.credential))), Unauthenticated)


async def test_a_counter_that_goes_back_is_a_copy(house: House) -> None:
    phone = Telephone()
    await add(house, await house.ann_moves_in(), phone)
    await enter(house, await answer(house, phone))
    phone.count -= 1
    assert isinstance(await refusal(enter(house, await answer(house, phone))), Unauthenticated)


@pytest.mark.promise("identity.11")
async def test_others_wrong_passwords_lock_nobody_out_of_their_passkey(house: House) -> None:
    phone = Telephone()
    await add(house, await house.ann_moves_in(), phone)
    elsewhere = identity.Door("198.51.100.9", "Firefox")
    for _ in range(6):
        await refusal(house.sign_in(password="a wrong one", door=elsewhere))
    assert isinstance(await refusal(house.sign_in()), TooMany)
    assert (await enter(house, await answer(house, phone))).name == "Ann"


async def test_after_the_password_a_passkey_or_a_recovery_code_is_asked_for(house: House) -> None:
    made, phone = await house.ann_moves_in(), Telephone()
    codes = await add(house, made, phone)
    step = await house.sign_in()
    assert (step.secret, step.by_code, step.by_passkey) == ("", False, True)
    second = identity.SecondFactor(step.challenge, door=FIREFOX, passkey=await answer(house, phone))
    assert (await house.ways_in.second_factor(second)).name == "Ann"
    step = await house.sign_in()
    assert isinstance(await refusal(house.code(step.challenge, "000000")), Unauthenticated)
    assert (await house.code(step.challenge, codes.codes[0])).name == "Ann"


@pytest.mark.promise("identity.12")
async def test_signing_in_again_with_a_passkey(house: House) -> None:
    made, phone = await house.ann_moves_in(), Telephone()
    await add(house, made, phone)
    house.later(hours=1)
    again = identity.StepUp(made.secret, door=FIREFOX, passkey=await answer(house, phone))
    renewed = await house.ways_in.step_up(again)
    assert (await house.sessions.verify(renewed.secret)).signed_in_at == house.now
    assert isinstance(await refusal(house.sessions.verify(made.secret)), Unauthenticated)
    alone = identity.StepUp(renewed.secret, PASSWORD, "", FIREFOX)
    assert isinstance(await refusal(house.ways_in.step_up(alone)), Unauthenticated)


async def test_passkeys_have_names_of_their_own_and_go(house: House) -> None:
    made, phone, key = await house.ann_moves_in(), Telephone(), Telephone()
    await add(house, made, phone)
    for name in ("Phone", " ", "x" * 65, "a\nb"):
        asked = identity.NewPasskey(name, FIREFOX)
        assert isinstance(await refusal(house.ways_in.passkeys.new_question(made.person_id, asked)), InvalidInput)
    assert (await add(house, made, key, "Key")).codes == ()
    ids = {one.name: one.id for one in (await house.ways_in.passkeys.of_person(made.person_id)).items}
    assert isinstance(await refusal(house.ways_in.remove_passkey("somebody else", ids["Key"])), NotFound)
    await house.ways_in.remove_passkey(made.person_id, ids["Phone"])
    assert isinstance(await refusal(enter(house, await answer(house, phone))), Unauthenticated)
    assert (await house.auth.factors(made.person_id)).recovery_codes == 10
    await house.ways_in.remove_passkey(made.person_id, ids["Key"])
    assert (await house.auth.factors(made.person_id)).recovery_codes == 0
    assert (await house.sign_in()).secret


async def test_ten_passkeys_are_enough_and_a_made_up_one_is_none(house: House) -> None:
    made = await house.ann_moves_in()
    for number in range(10):
        await add(house, made, Telephone(), f"Key {number}")
    assert isinstance(await refusal(add(house, made, Telephone(), "One more")), LimitReached)
    await house.ways_in.passkeys.repository.remove(
        made.person_id, (await house.ways_in.passkeys.of_person(made.person_id)).items[0].id
    )
    phone = Telephone()
    phone.knows_owner = False
    assert isinstance(await refusal(add(house, made, phone, "Careless")), InvalidInput)
    other = await answer(house, phone)
    asked = identity.AddPasskey(other, door=FIREFOX)
    assert isinstance(await refusal(house.ways_in.add_passkey(made.person_id, asked)), InvalidInput)


async def test_a_suspended_persons_passkey_opens_nothing(house: House) -> None:
    phone = Telephone()
    await add(house, await house.ann_moves_in(), phone)
    await house.database.write(lambda tx: tx.run("UPDATE persons SET state = 'suspended'"))
    assert isinstance(await refusal(enter(house, await answer(house, phone))), Unauthenticated)
