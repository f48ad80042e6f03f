"""Accounts that are linked: begun in the portal, shown, named after, and taken away again."""

from __future__ import annotations

import asyncio
import re

import pytest

from flask_core.contracts import community, identity
from flask_core.errors import Conflict, InvalidInput, LimitReached, NotFound
from identity_core_module_flask.linking import TAKEN, WRONG
from identity_core_module_flask.models import SeenAccount
from identity_core_module_flask.tests.conftest import House, refusal

NOT_LINKED = "Not linked yet: !identity link <platform> <name>."


async def accounts(house: House, person_id: str) -> list[tuple[str, str]]:
    return [(one.platform, one.user_id) for one in (await house.own.overview(person_id)).accounts]


async def person_of(house: House, user: str, platform: str = "twitch") -> str | None:
    return await house.own.person_of(SeenAccount(platform, user))


@pytest.mark.promise("identity.8")
async def test_a_link_begun_in_the_portal_belongs_to_the_person_of_the_session(house: House) -> None:
    ann = await house.ann_moves_in()
    request, code = await house.linking.begin_in_portal(ann.person_id, "twitch")
    assert isinstance(await refusal(house.linking.confirm(ann.person_id, request.id)), NotFound)
    assert "Ann gets everything" in await house.say(f"!verify {code}", "ann-tv")
    assert await house.say(f"!verify {code} yes", "ann-tv") == "Now say yes on the page in the portal."
    (waiting,) = (await house.own.overview(ann.person_id)).requests
    assert waiting.presented == "ann-tv"
    assert isinstance(await refusal(house.linking.confirm("somebody else", request.id)), NotFound)
    assert await accounts(house, ann.person_id) == []
    await house.linking.confirm(ann.person_id, request.id)
    assert await accounts(house, ann.person_id) == [("twitch", "ann-tv")]
    assert (await house.sessions.verify(ann.secret)).person_id == ann.person_id


@pytest.mark.promise("identity.8")
async def test_an_account_of_somebody_else_is_refused_and_nobody_becomes_another(house: House) -> None:
    ann = await house.ann_moves_in()
    await house.link("bea")
    bea = await person_of(house, "bea")
    request, code = await house.linking.begin_in_portal(ann.person_id, "twitch")
    await house.say(f"!verify {code} yes", "bea")
    refused = await refusal(house.linking.confirm(ann.person_id, request.id))
    assert isinstance(refused, Conflict)
    assert refused.message == TAKEN
    assert await person_of(house, "bea") == bea
    assert (await house.sessions.verify(ann.secret)).person_id == ann.person_id
    assert await accounts(house, ann.person_id) == []


async def test_whoever_began_in_chat_hears_that_the_account_is_somebody_elses(house: House) -> None:
    await house.link("bea", "dan")
    await house.say("!identity link discord dan", "eve")
    code = await house.code_for("dan")
    assert await house.say(f"!verify {code} yes", "dan", "discord") == TAKEN
    assert ("twitch", "eve", TAKEN) in (await house.told()).said


async def test_a_code_of_the_portal_is_for_the_first_who_types_it(house: House) -> None:
    ann = await house.ann_moves_in()
    _, code = await house.linking.begin_in_portal(ann.person_id, "discord")
    assert await house.say(f"!verify {code} yes", "dan", "discord") == "Now say yes on the page in the portal."
    assert await house.say(f"!verify {code} yes", "eve", "discord") == WRONG
    assert isinstance(await refusal(house.linking.begin_in_portal(ann.person_id, "irc")), InvalidInput)


async def test_a_request_can_be_called_off(house: House) -> None:
    ann = await house.ann_moves_in()
    request, code = await house.linking.begin_in_portal(ann.person_id, "discord")
    assert isinstance(await refusal(house.own.drop("somebody else", request.id)), NotFound)
    await house.own.drop(ann.person_id, request.id)
    assert await house.say(f"!verify {code} yes", "dan", "discord") == WRONG
    house.later(days=31)
    await house.linking.sweep()
    assert await house.database.read(lambda tx: tx.value("SELECT count(*) FROM link_requests")) == 0


@pytest.mark.promise("identity.6")
async def test_only_the_account_that_the_trigger_observed_counts(house: House) -> None:
    house.world.logins["discord", "dan"] = "dan"
    await house.say("!identity link discord dan")
    code = await house.code_for("dan")
    for line in (f"!verify {code} dan", f"!verify {code} discord dan", f"!verify {code} yes discord:dan"):
        assert not (await house.say(line, "eve", "discord")).startswith("Linked")
    unclear = await house.say(f"!verify {code} yes", "dan", "discord", heard_on="twitch")
    assert unclear == "This message does not say clearly whose it is."
    made_up = await house.say(f"!verify {code} yes", "dan", "console")
    assert made_up == "The people of the playground are made up: they cannot be linked."
    assert await person_of(house, "dan", "discord") is None


