"""The desk's pages: see, take along, erase, with what became of it by its number."""

from __future__ import annotations

import asyncio
import base64
import io
import re
import zipfile
from datetime import timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from flask_core.auth import utc_now
from flask_core.contracts import data_desk, router
from flask_core.contracts.module import EXECUTE
from flask_core.datamodels import (
    Account,
    ChannelRef,
    Chat,
    CommunityRef,
    Event,
    Invocation,
    MemberRef,
    MessageType,
    Role,
)
from portal_module_flask.tests.house import EMAIL, PASSWORD, House

DESK = "/me/data"


async def everybody_is_known(house: House) -> set[str]:
    """Wait until the router knows all modules; their names."""
    client, names = house.inst.client("portal"), set(house.inst.services)
    known: set[str] = set()
    while not names <= known:
        listed = await client.call("router", router.MODULES, router.Nothing())
        known = {one.manifest.name for one in listed.items}
    return names


async def hurry(house: House, number: str) -> None:
    """Three days go by for this request, and nobody waits before the next try."""

    def unit(tx: object) -> None:
        past = utc_now() - timedelta(seconds=1)
        tx.run("UPDATE desk_requests SET due_at = ? WHERE id = ? AND due_at > ?", past, number, past)  # type: ignore[attr-defined]
        tx.run("UPDATE desk_parts SET claimed_until = ? WHERE request_id = ? AND claimed_by = ''", past, number)  # type: ignore[attr-defined]

    await house.inst.services["identity"].database.write(unit)


async def hurried_page(house: House, path: str, number: str, words: str) -> str:
    """The page as soon as it says that; what it shows is on its way."""
    async with asyncio.timeout(30):
        while words not in (html := await house.page(path)):
            await hurry(house, number)
            await asyncio.sleep(0.05)
    return html


def row(html: str, module: str) -> str:
    """A module's line in the table of parts."""
    return html.rsplit(f'class="what"><strong>{module}</strong>', maxsplit=1)[-1].split("</tr>", maxsplit=1)[0]


async def dee_says(house: House, command: str) -> str:
    """What identity answers Dee, who wrote on Twitch."""
    account = Account("dee", "dee", "Dee")
    event = Event("event-1", MessageType.CHAT, "twitch:1:1", utc_now(), account)
    invocation = Invocation(
        "run-1", CommunityRef(1, "Global"), ChannelRef("twitch:1:1"), MemberRef("m", Role.VIEWER, account, "twitch"),
        event, command=command,
    )  # fmt: skip
    reply = await house.inst.client("router").call("identity", EXECUTE, invocation)
    return next(action.text for action in reply.actions if isinstance(action, Chat) and action.private)


@pytest.mark.promise("portal.22")
async def test_the_desk_shows_what_is_kept_and_the_receipt_module_by_module(new: House) -> None:
    await new.set_up()
    names = await everybody_is_known(new)
    html = await new.page(DESK)
    for name in names:
        assert f"<strong>{name}</strong>" in html, name
    twitch = new.inst.runtime.modules.pop("twitch")
    where = await new.send(f"{DESK}/erase", on=DESK, word="erase")
    number = where.rpartition("/")[2]
    assert "Call it off" in await new.page(where)
    await new.page(DESK, 302)
    await new.send("/auth/sign-in", 401, email=EMAIL, password=PASSWORD)
    html = await hurried_page(new, where, number, "✓ done")
    html = await hurried_page(new, where, number, "waiting")
    assert "waiting" in row(html, "twitch")
    assert "waiting" in row(html, "identity")
    new.inst.runtime.modules["twitch"] = twitch
    html = await hurried_page(new, where, number, "Everything was erased")
    for name in names:
        assert "✓ done" in row(html, name), name
    answer = await new.web.get(f"{where}/receipt")
    receipt = msgspec.json.decode(await answer.get_data(), type=data_desk.SignedReceipt)
    assert receipt.key in html
    published = await (await new.web.get("/data/key")).get_data()
    assert msgspec.json.decode(published, type=data_desk.ReceiptKey).key == receipt.key
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(receipt.key))
    key.verify(base64.b64decode(receipt.signature), receipt.text.encode())
    assert set(msgspec.json.decode(receipt.text)["modules"]) == names


async def test_data_are_collected_and_fetched_as_a_file(new: House) -> None:
    await new.set_up()
    names = await everybody_is_known(new)
    assert await new.send(f"{DESK}/export", on=DESK) == DESK
    html = await new.page_saying(DESK, "Everything was collected.")
    found = re.search(rf"{DESK}/([0-9a-f]{{32}})/file", html)
    assert found is not None
    answer = await new.web.get(found[0])
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(await answer.get_data())) as archive:
        assert set(archive.namelist()) == {"index.json", *(f"{name}.json" for name in names)}
        assert EMAIL.encode() in archive.read("identity.json")
    assert "You asked for your data already today." in await new.send(f"{DESK}/export", 429, on=DESK)
    await new.page(f"{DESK}/{'0' * 32}/file", 404)
    assert "Asked for on" in await new.page(f"/data/{found[1]}")


async def test_erasing_needs_the_word_and_no_community_and_is_called_off(house: House) -> None:
    await everybody_is_known(house)
    assert "Type the word erase" in await house.send(f"{DESK}/erase", 400, on=DESK, word="yes")
    refused = await house.send(f"{DESK}/erase", 409, on=DESK, word="erase")
    assert "You own «Penguins». Hand it over first." in refused


async def test_an_erasure_is_called_off_by_its_number_without_signing_in(new: House) -> None:
    await new.set_up()
    await everybody_is_known(new)
    where = await new.send(f"{DESK}/erase", on=DESK, word=" Erase ")
    stranger = new.stranger()
    assert await stranger.send(f"{where}/call-off", on=where) == where
    assert "everything is as it was" in await stranger.page(where)
    await new.sign_in()
    assert "called off" in await new.page(DESK)


async def test_after_a_quarter_of_an_hour_the_desk_asks_again(new: House) -> None:
    await new.set_up()
    await everybody_is_known(new)

    def unit(tx: object) -> None:
        tx.run("UPDATE sessions SET signed_in_at = ?", utc_now() - timedelta(minutes=16))  # type: ignore[attr-defined]

    await new.inst.services["identity"].database.write(unit)
    async with asyncio.timeout(10):
        while (await new.web.get(DESK)).status_code != 401:
            await new.inst.runtime.shared.publish("session.ended", b"")
            await asyncio.sleep(0.01)
    html = await new.page(DESK, 401)
    assert "Is it still you?" in html
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', html)
    assert token is not None
    wrong = await new.web.post(f"{DESK}/again", form={"form_token": token[1], "password": "wrong", "code": ""})
    assert wrong.status_code == 401
    right = await new.web.post(f"{DESK}/again", form={"form_token": token[1], "password": PASSWORD, "code": ""})
    assert right.headers["Location"] == DESK
    assert "Take it along" in await new.page(DESK)


async def test_whoever_has_no_sign_in_comes_in_by_a_link_that_works_once_and_opens_nothing_else(new: House) -> None:
    await new.set_up()
    await everybody_is_known(new)
    token = (await dee_says(new, "identity data")).partition("token=")[2]
    dee = new.stranger()
    enter = f"/data/enter?token={token}"
    assert await dee.send("/data/enter", on=enter, token=token) == DESK
    html = await dee.page(DESK)
    assert "Dee, with all linked accounts" in html
    assert EMAIL not in html
    await dee.page("/me", 302)
    await new.stranger().send("/data/enter", 404, on=enter, token=token)
