"""Setting up, signing in, second factors: as people do them, on both databases."""

from __future__ import annotations

import asyncio
import time

import pytest

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, NotFound, TooMany, Unauthenticated, Unavailable
from flask_core.shared_memory import MemoryState
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
async def test_signing_in_again_asks_for_the_second_factor_too(house: House) -> None:
    made = await house.ann_moves_in()
    app, _ = await house.set_up_authenticator(made)
    alone = identity.StepUp(made.secret, PASSWORD, "", FIREFOX)
    assert isinstance(await refusal(house.ways_in.step_up(alone)), Unauthenticated)
    both = identity.StepUp(made.secret, PASSWORD, app.code(), FIREFOX)
    renewed = await house.ways_in.step_up(both)
    assert (await house.sessions.verify(renewed.secret)).second_factor


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