async def test_people_see_what_is_linked_and_under_way(house: House) -> None:
    assert await house.say("!identity status") == NOT_LINKED
    await house.link()
    assert await house.say("!identity status") == "ann (Twitch) since 2026-03-11, dan (Discord) since 2026-03-11."
    house.world.logins["slack", "ann.s"] = "U1"
    await house.say("!identity link slack ann.s")
    assert (await house.say("!identity status")).endswith(" Open request: Ann.s, 10 min left.")
    assert (await house.say("!identity")).startswith("!identity status, !identity link")
    assert await house.say("!identity link discord dan") == "Already linked."
    house.world.logins["twitch", "ann"] = "ann"
    assert await house.say("!identity link twitch ann") == "That is this account."


async def test_a_name_is_taken_from_the_account_that_is_chosen(house: House) -> None:
    assert await house.say("!identity primary discord") == "You have no such account on Discord."
    await house.link()
    assert await house.say("!identity primary discord") == "Your name here is now taken from Discord: dan."
    found = await house.people.look_up(identity.LookUp((identity.AccountKey("twitch", "ann"),)))
    assert found.items[0].name == "dan"


async def test_unlinking_asks_once_and_tells_community(house: House) -> None:
    await house.link()
    person_id = await person_of(house, "ann")
    asked = await house.say("!identity unlink discord")
    assert asked == "To unlink dan (Discord) send: !identity unlink discord dan yes"
    assert await house.say("!identity unlink discord yes") == "Unlinked dan (Discord)."
    assert await accounts(house, str(person_id)) == [("twitch", "ann")]
    (linked, unlinked) = [told for _, told in (await house.told()).heard][-2:]
    assert unlinked == community.LinkPeople(linked.merge_id, str(person_id), (("discord", "dan"),))


async def test_who_has_two_accounts_on_a_platform_says_which(house: House) -> None:
    await house.link("ann", "dan")
    await house.link("ann", "dora")
    asked = await house.say("!identity unlink discord")
    assert sorted(re.findall(r"dan|dora", asked)) == ["dan", "dora"]
    assert await house.say("!identity unlink discord @DORA yes") == "Unlinked dora (Discord)."


async def link_in_portal(house: House, person_id: str, user: str) -> None:
    request, code = await house.linking.begin_in_portal(person_id, "discord")
    await house.say(f"!verify {code} yes", user, "discord")
    await house.linking.confirm(person_id, request.id)


async def test_five_accounts_of_a_platform_can_be_linked(house: House) -> None:
    ann = await house.ann_moves_in()
    for number in range(5):
        await link_in_portal(house, ann.person_id, f"dan-{number}")
        house.later(minutes=13)
    assert isinstance(await refusal(link_in_portal(house, ann.person_id, "dan-5")), LimitReached)
    assert len(await accounts(house, ann.person_id)) == 5


@pytest.mark.promise("identity.16")
async def test_the_last_account_stays(house: House) -> None:
    await house.link()
    assert await house.say("!identity unlink discord yes") == "Unlinked dan (Discord)."
    last = "This is your last account: it cannot be unlinked."
    assert await house.say("!identity unlink twitch yes") == last
    assert await person_of(house, "ann") is not None


@pytest.mark.promise("identity.16")
async def test_of_two_who_unlink_the_last_two_at_once_one_is_refused(house: House) -> None:
    await house.link()
    person_id = str(await person_of(house, "ann"))
    both = (SeenAccount("twitch", "ann"), SeenAccount("discord", "dan"))
    answers = await asyncio.gather(*(house.own.unlink(person_id, one) for one in both), return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [Conflict]
    assert len(await accounts(house, person_id)) == 1


async def test_every_account_can_leave_by_the_merge_that_joined_it(house: House) -> None:
    for target in ("dan", "dora"):
        await house.link("ann", target)
    person_id = str(await person_of(house, "ann"))
    for platform, user in (("twitch", "ann"), ("discord", "dora")):
        await house.own.unlink(person_id, SeenAccount(platform, user))
    heard = (await house.told()).heard
    joined = {told.merge_id for kind, told in heard if kind == "link" and len(told.accounts) > 1}
    assert {told.merge_id for kind, told in heard if kind == "unlink"} == joined
    assert isinstance(await refusal(house.own.unlink(person_id, SeenAccount("twitch", "ann"))), NotFound)
