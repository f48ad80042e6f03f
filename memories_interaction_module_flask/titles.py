"""Looks once at the page behind a new link, for the title and description that nobody typed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_core.database import AsyncDAL, Tx
from flask_core.due_work import Due, DueWork, Result, State, claim_due, record_due
from flask_core.errors import Conflict, ServiceError, UpstreamFailed
from flask_core.http_client import HttpClient
from memories_interaction_module_flask.limits import DESCRIPTION, TITLE, clean, host_of
from memories_interaction_module_flask.memory_repository import MemoryRepository
from memories_interaction_module_flask.models import By, Memory
from memories_interaction_module_flask.page_title import PageTitle, page_title

TRIES = 3
_WITHIN = timedelta(hours=1)
_BYTES = 64 * 1024
_US = By("", "the page itself", trusted=True)


@dataclass(frozen=True, slots=True)
class Fetch:
    """A link to look at; `url` is the address it had when it was asked for."""

    community_id: int
    number: int
    url: str


def ask_for_title(tx: Tx, memory: Memory, now: datetime) -> None:
    """Have somebody look, soon; inside the unit that keeps the link."""
    tx.run(
        "INSERT INTO title_fetches (memory_id, community_id, number, url, status, due_at, expires_at, claimed_by,"
        " claimed_until, attempts, last_error, idempotency_key) VALUES (?, ?, ?, ?, 'waiting', ?, ?, '', ?, 0, '', ?)",
        memory.id, memory.community_id, memory.number, memory.url, now, now + _WITHIN, now, f"title-{memory.id}",
    )  # fmt: skip


class Fetches:
    """Rows for DueWork; what is over is forgotten."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Fetch]]:
        """What shall be looked at."""
        columns = "community_id, number, url"
        return await self._database.write(
            lambda tx: claim_due(tx, "title_fetches", columns, Fetch, owner=owner, now=now, limit=limit)
        )

    async def record(self, due: Due[Fetch], result: Result) -> None:
        """What became of it."""

        def unit(tx: Tx) -> None:
            if record_due(tx, "title_fetches", due, result) and result.state is not State.WAITING:
                tx.run("DELETE FROM title_fetches WHERE id = ?", due.id)

        await self._database.write(unit)


class Titles:
    """Work for DueWork: through the guard, three times at most; the link stays as it is when nothing comes of it."""

    def __init__(self, repository: MemoryRepository, http: HttpClient, now: Callable[[], datetime]) -> None:
        self._repository = repository
        self._http = http
        self._now = now

    async def __call__(self, due: Due[Fetch]) -> Result:
        """Look at one page."""
        try:
            found = await self._look(due.row.url)
        except UpstreamFailed as error:
            if due.attempts + 1 >= TRIES:
                return due.ends(State.FAILED, error.message)
            return due.again(self._now(), error.message)
        except ServiceError as error:
            return due.ends(State.FAILED, error.message)
        await self._keep(due.row, found)
        return due.ends(State.DELIVERED)

    async def _look(self, url: str) -> PageTitle:
        # Of a long page the beginning is enough, where the server lets us ask for that.
        headers = {"Accept": "text/html", "Range": f"bytes=0-{_BYTES - 1}"}
        answer = await self._http.guarded("GET", url, headers=headers, most_bytes=_BYTES)
        if "html" not in answer.headers.get("content-type", ""):
            return PageTitle()
        return page_title(answer.text)

    async def _keep(self, fetch: Fetch, found: PageTitle) -> None:
        memory = await self._repository.one(fetch.community_id, "link", fetch.number)
        if memory is None or memory.state == "deleted" or memory.url != fetch.url:
            return
        changed: dict[str, Any] = {}
        if found.title and memory.title == host_of(memory.url):
            changed["title"] = clean(found.title)[:TITLE]
        if found.description and not memory.content:
            changed["content"] = clean(found.description)[:DESCRIPTION]
        if changed:
            # Somebody may have kept just that, or changed the link: theirs stays.
            with contextlib.suppress(Conflict):
                await self._repository.change(memory, replace(memory.as_new(), **changed), _US, self._now())


def title_work(
    database: AsyncDAL, repository: MemoryRepository, http: HttpClient, now: Callable[[], datetime]
) -> DueWork[Fetch]:
    """The loop; the same in every replica."""
    return DueWork(Fetches(database), Titles(repository, http, now), now=now)
