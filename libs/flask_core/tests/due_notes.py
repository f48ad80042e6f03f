"""Notes that are said when they are due: the smallest module that has due work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_core.contracts import router
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Chat
from flask_core.due_work import Due, Result, claim_due, record_due
from flask_core.errors import InvalidInput, NotFound
from flask_core.operations import Caller
from flask_core.testing.installation import Installation

START = datetime(2026, 3, 13, 20, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Note:
    text: str


class Notes:
    """The repository, as a module writes it."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, text: str, due_at: datetime, *, lasts: timedelta = timedelta(hours=1)) -> None:
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO notes (status, due_at, expires_at, claimed_by, claimed_until, attempts, last_error,"
                " idempotency_key, text) VALUES ('waiting', ?, ?, '', ?, 0, '', ?, ?)",
                due_at,
                due_at + lasts,
                due_at,
                f"note-{text}",
                text,
            )
        )

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Note]]:
        return await self._database.write(
            lambda tx: claim_due(tx, "notes", "text", Note, owner=owner, now=now, limit=limit)
        )

    async def record(self, due: Due[Note], result: Result) -> None:
        await self._database.write(lambda tx: record_due(tx, "notes", due, result))

    async def cancel(self, text: str) -> None:
        await self._database.write(lambda tx: tx.run("UPDATE notes SET status = 'cancelled' WHERE text = ?", text))

    async def states(self) -> dict[str, str]:
        return dict(await self._database.read(lambda tx: tx.rows("SELECT text, status FROM notes ORDER BY text")))

    async def state(self, text: str = "tea") -> tuple[str, int, str, str]:
        def unit(tx: Tx) -> tuple[str, int, str, str]:
            row = tx.row("SELECT status, attempts, last_error, idempotency_key FROM notes WHERE text = ?", text)
            assert row is not None
            return row[0], row[1], row[2], row[3]

        return await self._database.read(unit)


class Router:
    """The router, played: it takes what it is given and answers what the test wants."""

    def __init__(self, installation: Installation) -> None:
        self.taken: list[router.ActionsRequest] = []
        self.states: list[str] = ["waiting"]
        self.reason = ""
        self.knows: set[str] = set()
        self.fails: Exception | None = None
        module = installation.fake("router")

        @module.offers(router.ACT)
        async def act(asked: router.ActionsRequest, _: Caller) -> router.ActionStates:
            self.taken.append(asked)
            if self.fails is not None:
                raise self.fails
            self.knows.add(asked.idempotency_key)
            return self._answer()

        @module.offers(router.ACTIONS)
        async def tell(asked: router.ActionKey, _: Caller) -> router.ActionStates:
            if self.fails is not None:
                raise self.fails
            if asked.key not in self.knows:
                raise NotFound("No such actions.")
            return self._answer()

    def _answer(self) -> router.ActionStates:
        return router.ActionStates(
            tuple(router.ActionState(n, "chat", state, self.reason) for n, state in enumerate(self.states))
        )

    @property
    def keys(self) -> list[str]:
        """Under which it was asked to act."""
        return [request.idempotency_key for request in self.taken]


async def request_of(due: Due[Note]) -> router.ActionsRequest | None:
    """What is said of a note; nothing of an empty one, and some have nowhere to go."""
    if due.row.text == "nothing":
        return None
    if due.row.text == "nowhere":
        raise InvalidInput("That channel is gone.")
    return router.ActionsRequest(1, router.Target(channel="console:1:main"), "", (Chat(due.row.text),))
