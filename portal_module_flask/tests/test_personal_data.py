"""What the portal gives out and forgets of people, and of communities that ended."""

from __future__ import annotations

from typing import Any

from flask_core.contracts import forms, module
from flask_core.datamodels import Account, Form, FormField
from portal_module_flask.tests.house import House


async def asks(house: House, key: str, user: str, *, person: str = "", community: int = 0) -> None:
    """The router asks for a form that somebody fills in."""
    here = community or house.community_id
    form = Form(f"Form {key}", (FormField("title", "Title"),), "quote", "")
    account = Account(user, user, user)
    asked = forms.MakeForm(key, here, "Penguins", "memories", f"console:{here}:playground", account, form, person)
    await house.inst.client("router").call("portal", forms.MAKE, asked)


def about(user: str, person: str = "") -> module.PersonAccounts:
    return module.PersonAccounts("r1", (("console", user), ("twitch", "someone")), (), person)


async def titles(house: House, asked: module.PersonAccounts) -> list[Any]:
    told = await house.inst.client("identity").call("portal", module.EXPORT, asked)
    return sorted(row["title"] for row in told.tables["forms"])


async def erased(house: House, asked: module.PersonAccounts) -> dict[str, int]:
    receipt = await house.inst.client("identity").call("portal", module.ERASE, asked)
    return dict(receipt.counts)


async def test_forms_of_one_person_are_given_out_and_erased_and_nobody_elses(house: House) -> None:
    for key, user, person in (("a", "d_e", ""), ("b", "eve", "person-dee"), ("c", "dxe", ""), ("d", "person-dee", "")):
        await asks(house, key, user, person=person)
    dee = about("d_e", "person-dee")
    assert await titles(house, dee) == ["Form a", "Form b"]
    assert await titles(house, module.PersonAccounts("r2", (("twitch", "d_e"),))) == []
    assert await erased(house, dee) == {"forms": 2, "notices": 0}
    assert (await titles(house, dee), await erased(house, dee)) == ([], {"forms": 0, "notices": 0})
    assert await titles(house, about("dxe")) == ["Form c"]
    assert await titles(house, about("person-dee")) == ["Form d"]


async def test_a_community_that_ended_takes_its_rooms_and_forms_along(house: House) -> None:
    await asks(house, "here", "dee")
    await asks(house, "elsewhere", "dee", community=house.community_id + 1_000)
    await house.say("hello")
    ended = module.CommunityOnly(house.community_id)
    counts = (await house.inst.client("community").call("portal", module.ERASE_COMMUNITY, ended)).counts
    assert (counts["forms"], counts["rooms"]) == (1, 1)
    assert min(counts["lines"], counts["room_people"]) > 0
    assert await titles(house, about("dee")) == ["Form elsewhere"]
