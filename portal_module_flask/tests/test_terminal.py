"""The terminal's door to the playground."""

from __future__ import annotations

import asyncio

import pytest

from flask_core.contracts import portal
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, InvalidInput, NotFound
from portal_module_flask.tests.house import House


async def test_the_machines_own_terminal_speaks_in_every_room(house: House) -> None:
    terminal, here = house.inst.client("terminal"), house.community_id
    rooms = await terminal.call("portal", portal.ROOMS, portal.ListRooms())
    assert [(room.community_name, room.channel) for room in rooms.items] == [("Penguins", f"console:{here}:playground")]
    people = (await terminal.call("portal", portal.PEOPLE, portal.RoomOf(here))).items
    assert [(one.name, one.look, one.role.word) for one in people] == [
        ("Ann", "twitch", "owner"),
        ("Ben", "discord", "moderator"),
        ("Cy", "slack", "viewer"),
        ("Dee", "twitch", "viewer"),
    ]
    said = await terminal.call("portal", portal.SAY, portal.Say(here, people[1], '!quote add "ship it"'))
    trace = await house.trace(said.event_id)
    assert trace.command == "quote add"
    answer = await terminal.call("portal", portal.LINES, portal.LinesSince(here, said.seq, wait=5))
    assert [line.text for line in answer.items] == ["Saved as quote #1."]
    raid = await terminal.call("portal", portal.SAY, portal.Say(here, people[3], event="raid"))
    assert raid.seq > said.seq


async def test_waiting_for_a_line_ends_with_it_or_with_nothing(house: House) -> None:
    terminal, here = house.inst.client("terminal"), house.community_id
    last = (await house.lines())[-1].seq
    nothing = await terminal.call("portal", portal.LINES, portal.LinesSince(here, last, wait=0.01))
    assert nothing.items == ()
    waiting = asyncio.ensure_future(terminal.call("portal", portal.LINES, portal.LinesSince(here, last, wait=10)))
    await terminal.call("portal", portal.SAY, portal.Say(here, portal.Speaker("Cy", "slack"), "hello"))
    assert [line.text for line in (await waiting).items] == ["hello"]


async def test_nobody_speaks_where_there_is_no_room_or_under_no_name(house: House) -> None:
    terminal, dee = house.inst.client("terminal"), portal.Speaker("Dee")
    with pytest.raises(NotFound, match="no such room"):
        await terminal.call("portal", portal.SAY, portal.Say(4711, dee, "hello"))
    with pytest.raises(InvalidInput, match="1 to 25 letters"):
        await terminal.call("portal", portal.SAY, portal.Say(house.community_id, portal.Speaker("a b"), "hello"))
    with pytest.raises(Forbidden):
        await house.inst.client("memories").call("portal", portal.SAY, portal.Say(house.community_id, dee, "hello"))


async def test_a_person_sees_the_rooms_that_they_moderate(house: House) -> None:
    client = house.inst.client("portal")
    ann = await house.ann()
    rooms = await client.call("portal", portal.ROOMS, portal.ListRooms(), acting=ann)
    assert [room.community_id for room in rooms.items] == [house.community_id]
    eve = type(ann)("person-eve", ann.signed_in_at, None, Role.VIEWER, name="Eve")
    assert (await client.call("portal", portal.ROOMS, portal.ListRooms(), acting=eve)).items == ()
