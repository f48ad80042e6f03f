"""Linking by a code that is sent to the other account: whose word counts, and how codes are guarded."""

from __future__ import annotations

import asyncio

import pytest

from flask_core.datamodels import Role
from flask_core.errors import Unavailable
from flask_core.shared_memory import MemoryState
from identity_core_module_flask.codes import ALPHABET, CodeLimits, new_code
from identity_core_module_flask.linking import WRONG
from identity_core_module_flask.models import SeenAccount
from identity_core_module_flask.tests.conftest import House

LOCKED = "Locked for 15 min."
SENT = "I sent a code to Dan on Discord. Answer it there within 10 min."


async def begin(house: House, user: str = "ann", role: Role = Role.VIEWER) -> str:
    """Ann of Twitch asks to be linked with Dan of Discord, who has the id 77; returns his code."""
    house.world.logins["discord", "dan"] = "77"
    assert await house.say("!identity link discord dan", user, role=role) == SENT
    return await house.code_for("77")


@pytest.mark.promise("identity.1")
async def test_a_code_works_for_the_account_it_was_sent_to(house: House) -> None:
    code = await begin(house)
    assert (await house.told()).said[0][:2] == ("discord", "77")
    assert "ann (Twitch) wants to link with you" in house.world.said[0][2]
    asked = await house.say(f"!verify {code}", "77", "discord")
    assert asked.startswith("ann (Twitch) gets everything that this account may do")
    assert await house.say("!whoami") == "ann on Twitch. Not linked yet: !identity link <platform> <name>."
    assert await house.say(f"!verify {code} yes", "77", "discord") == "Linked: ann (Twitch) and 77 (Discord)."
    assert await house.say("!whoami") == "ann on Twitch, linked with 77 (Discord)."
    (link,) = [told for kind, told in (await house.told()).heard if kind == "link" and len(told.accounts) > 1]
    assert link.accounts == (("twitch", "ann"), ("discord", "77"))


@pytest.mark.promise("identity.1")
@pytest.mark.parametrize(("user", "platform"), [("dan", "discord"), ("ann", "twitch"), ("77", "slack")])
async def test_from_any_other_account_a_right_code_is_as_good_as_a_wrong_one(
    house: House, user: str, platform: str
) -> None:
    code = await begin(house)
    assert await house.say(f"!verify {code} yes", user, platform) == WRONG
    assert await house.say("!verify AAAAAA yes", user, platform) == WRONG
    assert (await house.say("!whoami")).startswith("ann on Twitch. Not linked")


@pytest.mark.promise("identity.2")
async def test_the_sixth_try_is_locked_for_a_quarter_of_an_hour(house: House) -> None:
    for _ in range(5):
        assert await house.say("!verify AAAAAA yes", "77", "discord") == WRONG
    code = await begin(house)
    assert await house.say(f"!verify {code} yes", "77", "discord") == LOCKED
    house.later(minutes=14)
    fresh = await begin(house)
    assert await house.say(f"!verify {fresh} yes", "77", "discord") == LOCKED
    house.later(minutes=1)
    assert (await house.say(f"!verify {fresh} yes", "77", "discord")).startswith("Linked: ")


@pytest.mark.promise("identity.2")
async def test_five_wrong_tries_end_a_request(house: House) -> None:
    code = await begin(house)
    for number in range(5):
        assert await house.say(f"!verify {code} yes", f"stranger-{number}", "discord") == WRONG
    assert await house.say(f"!verify {code} yes", "77", "discord") == WRONG


async def test_codes_are_not_tried_by_many_in_one_channel(house: House) -> None:
    for number in range(30):
        assert await house.say("!verify AAAAAA yes", f"stranger-{number}", "discord") == WRONG
    assert (
        await house.say("!verify AAAAAA yes", "one-more", "discord") == "Too many codes are tried here. Wait a minute."
    )


@pytest.mark.promise("identity.3")
async def test_a_code_is_over_after_ten_minutes_and_after_its_use(house: House) -> None:
    code = await begin(house)
    house.later(minutes=10, seconds=1)
    assert await house.say(f"!verify {code} yes", "77", "discord") == WRONG
    code = await begin(house)
    house.later(minutes=9)
    assert (await house.say(f"!verify {code.lower()} yes", "77", "discord")).startswith("Linked: ")
    assert await house.say(f"!verify {code} yes", "77", "discord") == WRONG


@pytest.mark.promise("identity.3")
async def test_a_new_request_replaces_the_old_code_and_comes_a_minute_later(house: House) -> None:
    old = await begin(house)
    assert (await house.say("!identity link discord dan")).startswith("Again in ")
    house.later(minutes=1)
    new = await begin(house)
    assert await house.say(f"!verify {old} yes", "77", "discord") == WRONG
    assert (await house.say(f"!verify {new} yes", "77", "discord")).startswith("Linked: ")


