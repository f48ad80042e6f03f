"""The desk: what is held, what was asked for, and the rules of asking."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec

from flask_core.contracts import data_desk, module, router
from flask_core.contracts.person_members import OWN_MEMBERS, PersonOf
from flask_core.database import Tx
from flask_core.due_rows import State
from flask_core.errors import Conflict, Gone, InvalidInput, NotFound, ServiceError
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from identity_core_module_flask.account_repository import AccountRepository
from identity_core_module_flask.desk.files import packed
from identity_core_module_flask.desk.models import DEADLINE, FETCHED_WITHIN, THINK_AGAIN, Part, Request, Subject, Whole
from identity_core_module_flask.desk.repository import NOT_THERE, DeskRepository
from identity_core_module_flask.sessions import Sessions
from identity_core_module_flask.tellings import Seals, Tellings

_GLANCE, _GLANCE_SECONDS = 3.0, 60.0


class Seal(Seals, Protocol):
    """Seals, and recognizes again."""

    def keyed_hash(self, text: str) -> str: ...


class Desk:
    """Everything is about the person who asks; a number alone shows what became of a request."""

    def __init__(
        self,
        repository: DeskRepository,
        accounts: AccountRepository,
        sessions: Sessions,
        tellings: Tellings,
        services: ServiceClient,
        shared: SharedState,
        sealer: Seal,
        *,
        portal_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._repository = repository
        self._accounts = accounts
        self._sessions = sessions
        self._tellings = tellings
        self._services = services
        self._shared = shared
        self._sealer = sealer
        self._portal_url = portal_url
        self._now = now

    async def show(self, person_id: str) -> data_desk.Desk:
        """What each module declares and how much there is, and the requests of the last 30 days."""
        modules, requests = await asyncio.gather(
            self._modules(person_id), self._repository.of_person(self._hash(person_id), self._now() - DEADLINE)
        )
        return data_desk.Desk(modules, tuple(map(view, requests)))

    async def _modules(self, person_id: str) -> tuple[data_desk.ModuleData, ...]:
        key = f"identity:desk:{person_id}"
        if kept := await self._shared.get(key):
            return msgspec.json.decode(kept, type=tuple[data_desk.ModuleData, ...])
        subject = await self._subject(person_id)
        own = await self._services.call("community", OWN_MEMBERS, PersonOf(person_id, subject.accounts))
        asked = module.PersonAccounts("", subject.accounts, own.member_ids, person_id)
        known = await self._services.call("router", router.MODULES, router.Nothing())
        declared = [one.manifest for one in known.items if one.manifest.personal_data]
        rows = await asyncio.gather(*(self._rows(one.name, asked) for one in declared))
        found = tuple(
            data_desk.ModuleData(one.name, one.personal_data, count) for one, count in zip(declared, rows, strict=True)
        )
        if None not in rows:
            await self._shared.set(key, msgspec.json.encode(found), _GLANCE_SECONDS)
        return found

    async def _rows(self, name: str, asked: module.PersonAccounts) -> int | None:
        try:
            told = await self._services.call(name, module.EXPORT, asked, timeout=_GLANCE)
        except ServiceError:
            return None
        return sum(map(len, told.tables.values()))

    async def ask_export(self, person_id: str) -> data_desk.DeskRequest:
        """Begin to collect. Raises TooMany for a second time a day."""
        request = await self._new("export", person_id)
        await self._repository.add_export(request, person_id)
        return view(await self._repository.whole(request.number))

    async def ask_erase(self, person_id: str, word: str) -> data_desk.DeskRequest:
        """Erase in three days; the same again is the same request. Raises Conflict for owners of communities."""
        if word.strip().casefold() != data_desk.WORD:
            raise InvalidInput(f"Type the word {data_desk.WORD} to erase everything.", field="word")
        request = await self._new("erase", person_id)
        if not await self._repository.of_erasure(request.person_hash):
            await self._check_owner(person_id)
        letter = await self._letter(person_id, request)
        number, new = await self._repository.add_erasure(request, person_id, letter)
        if new:
            await self._sessions.everybody_looks_again()
        return view(await self._repository.whole(number))

    async def _check_owner(self, person_id: str) -> None:
        subject = await self._subject(person_id)
        own = await self._services.call("community", OWN_MEMBERS, PersonOf(person_id, subject.accounts))
        if own.owns:
            raise Conflict(f"You own «{'», «'.join(own.owns)}». Hand it over first.", owns=list(own.owns))

    async def _letter(self, person_id: str, request: Request) -> Callable[[Tx], None]:
        """All accounts hear of it, with the way to call it off: whoever asked may not have been their owner."""
        where = f"{self._portal_url}/data/{request.number}"
        text = f"Everything about you will be erased from {request.due_at:%d %b %H:%M} UTC on. Was it not you? {where}"
        accounts = await self._accounts.accounts(person_id)

        def send(tx: Tx) -> None:
            for own in accounts:
                self._tellings.say(tx, own.account, text, request.asked_at)

        return send

    async def call_off(self, number: str) -> data_desk.DeskRequest:
        """Keep everything. Raises Gone once it has begun."""
        found = await self._repository.whole(number)
        person_id = self._opened(found).person_id if found.request.subject else ""
        await self._repository.call_off(number, person_id, self._now())
        return view(await self._repository.whole(number))

    async def request(self, number: str) -> data_desk.DeskRequest:
        """What became of a request."""
        return view(await self._repository.whole(number))

    async def file(self, person_id: str, number: str) -> data_desk.ExportFile:
        """What was collected so far. Raises Gone after a week."""
        found = await self._repository.whole(number)
        request = found.request
        if request.kind != "export" or request.person_hash != self._hash(person_id):
            raise NotFound(NOT_THERE)
        if request.until < self._now():
            raise Gone("These data were deleted a week after they were collected. Ask for them again.")
        return data_desk.ExportFile(f"waddlebot-{request.asked_at:%Y-%m-%d}.zip", packed(found, self._sealer.open))

    async def _new(self, kind: data_desk.Kind, person_id: str) -> Request:
        now = self._now()
        sealed = self._sealer.seal(msgspec.json.encode(await self._subject(person_id)))
        due_at = now + THINK_AGAIN if kind == "erase" else now
        return Request(
            secrets.token_hex(16), kind, "open", self._hash(person_id), sealed, now, due_at, now + 2 * FETCHED_WITHIN
        )

    async def _subject(self, person_id: str) -> Subject:
        return Subject(person_id, tuple(own.account.key for own in await self._accounts.accounts(person_id)))

    def _opened(self, found: Whole) -> Subject:
        return msgspec.json.decode(self._sealer.open(found.request.subject), type=Subject)

    def _hash(self, person_id: str) -> str:
        return self._sealer.keyed_hash(f"data desk: {person_id}")


def view(found: Whole) -> data_desk.DeskRequest:
    """A request as it is shown."""
    request = found.request
    return data_desk.DeskRequest(
        request.number, request.kind, request.state, request.asked_at, request.due_at, request.due_at + DEADLINE,
        request.until if request.kind == "export" else None, request.done_at, tuple(map(_part, found.parts)),
        found.receipt,
    )  # fmt: skip


def _part(part: Part) -> data_desk.DeskPart:
    state = "waiting" if part.done_at is None else "done" if part.status == State.DELIVERED else "failed"
    return data_desk.DeskPart(part.module, state, part.counts, part.kept, part.done_at)  # type: ignore[arg-type]
