"""What community and people have to be told: kept with the change itself, told until it was heard."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from flask_core.contracts import community, router
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Chat
from flask_core.due_delivery import RouterDelivery
from flask_core.due_work import Due, Result, State, claim_due, record_due
from flask_core.service_client import ServiceClient
from identity_core_module_flask.models import SeenAccount

SAID_WITHIN = timedelta(minutes=10)
TOLD_WITHIN = timedelta(days=30)
_NOT_HEARD = frozenset({State.UNCONFIRMED, State.FAILED, State.MISSED})
_STANDARD = "status, due_at, expires_at, claimed_by, claimed_until, attempts, last_error, idempotency_key"


class Seals(Protocol):
    """Seals texts at rest."""

    def seal(self, secret: str | bytes) -> str: ...

    def open(self, sealed: str) -> bytes: ...


class Say(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line for one account, privately; `otherwise` is said instead when nobody knows that it arrived."""

    platform: str
    user_id: str
    text: str
    otherwise: Say | None = None


class Telling(msgspec.Struct, frozen=True):
    """One row: its kind, and what it seals."""

    kind: str
    body: str


class Tellings:
    """Written inside the unit that changes something; rows for DueWork besides."""

    def __init__(self, database: AsyncDAL, sealer: Seals, now: Callable[[], datetime]) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    def say(
        self, tx: Tx, account: SeenAccount, text: str, now: datetime, otherwise: tuple[SeenAccount, str] | None = None
    ) -> None:
        """Tell somebody privately, within ten minutes or not at all; then tell another one `otherwise`."""
        instead = Say(*otherwise[0].key, otherwise[1]) if otherwise else None
        self._add(tx, "say", Say(*account.key, text, instead), now, SAID_WITHIN)

    def link(self, tx: Tx, merge_id: str, person_id: str, accounts: Sequence[SeenAccount], now: datetime) -> None:
        """Tell community that these accounts are one person's."""
        self._add(tx, "link", _people(merge_id, person_id, accounts), now, TOLD_WITHIN)

    def founded(self, tx: Tx, merge_id: str, person_id: str, account: SeenAccount, now: datetime) -> None:
        """Tell community that a person was made of this account."""
        asked = community.LinkPeople(merge_id, person_id, (account.key,), founding=True)
        self._add(tx, "link", asked, now, TOLD_WITHIN)

    def unlink(self, tx: Tx, merge_id: str, person_id: str, accounts: Sequence[SeenAccount], now: datetime) -> None:
        """Tell community that these accounts are not any more."""
        self._add(tx, "unlink", _people(merge_id, person_id, accounts), now, TOLD_WITHIN)

    def _add(self, tx: Tx, kind: str, body: msgspec.Struct, now: datetime, within: timedelta) -> None:
        tx.run(
            f"INSERT INTO tellings (kind, body, {_STANDARD}) VALUES (?, ?, 'waiting', ?, ?, '', ?, 0, '', ?)",  # noqa: S608
            kind, self._sealer.seal(msgspec.json.encode(body)), now, now + within, now, secrets.token_hex(16),
        )  # fmt: skip

    async def say_now(
        self, account: SeenAccount, text: str, now: datetime, otherwise: tuple[SeenAccount, str] | None = None
    ) -> None:
        """`say` in the present transaction if there is one."""
        await self._database.write(lambda tx: self.say(tx, account, text, now, otherwise))

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Telling]]:
        """What is due."""
        return await self._database.write(
            lambda tx: claim_due(tx, "tellings", "kind, body", Telling, owner=owner, now=now, limit=limit)
        )

    async def record(self, due: Due[Telling], result: Result) -> None:
        """What became of it; what is over is forgotten."""

        def unit(tx: Tx) -> None:
            if record_due(tx, "tellings", due, result) and due.row.kind == "say" and result.state in _NOT_HEARD:
                self._say_otherwise(tx, self.unsealed(due.row, Say))
            tx.run("DELETE FROM tellings WHERE status NOT IN ('waiting', 'handed_over')")

        await self._database.write(unit)

    def _say_otherwise(self, tx: Tx, said: Say) -> None:
        if said.otherwise is not None:
            self._add(tx, "say", said.otherwise, self._now(), SAID_WITHIN)

    def unsealed[B](self, telling: Telling, kind: type[B]) -> B:
        """The body of a row."""
        return msgspec.json.decode(self._sealer.open(telling.body), type=kind)


class Messenger:
    """Work for DueWork: says through the router, tells community."""

    def __init__(self, tellings: Tellings, services: ServiceClient, now: Callable[[], datetime]) -> None:
        self._tellings = tellings
        self._services = services
        self._say = RouterDelivery(services, self._request, now=now)

    async def __call__(self, due: Due[Telling]) -> Result:
        """Tell one thing; what cannot be reached raises Unavailable and comes again."""
        if due.row.kind == "say":
            return await self._say(due)
        operation = community.LINK if due.row.kind == "link" else community.UNLINK
        await self._services.call("community", operation, self._tellings.unsealed(due.row, community.LinkPeople))
        return due.ends(State.DELIVERED)

    async def _request(self, due: Due[Telling]) -> router.ActionsRequest:
        said = self._tellings.unsealed(due.row, Say)
        return router.ActionsRequest(
            community_id=community.GLOBAL_COMMUNITY,
            target=router.Target(account=(said.platform, said.user_id)),
            idempotency_key=due.key,
            actions=(Chat(said.text, reply=False, private=True),),
            private=True,
        )


def _people(merge_id: str, person_id: str, accounts: Sequence[SeenAccount]) -> community.LinkPeople:
    keys = tuple((account.platform, account.user_id) for account in accounts)
    return community.LinkPeople(merge_id, person_id, keys)