@pytest.mark.promise("identity.3")
def test_codes_have_no_letter_that_looks_like_another() -> None:
    assert not set("IO01") & set(ALPHABET)
    assert {len(code) for code in (new_code() for _ in range(200))} == {6}
    assert set("".join(new_code() for _ in range(200))) <= set(ALPHABET)


async def test_codes_are_kept_as_hashes_and_sealed(house: House) -> None:
    house.world.logins["discord", "dan"] = "77"
    await house.say("!identity link discord dan")
    kept = [
        await house.database.read(lambda tx, table=table: tx.rows(f"SELECT * FROM {table}"))
        for table in ("link_requests", "tellings", "executions")
    ]
    assert all(kept)
    assert await house.code_for("77") not in str(kept)


async def test_nobody_is_flooded_with_codes(house: House) -> None:
    for _ in range(3):
        await begin(house)
        house.later(minutes=2)
    assert await house.say("!identity link discord dan", "bea") == "That is enough codes for an hour."
    for number in range(2):
        house.world.logins["discord", f"other-{number}"] = f"id-{number}"
        assert (await house.say(f"!identity link discord other-{number}")).startswith("I sent a code")
        house.later(minutes=2)
    house.world.logins["discord", "last"] = "id-last"
    assert await house.say("!identity link discord last") == "That is enough codes for an hour."


@pytest.mark.promise("identity.4")
async def test_a_moderator_as_target_says_yes_to_a_named_other(house: House) -> None:
    code = await begin(house, "evil")
    asked = await house.say(f"!verify {code}", "77", "discord", role=Role.MODERATOR)
    assert "evil (Twitch) gets everything that this account may do" in asked
    assert (await house.say("!whoami", "evil")).startswith("evil on Twitch. Not linked")
    linked = await house.say(f"!verify {code} yes", "77", "discord", role=Role.MODERATOR)
    assert linked == "Linked: evil (Twitch) and 77 (Discord)."


@pytest.mark.promise("identity.4")
async def test_a_moderator_who_began_says_yes_to_whoever_answered(house: House) -> None:
    assert await house.say("!identity confirm") == "Nobody waits for your yes."
    code = await begin(house, role=Role.MODERATOR)
    assert await house.say("!identity confirm") == "Nobody waits for your yes."
    assert await house.say(f"!verify {code} yes", "77", "discord") == "Now ann (Twitch) has to say yes, too."
    assert (await house.say("!whoami")).startswith("ann on Twitch. Not linked")
    assert "77 (Discord) typed your code" in (await house.told()).said[-1][2]
    assert await house.say("!identity confirm", "77", "discord") == "Nobody waits for your yes."
    assert await house.say("!identity confirm") == "Linked: ann (Twitch) and 77 (Discord)."


async def test_two_who_begin_at_once_are_one_person(house: House) -> None:
    ann = SeenAccount("twitch", "ann")
    made = await asyncio.gather(*(house.linking.accounts.make_person(ann, house.now) for _ in range(2)))
    assert made[0] == made[1]


@pytest.mark.promise("identity.3")
async def test_a_code_that_is_typed_twice_at_once_links_once(house: House) -> None:
    code = await begin(house)
    typed = await asyncio.gather(*(house.say(f"!verify {code} yes", "77", "discord") for _ in range(2)))
    assert sorted(typed) == ["Linked: ann (Twitch) and 77 (Discord).", WRONG]


@pytest.mark.promise("identity.21")
@pytest.mark.parametrize("outcome", ["unconfirmed", "unsupported"])
async def test_when_nobody_knows_that_the_code_arrived_the_portal_is_offered(house: House, outcome: str) -> None:
    house.world.logins["discord", "dan"], house.world.outcome = "77", outcome
    await house.say("!identity link discord dan")
    said = (await house.told()).said
    assert [account for *account, _ in said] == [["discord", "77"], ["twitch", "ann"]]
    assert said[1][2] == "Dan (Discord) did not get my code. Link in the portal: http://localhost:8080/me"


class Away(MemoryState):
    """Shared state that does not answer."""

    async def get(self, key: str) -> bytes | None:
        raise Unavailable("Shared state is not answering right now.")


@pytest.mark.promise("identity.24")
async def test_without_shared_state_no_code_is_taken(house: House) -> None:
    code = await begin(house)
    house.linking._limits = CodeLimits(Away())
    assert await house.say(f"!verify {code} yes", "77", "discord") == "Shared state is not answering right now."
    assert (await house.say("!whoami")).startswith("ann on Twitch. Not linked")
