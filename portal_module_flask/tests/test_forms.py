"""A form for one member: filled in once, from its address or signed in, and handed to the router."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import msgspec
import pytest

from flask_core.contracts import forms
from flask_core.datamodels import Account, Form, FormField
from flask_core.errors import Gone, InvalidInput
from flask_core.form_values import values_from
from portal_module_flask.filling import Forms
from portal_module_flask.form_repository import FormRepository
from portal_module_flask.tests.house import House

FIELDS = (
    FormField("title", "Title", required=True),
    FormField("about", "What <it> is", "textarea"),
    FormField("guests", "Guests", "number"),
    FormField("day", "Day", "date"),
    FormField("where", "Where", "select", choices=("here", "there")),
    FormField("games", "Games", "multiselect", choices=("chess", "go")),
    FormField("loud", "It will be loud", "checkbox"),
)


async def waiting(house: House, key: str = "e1:0", person_id: str = "") -> forms.MadeForm:
    """The router asks for a form that leads to `!quote add`."""
    asked = forms.MakeForm(
        key, house.community_id, "Penguins", "memories", f"console:{house.community_id}:playground",
        Account("Dee", "Dee", "Dee"), Form("New <event>", FIELDS, "quote", "Tell us."), person_id,
    )  # fmt: skip
    return await house.inst.client("router").call("portal", forms.MAKE, asked)


def path_of(url: str) -> str:
    return "/f/" + url.rpartition("/")[2]


@pytest.mark.promise("portal.19")
async def test_of_two_submissions_at_once_one_counts(house: House) -> None:
    made = await waiting(house)
    path, dee = path_of(made.url), house.stranger()
    form = {"form_token": await dee.token(path), "title": "Raid night"}
    sent = await asyncio.gather(*(dee.web.post(path, form=form) for _ in range(2)))
    assert sorted(answer.status_code for answer in sent) == [303, 409]
    handed = await house.trace(f"form:{await _id_of(house)}")
    assert (handed.message_type, handed.speaker) == ("modal_submit", "Dee")


@pytest.mark.promise("portal.19")
async def test_a_form_of_somebody_else_is_not_there(house: House) -> None:
    made = await waiting(house, person_id="somebody-else")
    for address in (made.url, made.public_url):
        path = path_of(address)
        assert "There is no such form." in await house.page(path, 404)
        assert "There is no such form." in await house.send(path, 404, on="/me", title="Mine")
    assert "New &lt;event&gt;" in await house.stranger().page(path_of(made.url))


@pytest.mark.promise("portal.19")
async def test_a_form_is_filled_in_once_and_reaches_the_router(house: House) -> None:
    made = await waiting(house)
    assert (await waiting(house)).url == made.url
    stranger, path = house.stranger(), path_of(made.url)
    shown = await stranger.page(path)
    for part in ("New &lt;event&gt;", "What &lt;it&gt; is", 'type="date"', "<legend>Games", "Penguins asks Dee"):
        assert part in shown
    assert await stranger.send(path, title="Raid night", guests="12", games="go") == path
    assert "Sent. The bot answers in the chat" in await stranger.page(path)
    assert "close this page" in await stranger.send(path, 409, on="/auth/sign-in", title="Twice")
    handed = await house.trace(f"form:{await _id_of(house)}")
    assert (handed.message_type, handed.speaker) == ("modal_submit", "Dee")


async def _id_of(house: House) -> str:
    """The id of the one form that there is."""
    database = house.inst.services["portal"].database
    return str(await database.read(lambda tx: tx.value("SELECT id FROM forms WHERE handed_at IS NOT NULL")))


async def test_what_is_wrong_is_said_and_what_was_typed_stays(house: House) -> None:
    made = await waiting(house)
    path, dee = path_of(made.url), house.stranger()
    refused = await dee.send(path, 400, about='<script>"x"', guests="many", where="there")
    assert "Title: fill this in." in refused
    assert "&lt;script&gt;&#34;x&#34;" in refused
    assert "<option selected>there</option>" in refused
    refused = await dee.send(path, 400, title="Raid", guests="many")
    assert "Guests: write a number." in refused
    assert await dee.send(path, title="Raid") == path


async def test_a_form_whose_address_everybody_saw_is_for_the_member_alone(house: House) -> None:
    ann = (await house.ann()).person_id
    made = await waiting(house, person_id=ann)
    public = path_of(made.public_url)
    assert public != path_of(made.url)
    answer = await house.stranger().web.get(public)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/auth/sign-in?next=%2Ff%2F{public[3:]}")
    assert "New &lt;event&gt;" in await house.page(public)
    other = await waiting(house, "e2:0", "somebody-else")
    assert "There is no such form." in await house.page(path_of(other.public_url), 404)


async def test_after_half_an_hour_it_is_over(house: House) -> None:
    made = await waiting(house)
    portal = house.inst.services["portal"]
    repository = FormRepository(portal.database)
    later = made.until + timedelta(seconds=1)
    kept = Forms(
        repository, portal.services, portal.config.service_key, public_url="", own_url="", now=lambda: later
    )  # fmt: skip
    with pytest.raises(Gone, match="30 minutes"):
        await kept.opened(path_of(made.url)[3:], "")
    await repository.forget(later)
    assert "There is no such form." in await house.page(path_of(made.url), 404)


async def test_while_the_router_is_away_it_can_be_sent_again(house: House) -> None:
    made = await waiting(house)
    path, dee = path_of(made.url), house.stranger()
    router_ = house.inst.runtime.modules.pop("router")
    assert "not answering" in await dee.send(path, 503, title="Raid")
    house.inst.runtime.modules["router"] = router_
    assert await dee.send(path, title="Raid") == path


@pytest.mark.parametrize("form", [Form("x", (), "quote"), Form("x", (FIELDS[0], FIELDS[0]), "quote")])
async def test_a_form_that_nobody_could_fill_in_is_refused(house: House, form: Form) -> None:
    asked = forms.MakeForm("e9", 2, "Penguins", "memories", "console:2:main", Account("Dee"), form)
    with pytest.raises(InvalidInput):
        await house.inst.client("router").call("portal", forms.MAKE, asked)


class Typed(dict[str, list[str]]):
    """What a page sends."""

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        return self[name][0] if name in self else default

    def getlist(self, name: str) -> list[str]:
        return super().get(name, [])


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("number", "-1.5", "1e9"),
        ("email", "a@b.co", "a b@c"),
        ("url", "https://a.example/x", "javascript:alert(1)"),
        ("date", "2026-11-26", "26.11.2026"),
        ("time", "18:30", "late"),
        ("select", "go", "chess"),
        ("radio", "go", "chess"),
        ("multiselect", "go", "chess"),
        ("text", "x" * 2_000, "x" * 2_001),
    ],
)
def test_values_are_checked_by_kind(kind: str, good: str, bad: str) -> None:
    form = Form("x", (msgspec.convert({"name": "f", "label": "F", "type": kind, "choices": ["go"]}, FormField),), "q")
    assert values_from(form, Typed(f=[good])) == {"f": good}
    assert values_from(form, Typed()) == {}
    with pytest.raises(InvalidInput) as refused:
        values_from(form, Typed(f=[bad]))
    assert re.match("F: ", refused.value.message)
