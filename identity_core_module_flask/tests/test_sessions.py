"""Sessions: how long they last, how they end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, NotFound, Unauthenticated
from identity_core_module_flask.tests.conftest import START, House, refusal


@pytest.mark.promise("identity.12")
async def test_every_sign_in_has_an_id_of_its_own(house: House) -> None:
    secrets = {(await house.ann_moves_in()).secret, *[(await house.sign_in()).secret for _ in range(3)]}
    assert len(secrets) == 4
    assert all(len(secret) >= 43 for secret in secrets)
    kept = await house.database.read(lambda tx: tx.rows("SELECT * FROM sessions"))
    assert not any(secret in str(kept) for secret in secrets)


async def test_a_session_ends_when_it_is_not_used_for_eight_hours(house: House) -> None:
    made = await house.ann_moves_in()
    for _ in range(3):
        house.later(hours=7)
        assert (await house.sessions.verify(made.secret)).signed_in_at == START
    house.later(hours=8, minutes=1)
    assert isinstance(await refusal(house.sessions.verify(made.secret)), Unauthenticated)


async def test_a_session_ends_after_thirty_days_however_much_it_is_used(house: House) -> None:
    made = await house.ann_moves_in()
    for _ in range(30 * 4):
        house.later(hours=6)
        await house.sessions.verify(made.secret)
    house.later(minutes=1)
    assert isinstance(await refusal(house.sessions.verify(made.secret)), Unauthenticated)


async def test_a_cookie_is_dead_after_signing_out(house: House) -> None:
    made = await house.ann_moves_in()
    await house.sessions.verify(made.secret)
    await house.sessions.sign_out(made.secret)
    assert isinstance(await refusal(house.sessions.verify(made.secret)), Unauthenticated)
    assert isinstance(await refusal(house.sessions.verify("made up")), Unauthenticated)


async def test_people_see_their_sessions_and_end_each_or_all_others(house: House) -> None:
    made = await house.ann_moves_in()
    one, two = await house.sign_in(), await house.sign_in()
    assert [s.browser for s in await house.sessions.of_person(made.person_id)] == ["Firefox on Linux"] * 3
    ended = await house.sessions.verify(one.secret)
    await house.sessions.end(made.person_id, ended.session_id)
    assert isinstance(await refusal(house.sessions.end(made.person_id, ended.session_id)), NotFound)
    assert isinstance(await refusal(house.sessions.end("somebody else", "x")), NotFound)
    kept = await house.sessions.verify(two.secret)
    await house.sessions.end_others(made.person_id, kept.session_id, "other sessions ended")
    assert [s.id for s in await house.sessions.of_person(made.person_id)] == [kept.session_id]


async def test_another_replica_hears_that_a_session_ended(house: House) -> None:
    made = await house.ann_moves_in()
    await house.sessions.verify(made.secret)
    listening = asyncio.create_task(house.sessions.listen())
    await asyncio.sleep(0)
    await house.database.write(lambda tx: tx.run("DELETE FROM sessions"))
    assert (await house.sessions.verify(made.secret)).name == "Ann"
    await house.shared.publish(identity.TOPIC_SESSION_ENDED, b"")
    await asyncio.sleep(0)
    assert isinstance(await refusal(house.sessions.verify(made.secret)), Unauthenticated)
    listening.cancel()


async def test_what_is_over_is_forgotten(house: House) -> None:
    await house.ann_moves_in()
    house.later(days=31)
    await house.sessions.sweep(timedelta(days=180))
    assert await house.database.read(lambda tx: tx.value("SELECT count(*) FROM sessions")) == 0
    assert await house.database.read(lambda tx: tx.value("SELECT count(*) FROM security_log")) == 2
    house.later(days=181)
    await house.sessions.sweep(timedelta(days=180))
    assert await house.database.read(lambda tx: tx.value("SELECT count(*) FROM security_log")) == 0


async def test_only_the_last_few_cookies_are_remembered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity_core_module_flask.sessions._REMEMBERED", 1)
    made, other = await house.ann_moves_in(), await house.sign_in()
    for session in (made, other, made):
        assert (await house.sessions.verify(session.secret)).name == "Ann"
    assert len(house.sessions._known) == 1


async def test_people_rename_themselves(house: House) -> None:
    made = await house.ann_moves_in()
    await house.sessions.verify(made.secret)
    assert (await house.people.rename(made.person_id, "  Anna ")).name == "Anna"
    assert (await house.sessions.verify(made.secret)).name == "Anna"
    assert isinstance(await refusal(house.people.rename(made.person_id, " ")), InvalidInput)
    assert isinstance(await refusal(house.people.me("nobody")), NotFound)


async def test_looking_up_is_limited_to_a_hundred(house: House) -> None:
    key = identity.AccountKey("twitch", "1")
    assert await house.people.look_up(identity.LookUp((key,))) == identity.LookUpAnswer((identity.FoundPerson(),))
    assert isinstance(await refusal(house.people.look_up(identity.LookUp((key,) * 101))), InvalidInput)
