"""A small module's operations, and the gate in front of them, for tests of the doors."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import NoneType
from typing import Any

import msgspec

from flask_core.datamodels import Role
from flask_core.errors import Conflict, TooMany, Unauthenticated
from flask_core.operations import Acting, Caller, Endpoints, Operation, Standing, people, services, signed_in


class Note(msgspec.Struct, frozen=True):
    """A note of a community."""

    community_id: int
    number: int
    text: str = ""


class Notes(msgspec.Struct, frozen=True):
    """What was found."""

    items: tuple[Note, ...]


class Find(msgspec.Struct, frozen=True, omit_defaults=True):
    """A search: everything from path and query."""

    community_id: int
    text: str = ""
    limit: int = 10
    newest: bool = True


class Write(msgspec.Struct, frozen=True):
    """A new note; `more` is whatever the writer adds."""

    community_id: int
    text: str
    more: dict[str, Any] = {}


class NoteName(msgspec.Struct, frozen=True):
    """A note by community and name."""

    community_id: int
    name: str


class Ring(msgspec.Struct, frozen=True):
    """Asks for one of the notebook's moods."""

    mood: str = ""


FIND = Operation(
    "GET", "/api/v1/communities/{community_id}/notes", Find, Notes, people(Role.VIEWER) | services("router"), "Find.",
)  # fmt: skip
WRITE = Operation(
    "POST", "/api/v1/communities/{community_id}/notes", Write, Note, people(Role.MODERATOR), "Write a note.",
    status=201, max_body=2_000,
)  # fmt: skip
DROP = Operation(
    "DELETE", "/api/v1/communities/{community_id}/notes/{name}", NoteName, NoneType, services("router"), "Drop a note.",
    status=204,
)  # fmt: skip
RING = Operation(
    "POST", "/api/v1/ring", Ring, Note, services("router"), "Ring, before Quart sees it.", express=True, max_body=2_000
)
MINE = Operation("GET", "/api/v1/mine", Ring, Note, signed_in(), "What is mine.")

ANN = Acting("person-ann", datetime(2026, 3, 1, tzinfo=UTC), community_id=2, role=Role.OWNER, name="Ann")


@dataclass
class FakeGate:
    """Tokens are names: `router` is the module, `ann` the person; `role` is what community says of her."""

    held: Role = Role.OWNER
    asked: list[tuple[int, bool]] = field(default_factory=list)

    async def caller(self, token: str) -> Caller:
        if token == "nobody":
            raise Unauthenticated("A valid service token is needed.")
        return Caller("portal", ANN) if token == "ann" else Caller(token)

    async def standing(self, acting: Acting, community_id: int, *, changes: bool, reads: bool = False) -> Standing:
        self.asked.append((community_id, changes))
        return Standing(self.held, "member-1")


def notebook() -> Endpoints:
    """The operations with handlers that give back what they were asked."""
    api = Endpoints()
    _keep_notes(api)
    _ring(api)
    return api


def _keep_notes(api: Endpoints) -> None:
    @api.offers(FIND)
    async def find(asked: Find, _: Caller) -> Notes:
        return Notes((Note(asked.community_id, asked.limit, f"{asked.text} {asked.newest}"),))

    @api.offers(WRITE)
    async def write(asked: Write, caller: Caller) -> Note:
        return Note(asked.community_id, 1, f"{asked.text} by {caller.person.name}")

    @api.offers(DROP)
    async def drop(asked: NoteName, _: Caller) -> None:
        if asked.name == "pinned":
            raise Conflict("This note is pinned.", name=asked.name)


def _ring(api: Endpoints) -> None:
    @api.offers(RING)
    async def ring(asked: Ring, _: Caller) -> Note:
        if asked.mood == "busy":
            raise TooMany("Not so fast.", retry_after=2.6)
        if asked.mood == "broken":
            raise ZeroDivisionError("a secret detail")
        return Note(0, 7, asked.mood)

    @api.offers(MINE)
    async def mine(asked: Ring, caller: Caller) -> Note:
        if asked.mood == "broken":
            raise ZeroDivisionError("a secret detail")
        return Note(0, 7, caller.person.name)


@dataclass
class Notebook:
    """The notebook as a server for the doors of HTTP."""

    gate: FakeGate = field(default_factory=FakeGate)
    endpoints: Endpoints = field(default_factory=notebook)

    async def serve(self, key: tuple[str, str], token: str, body: bytes, extra: dict[str, str] | None = None) -> bytes:
        return await self.endpoints.serve(key, token, body, self.gate, extra)
