"""The playground: chat as anybody, see what the bot answers, ask why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec
from quart import Blueprint, Response, make_response, request

from flask_core.contracts.portal import Speaker
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput
from portal_module_flask.cast import EVENTS
from portal_module_flask.overlays import preview_address
from portal_module_flask.pages import blueprint, field, go, page, whole
from portal_module_flask.rooms import Rooms
from portal_module_flask.visits import Visit, door, members

_LOOKS = ("twitch", "discord", "slack")
_STREAM_SECONDS = 600


def views(rooms: Rooms, overlay_url: str) -> Blueprint:
    """The page, its forms and its stream of new lines."""
    pages = blueprint("playground")

    @pages.get("/c/<int:community_id>/playground")
    @members(Role.MODERATOR)
    async def show(visit: Visit) -> Any:
        assert visit.community is not None
        room = await rooms.open(visit.community, visit.acting)
        people = await rooms.people(room.channel)
        speaker = next((p for p in people if p.name == request.args.get("as")), people[-1])
        return await page(
            "playground", visit, room=room, people=people, speaker=speaker, events=EVENTS, looks=_LOOKS,
            lines=await rooms.lines(room.channel, 0), preview=await preview_address(door().client, visit, overlay_url),
        )  # fmt: skip

    @pages.post("/c/<int:community_id>/playground/lines")
    @members(Role.MODERATOR)
    async def say(visit: Visit) -> Any:
        channel, speaker = await _speaker(rooms, visit)
        what = await field("event")
        if what:
            said = await rooms.happen(channel, speaker, what)
        else:
            said = await rooms.say(channel, speaker, await field("text"))
        if request.headers.get("X-Requested-With") == "fetch":
            return msgspec.to_builtins(said)
        # Without scripts the page is loaded anew: give the bot a moment, so that its answer is on it.
        await rooms.lines(channel, said.seq, wait=1)
        return go(f"/c/{visit.community.id}/playground?as={speaker.name}#end")  # type: ignore[union-attr]

    @pages.post("/c/<int:community_id>/playground/people")
    @members(Role.MODERATOR)
    async def add_person(visit: Visit) -> Any:
        assert visit.community is not None
        look = await field("look")
        if look not in _LOOKS:
            raise InvalidInput("Choose how this person looks: Twitch, Discord or Slack.")
        person = Speaker(await field("name"), look, Role.named(await field("role") or "viewer"))  # type: ignore[arg-type]
        await rooms.add_person(f"console:{visit.community.id}:playground", person)
        return go(f"/c/{visit.community.id}/playground?as={person.name}")

    @pages.get("/c/<int:community_id>/playground/stream")
    @members(Role.MODERATOR)
    async def stream(visit: Visit) -> Any:
        assert visit.community is not None
        after = whole(request.headers.get("Last-Event-ID") or request.args.get("after") or "0")
        response = cast(
            Response, await make_response(_stream(rooms, f"console:{visit.community.id}:playground", after))
        )
        response.timeout = None
        response.content_type = "text/event-stream"
        return response

    return pages


async def _stream(rooms: Rooms, channel: str, after: int) -> AsyncIterator[bytes]:
    """Server-sent events: one per line, a comment now and then; ends after ten minutes, the page comes back."""
    until = asyncio.get_running_loop().time() + _STREAM_SECONDS
    async for lines in rooms.follow(channel, after):
        for line in lines:
            yield b"id: %d\ndata: %s\n\n" % (line.seq, msgspec.json.encode(line))
        if not lines:
            yield b": still here\n\n"
        if asyncio.get_running_loop().time() > until:
            return


async def _speaker(rooms: Rooms, visit: Visit) -> tuple[str, Speaker]:
    assert visit.community is not None
    channel, name = f"console:{visit.community.id}:playground", await field("as")
    for person in await rooms.people(channel):
        if person.name == name:
            return channel, person
    raise InvalidInput("Nobody of that name is in this room.")
