"""The desk: what is held, taken along and erased, with modules that are away."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from flask_core.contracts import data_desk, identity
from flask_core.errors import Conflict, Gone, InvalidInput, NotFound, TooMany, Unauthenticated
from identity_core_module_flask.models import SeenAccount
from identity_core_module_flask.personal_repository import ERASED
from identity_core_module_flask.tests.conftest import EMAIL, House, refusal
from identity_core_module_flask.tests.neighbours import KINDS, Street, street_of


async def ann_with_things(house: House) -> tuple[Street, str]:
    """Ann, about whom every module holds two rows, as about Bea."""
    street, ann = street_of(house), (await house.ann_moves_in()).person_id
    street.moves_in(ann)
    street.moves_in("bea")
    return street, ann


def documents(file: data_desk.ExportFile) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        return {name: msgspec.json.decode(archive.read(name)) for name in archive.namelist()}


async def test_the_desk_shows_what_each_module_declares_and_how_much_there_is(house: House) -> None:
    street, ann = await ann_with_things(house)
    house.world.away = {"twitch"}
    shown = await house.made.desk.desk.show(ann)
    assert {one.module: one.declares for one in shown.modules}["memories"] == ("what memories keeps",)
    assert {one.module: one.rows for one in shown.modules if one.module != "identity"} == {
        "memories": 2, "router": 2, "portal": 2, "community": 2, "twitch": None,
    }  # fmt: skip
    house.world.away = set()
    assert {one.module: one.rows for one in (await house.made.desk.desk.show(ann)).modules}["twitch"] == 2
    assert street.asked


async def test_an_export_holds_all_modules_and_nothing_of_others_and_is_sealed_at_rest(house: House) -> None:
    street, ann = await ann_with_things(house)
    desk = house.made.desk.desk
    asked = await desk.ask_export(ann)
    await street.works()
    file = await desk.file(ann, asked.number)
    found = documents(file)
    assert set(found) == {"index.json", *(f"{name}.json" for name in KINDS)}
    assert found["memories.json"] == {"things": [{"of": ann, "in": "memories"}] * 2}
    assert EMAIL in str(found["identity.json"])
    assert "bea" not in str(found)
    assert found["index.json"]["missing"] == []
    kept = await house.database.read(
        lambda tx: tx.rows("SELECT * FROM desk_parts") + tx.rows("SELECT * FROM desk_requests")
    )
    assert ann not in str(kept)
    assert EMAIL not in str(kept)
    assert street.asked[-1] == ("identity", "export")
    assert sorted(street.asked) == sorted((name, "export") for name in KINDS)


async def test_an_export_waits_for_a_module_that_is_away_and_ends_after_a_week(house: House) -> None:
    street, ann = await ann_with_things(house)
    desk = house.made.desk.desk
    house.world.away = {"twitch", "router"}
    asked = await desk.ask_export(ann)
    await street.works()
    assert (await street.seen(asked.number)).state == "open"
    house.world.away = {"twitch"}
    house.later(minutes=20)
    await street.works()
    seen = await street.seen(asked.number)
    assert (seen.state, [one.module for one in seen.parts if one.state == "waiting"]) == ("incomplete", ["twitch"])
    assert documents(await desk.file(ann, asked.number))["index.json"]["missing"] == ["twitch"]
    assert isinstance(await refusal(desk.ask_export(ann)), TooMany)
    house.world.away = set()
    house.later(minutes=20)
    await street.works()
    assert (await street.seen(asked.number)).state == "done"
    assert documents(await desk.file(ann, asked.number))["index.json"]["missing"] == []
    house.later(days=8)
    assert isinstance(await refusal(desk.file(ann, asked.number)), Gone)
    await house.made.desk.repository.sweep(house.now)
    assert await house.database.read(lambda tx: tx.rows("SELECT 1 FROM desk_parts WHERE body <> ''")) == []
    assert (await desk.ask_export(ann)).number != asked.number


async def test_a_module_that_never_answers_ends_the_export_without_it(house: House) -> None:
    street, ann = await ann_with_things(house)
    house.world.away = {"twitch"}
    asked = await house.made.desk.desk.ask_export(ann)
    await street.works()
    house.later(days=7, minutes=1)
    await street.works()
    seen = await street.seen(asked.number)
    assert (seen.state, {one.module for one in seen.parts if one.state == "failed"}) == ("done", {"twitch"})


async def test_what_is_collected_is_its_owners_alone(house: House) -> None:
    street, ann = await ann_with_things(house)
    asked = await house.made.desk.desk.ask_export(ann)
    await street.works()
    assert isinstance(await refusal(house.made.desk.desk.file("bea", asked.number)), NotFound)
    assert isinstance(await refusal(house.made.desk.desk.request("0" * 32)), NotFound)


@pytest.mark.promise("identity.18")
async def test_an_erasure_waits_for_a_module_that_is_down_and_its_receipt_counts_and_is_signed(house: House) -> None:
    street, ann = await ann_with_things(house)
    desk = house.made.desk.desk
    house.world.away = {"twitch"}
    asked = await desk.ask_erase(ann, "Erase")
    house.later(hours=73)
    await street.works()
    seen = await street.seen(asked.number)
    assert seen.state == "incomplete"
    assert seen.receipt is None
    assert {one.module for one in seen.parts if one.state == "waiting"} == {"twitch", "community", "identity"}
    names = [name for name, _ in street.asked]
    assert (names[0], sorted(names)) == ("memories", ["memories", "portal", "router"])
    house.world.away = set()
    house.later(minutes=20)
    await street.works()
    seen = await street.seen(asked.number)
    assert seen.state == "done"
    assert seen.receipt is not None
    said = msgspec.json.decode(seen.receipt.text)
    assert {name: one["erased"].get("things") for name, one in said["modules"].items() if name != "identity"} == {
        "memories": 2, "portal": 2, "router": 2, "twitch": 2, "community": 2,
    }  # fmt: skip
    assert said["modules"]["community"]["kept"] == {"bans": "they hold"}
    assert said["modules"]["identity"]["erased"]["users"] == 1
    for word in (ann, EMAIL, "Ann"):
        assert word not in seen.receipt.text
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(house.made.desk.receipts.public_key))
    key.verify(base64.b64decode(seen.receipt.signature), seen.receipt.text.encode())
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(seen.receipt.signature), seen.receipt.text.replace("2", "3").encode())
    again = await desk.ask_erase(ann, "erase")
    assert (again.number, again.receipt) == (asked.number, seen.receipt)
    assert street.rows["memories"] == {ann: 0, "bea": 2}


@pytest.mark.promise("identity.18")
async def test_modules_that_answered_before_a_long_wait_are_asked_once_more_and_counts_are_added(house: House) -> None:
    street, ann = await ann_with_things(house)
    house.world.away = {"twitch"}
    asked = await house.made.desk.desk.ask_erase(ann, "erase")
    house.later(hours=73)
    await street.works()
    street.rows["memories"][ann] = 1
    house.world.away = set()
    house.later(minutes=20)
    await street.works()
    parts = {one.module: one.counts for one in (await street.seen(asked.number)).parts}
    assert parts["memories"] == {"things": 3}
    order = [name for name, _ in street.asked]
    assert order[-2:] == ["community", "identity"]
    assert order.count("memories") == 2


@pytest.mark.promise("identity.19")
async def test_an_erasure_stops_signing_in_and_can_be_called_off_for_three_days(house: House) -> None:
    street, ann = await ann_with_things(house)
    session, desk = await house.sign_in(), house.made.desk.desk
    key = await house.keys.create(ann, identity.CreateKey("bot", (identity.KeyScope("read"),)))
    await house.sessions.verify(session.secret)
    assert isinstance(await refusal(desk.ask_erase(ann, "yes")), InvalidInput)
    asked = await desk.ask_erase(ann, "erase")
    for work in (house.sessions.verify(session.secret), house.sign_in(), house.keys.verify(key.secret)):
        assert isinstance(await refusal(work), Unauthenticated)
    house.later(hours=71)
    await street.works()
    assert (await desk.call_off(asked.number)).state == "called_off"
    house.later(hours=10)
    await street.works()
    assert street.rows["memories"][ann] == 2
    assert (await house.sign_in()).person_id == ann
    assert isinstance(await refusal(desk.call_off(asked.number)), Gone)
    second = await desk.ask_erase(ann, "erase")
    assert second.number != asked.number
    house.later(hours=72, seconds=1)
    await street.works()
    assert (await street.seen(second.number)).state == "done"
    assert isinstance(await refusal(desk.call_off(second.number)), Gone)
    assert isinstance(await refusal(house.sign_in()), Unauthenticated)


@pytest.mark.promise("identity.19")
async def test_of_whoever_was_erased_nothing_is_left_here_and_the_account_is_nobodys(house: House) -> None:
    street = street_of(house)
    await house.link("ann", "dan")
    person_id = await house.own.person_for(SeenAccount("twitch", "ann"))
    asked = await house.made.desk.desk.ask_erase(person_id, "erase")
    told = [text for platform, user, text in (await house.told()).said if asked.number in text]
    assert len(told) == 2
    house.later(hours=73)
    await street.works()
    assert (await street.seen(asked.number)).state == "done"
    found = await house.people.look_up(identity.LookUp((identity.AccountKey("twitch", "ann"),)))
    assert found.items == (identity.FoundPerson(),)
    left = await house.database.read(lambda tx: {table: tx.value(f"SELECT count(*) FROM {table}") for table in ERASED})
    assert set(left.values()) == {0}
    assert await house.say("!whoami") == "ann on Twitch. Not linked yet: !identity link <platform> <name>."
    rows = await house.database.read(lambda tx: tx.rows("SELECT name, state FROM persons"))
    assert rows == [("", "erased")]


async def test_owners_hand_their_communities_over_first(house: House) -> None:
    street, ann = await ann_with_things(house)
    street.owns = ("Penguins",)
    refused = await refusal(house.made.desk.desk.ask_erase(ann, "erase"))
    assert isinstance(refused, Conflict)
    assert refused.message == "You own «Penguins». Hand it over first."
    assert (await house.sign_in()).person_id == ann


async def test_of_whoever_became_an_owner_meanwhile_nothing_is_erased_and_it_can_still_be_called_off(
    house: House,
) -> None:
    street, ann = await ann_with_things(house)
    asked = await house.made.desk.desk.ask_erase(ann, "erase")
    street.owns = ("Penguins",)
    house.later(hours=73)
    await street.works()
    assert (await street.seen(asked.number)).state == "open"
    assert street.rows["memories"][ann] == 2
    assert (await house.made.desk.desk.call_off(asked.number)).state == "called_off"
    assert (await house.sign_in()).person_id == ann


async def test_whoever_has_no_sign_in_enters_through_chat_once(house: House) -> None:
    street_of(house)
    said = await house.say("!identity data", "dee")
    token = said.partition("token=")[2]
    assert "/data/enter?token=" in said
    passes = house.made.desk.passes
    entered = await passes.enter(token)
    assert (await passes.verify(entered.secret)).name == "dee"
    assert (await house.made.desk.desk.show(entered.person_id)).requests == ()
    assert isinstance(await refusal(passes.enter(token)), NotFound)
    house.later(minutes=16)
    assert isinstance(await refusal(passes.verify(entered.secret)), Unauthenticated)


async def test_whoever_has_a_sign_in_uses_that(house: House) -> None:
    street_of(house)
    ann = await house.ann_moves_in()
    await house.database.write(
        lambda tx: tx.run(
            "INSERT INTO accounts (platform, user_id, person_id, verified_at) VALUES ('twitch', 'ann', ?, ?)",
            ann.person_id, house.now,
        )
    )  # fmt: skip
    assert "sign in at" in await house.say("!identity data")


async def test_operators_hear_of_modules_that_leave_people_waiting(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    street, ann = await ann_with_things(house)
    house.world.away = {"twitch"}
    await house.made.desk.desk.ask_erase(ann, "erase")
    house.later(hours=73)
    await street.works()
    for days, lines in ((6, 0), (1, 1), (1, 1), (13, 2), (30, 2)):
        house.now += timedelta(days=days)
        await house.made.desk.work.alarm()
        await house.made.desk.work.alarm()
        assert len([one for one in caplog.records if "waits for" in one.message]) == lines, days
    assert "waits for 7 days: twitch, community, identity" in caplog.text


async def test_every_table_with_people_in_it_is_erased(house: House) -> None:
    def unit(tx: Any) -> set[str]:
        if tx.dialect == "postgres":
            rows = tx.rows(
                "SELECT table_name FROM information_schema.columns WHERE column_name = 'person_id'"
                " AND table_schema = current_schema()"
            )
        else:
            rows = tx.rows(
                "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
                " AND c.name = 'person_id'"
            )
        return {row[0] for row in rows}

    assert await house.database.read(unit) == set(ERASED)
