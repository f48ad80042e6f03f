"""Late answers of third parties: an address for one execution, fifteen minutes and five actions."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts.module import Priority
from flask_core.datamodels import Account, Action, Invocation
from flask_core.encryption import Sealer
from flask_core.errors import Forbidden, Gone, InvalidInput, NotFound, Unavailable
from flask_core.shared_state import SharedState
from router_module_flask.customs.switches import Switches
from router_module_flask.delivering.addressing import lifetime, module_for, priority_of
from router_module_flask.delivering.delivery import DeliveryQueue
from router_module_flask.delivering.repository import Outbox
from router_module_flask.executors.grants import Grants
from router_module_flask.executors.trust import MOST_ACTIONS, trusted
from router_module_flask.models import Outgoing

PATH = "/api/v1/callbacks/"
SECONDS = 900
MOST_BYTES = 64 * 1024
_GONE = "This address took what it takes: five actions within fifteen minutes."


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a token says, sealed: nobody but us can read or make one."""

    execution_id: str
    module: str
    community_id: int
    channel: str
    until: float
    event_id: str = ""
    account: Account | None = None
    reply_to: str = ""
    time_zone: str = "UTC"
    locale: str = "en"
    simulated: bool = False


class LateAnswer(msgspec.Struct, frozen=True):
    """The body of a late answer."""

    actions: tuple[Action, ...]


class Taken(msgspec.Struct, frozen=True):
    """How many actions were taken, and how many more this address takes."""

    accepted: int
    left: int


_encoder = msgspec.json.Encoder()
_ticket = msgspec.json.Decoder(Ticket)
_late = msgspec.json.Decoder(LateAnswer)


class Callbacks:
    """Tokens need no table: they are sealed, and shared state counts what they were used for."""

    def __init__(
        self,
        sealer: Sealer,
        shared: SharedState,
        grants: Grants,
        switches: Switches,
        outbox: Outbox,
        queue: DeliveryQueue,
        *,
        public_url: str,
        clock: Callable[[], float] = time.time,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._sealer = sealer
        self._shared = shared
        self._grants = grants
        self._switches = switches
        self._outbox = outbox
        self._queue = queue
        self._public_url = public_url
        self._clock = clock
        self._now = now

    def url_for(self, invocation: Invocation, module: str) -> str:
        """Where `module` may answer this invocation late; "" when there is no public address."""
        if not self._public_url:
            return ""
        event = invocation.event
        ticket = Ticket(
            execution_id=invocation.execution_id,
            module=module,
            community_id=invocation.community.id,
            channel=invocation.channel.key,
            until=self._clock() + SECONDS,
            event_id=event.event_id,
            account=event.account,
            reply_to=str(event.data.get("message_id", "")),
            time_zone=invocation.community.time_zone,
            locale=invocation.community.locale,
            simulated=event.platform == "console",
        )
        return f"{self._public_url}{PATH}{quote(self._sealer.seal(_encoder.encode(ticket)))}"

    async def take(self, token: str, body: bytes) -> Taken:
        """Deliver a late answer. Raises NotFound for no token of ours, Gone for one whose time or use is over.

        What the module may do is read anew: what was taken away from it meanwhile ends at once.
        """
        ticket = self._opened(token)
        actions = _decoded(body)
        await self._check_on(ticket)
        scopes = await self._grants.now_of(ticket.community_id, ticket.module)
        allowed = trusted(actions, scopes)
        if len(allowed) < len(actions):
            raise Forbidden("The module may not do this here, or not so much at once.")
        key = f"callback:{ticket.execution_id}"
        used = await self._shared.increment(key, SECONDS, by=len(actions))
        if used > MOST_ACTIONS:
            await self._shared.increment(key, SECONDS, by=-len(actions))
            raise Gone(_GONE)
        outgoing = [
            out
            for index, action in enumerate(allowed, start=used - len(actions))
            if (out := _addressed(ticket, action, index)) is not None
        ]
        self._queue.start(await self._outbox.insert(outgoing, self._now()))
        return Taken(len(outgoing), MOST_ACTIONS - used)

    def _opened(self, token: str) -> Ticket:
        try:
            ticket = _ticket.decode(self._sealer.open(token))
        except (Unavailable, msgspec.MsgspecError):
            raise NotFound("Nothing answers under this address.") from None
        if ticket.until < self._clock():
            raise Gone(_GONE)
        return ticket

    async def _check_on(self, ticket: Ticket) -> None:
        if not await self._switches.runs(ticket.community_id, ticket.module, ticket.channel):
            raise Gone("This module does not run there any more.")


def _decoded(body: bytes) -> tuple[Action, ...]:
    try:
        return _late.decode(body).actions
    except msgspec.MsgspecError:
        raise InvalidInput("Send actions, as in the answer to an invocation.") from None


def _addressed(ticket: Ticket, action: Action, index: int) -> Outgoing | None:
    carrier = module_for(action, ticket.channel)
    if carrier is None:
        return None
    priority = priority_of(action, Priority.REPLY)
    return Outgoing(
        source=ticket.module,
        key=f"{ticket.execution_id}:late:{index}",
        community_id=ticket.community_id,
        channel=ticket.channel,
        module=carrier,
        action=action,
        priority=priority,
        expires_in=lifetime(priority),
        event_id=ticket.event_id,
        reply_to=ticket.reply_to,
        account=ticket.account,
        time_zone=ticket.time_zone,
        locale=ticket.locale,
        simulated=ticket.simulated,
    )
