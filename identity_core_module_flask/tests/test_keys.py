"""API keys: made, used, regenerated, ended."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, LimitReached, NotFound, TooMany, Unauthenticated
from identity_core_module_flask.keys import Keys
from identity_core_module_flask.tests.conftest import House, refusal

READ = (identity.KeyScope("read"),)


async def make(keys: Keys, person_id: str, **options: object) -> identity.NewKey:
    asked = msgspec.convert({"name": "bot", "scopes": READ, **options}, identity.CreateKey, from_attributes=True)
    return await keys.create(person_id, asked)


async def test_a_key_is_shown_once_and_speaks_for_its_person(house: House) -> None:
    ann, keys = await house.ann_moves_in(), house.keys
    made = await make(keys, ann.person_id)
    assert made.secret.startswith("wbot_user_")
    assert made.key.expires_at - made.key.created_at == timedelta(days=365)
    owner = await keys.verify(made.secret)
    assert (owner.person_id, owner.name, owner.scopes) == (ann.person_id, "Ann", READ)
    (listed,) = (await keys.of_person(ann.person_id)).items
    assert listed.start == made.secret[10:14]
    assert listed.last_used_at == house.now
    kept = await house.database.read(lambda tx: tx.rows("SELECT * FROM api_keys"))
    assert made.secret not in str(kept)
    house.later(seconds=30)
    await keys.verify(made.secret)
    assert (await keys.of_person(ann.person_id)).items[0].last_used_at == listed.last_used_at


@pytest.mark.promise("identity.14")
async def test_six_keys_at_once_leave_five(house: House) -> None:
    ann, keys = await house.ann_moves_in(), house.keys
    answers = await asyncio.gather(*(make(keys, ann.person_id) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(answer, LimitReached) for answer in answers) == 1
    assert len((await keys.of_person(ann.person_id)).items) == 5


@pytest.mark.promise("identity.14")
async def test_a_key_past_its_end_or_revoked_does_not_work_and_makes_room(house: House) -> None:
    ann, keys = await house.ann_moves_in(), house.keys
    short, long = await make(keys, ann.person_id, days=30), await make(keys, ann.person_id)
    house.later(days=30, seconds=1)
    assert isinstance(await refusal(keys.verify(short.secret)), Unauthenticated)
    await keys.revoke(ann.person_id, long.key.key_id)
    assert isinstance(await refusal(keys.verify(long.secret)), Unauthenticated)
    assert isinstance(await refusal(keys.revoke(ann.person_id, long.key.key_id)), NotFound)
    assert isinstance(await refusal(keys.verify("wbot_user_made_up")), Unauthenticated)
    assert isinstance(await refusal(keys.verify("something else")), Unauthenticated)
    assert (await keys.of_person(ann.person_id)).items == ()


@pytest.mark.promise("identity.14")
async def test_regenerating_kills_the_old_secret_at_once_and_tells(house: House) -> None:
    ann, keys = await house.ann_moves_in(), house.keys
    made = await make(keys, ann.person_id, days=90)
    house.later(days=10)
    async with house.shared.subscribe(identity.TOPIC_KEY_REVOKED) as messages:
        again = await keys.regenerate(ann.person_id, identity.RegenerateKey(made.key.key_id))
        _, message = await anext(messages)
    assert msgspec.json.decode(message, type=identity.KeyRevoked).key_id == made.key.key_id
    assert isinstance(await refusal(keys.verify(made.secret)), Unauthenticated)
    assert (await keys.verify(again.secret)).key_id == made.key.key_id
    assert again.key.expires_at == house.now + timedelta(days=90)
    longer = await keys.regenerate(ann.person_id, identity.RegenerateKey(made.key.key_id, 730))
    assert longer.key.expires_at == house.now + timedelta(days=730)
    unknown = identity.RegenerateKey("unknown")
    assert isinstance(await refusal(keys.regenerate(ann.person_id, unknown)), NotFound)
    strange = identity.RegenerateKey(made.key.key_id)
    assert isinstance(await refusal(keys.regenerate("somebody else", strange)), NotFound)


@pytest.mark.promise("identity.15")
async def test_a_key_limited_to_a_community_may_nothing_elsewhere(house: House) -> None:
    ann, keys = await house.ann_moves_in(), house.keys
    made = await make(keys, ann.person_id, scopes=(identity.KeyScope("read", (12,)), identity.KeyScope("chat")))
    owner = await keys.verify(made.secret)
    assert owner.may("points:read", 12)
    assert not owner.may("points:read", 13)
    assert not owner.may("points:read")
    assert not owner.may("points:write", 12)
    assert owner.may("chat", 13)


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"days": 31}, {"scopes": ()}, {"scopes": ({"name": "Re ad"},)},
     {"scopes": ({"name": "read", "communities": tuple(range(51))},)}],
)  # fmt: skip
async def test_what_cannot_be_a_key_is_refused(house: House, wrong: dict[str, object]) -> None:
    ann, keys = await house.ann_moves_in(), house.keys
    assert isinstance(await refusal(make(keys, ann.person_id, **wrong)), InvalidInput)
    assert (await keys.of_person(ann.person_id)).items == ()


async def test_keys_are_not_made_without_end(house: House) -> None:
    ann, keys = await house.ann_moves_in(), house.keys
    made = await make(keys, ann.person_id)
    again = identity.RegenerateKey(made.key.key_id)
    for _ in range(19):
        await keys.regenerate(ann.person_id, again)
    assert isinstance(await refusal(keys.regenerate(ann.person_id, again)), TooMany)


async def test_keys_that_ended_are_kept_for_ninety_days(house: House) -> None:
    ann, keys = await house.ann_moves_in(), house.keys
    await make(keys, ann.person_id, days=30)
    for days, left in ((119, 1), (2, 0)):
        house.later(days=days)
        await keys.sweep()
        assert await house.database.read(lambda tx: tx.value("SELECT count(*) FROM api_keys")) == left


async def test_a_suspended_persons_key_does_not_work(house: House) -> None:
    ann, keys = await house.ann_moves_in(), house.keys
    made = await make(keys, ann.person_id)
    await house.database.write(lambda tx: tx.run("UPDATE persons SET state = 'suspended'"))
    assert isinstance(await refusal(keys.verify(made.secret)), Unauthenticated)


async def test_somebody_who_was_erased_gets_no_key(house: House) -> None:
    assert isinstance(await refusal(make(house.keys, "person-nobody")), NotFound)
