"""One session per member and channel, made by a command; a module may wait for the member's next line."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from flask_core.contracts.sessions import LONGEST_WAIT, MOST_STATE, Session
from flask_core.errors import NotFound, TooLarge
from flask_core.remembered import RememberedBy
from flask_core.shared_state import SharedState
from router_module_flask.invocations import session_id_of

TOPIC_SESSIONS = "router.sessions"
SECONDS = 3_600.0
_OWNED_SECONDS = 60.0
_MOST_AWAITED = 10_000
_encoder = msgspec.json.Encoder()


class Awaited(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose next line goes to which command; without a module nobody waits any more. `seconds` from now."""

    session_id: str
    module: str = ""
    path: str = ""
    seconds: float = 0


_awaited = msgspec.json.Decoder(Awaited)
_state = msgspec.json.Decoder(dict)


class Sessions:
    """State is shared by all replicas. Who is waited for is told to all of them: a line must not ask for that."""

    def __init__(self, shared: SharedState, clock: Callable[[], float] = time.monotonic) -> None:
        self._shared = shared
        self._clock = clock
        self._waiting: OrderedDict[str, tuple[float, Awaited]] = OrderedDict()
        # One replica at a time reads a channel, so what it wrote down itself still stands.
        self._owned: RememberedBy[str, bytes] = RememberedBy(self._read_owner, _OWNED_SECONDS, clock)

    def awaited(self, channel: str, member_id: str) -> Awaited | None:
        """The command that waits for this member's next line. Touches memory only."""
        if not self._waiting:
            return None
        kept = self._waiting.get(session_id_of(channel, member_id))
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    async def wait_for(self, channel: str, member_id: str, module: str, path: str, seconds: float) -> None:
        """Let the member's next plain line in this channel go to a command of `module`, for two minutes at most."""
        session_id = session_id_of(channel, member_id)
        await self._tell(Awaited(session_id, module, path, min(seconds, LONGEST_WAIT)))

    async def stop_waiting(self, channel: str, member_id: str) -> None:
        """The line came, or something else instead of it."""
        await self._tell(Awaited(session_id_of(channel, member_id)))

    async def _tell(self, awaited: Awaited) -> None:
        self._take(awaited)
        await self._shared.publish(TOPIC_SESSIONS, _encoder.encode(awaited))

    def _take(self, awaited: Awaited) -> None:
        self._waiting.pop(awaited.session_id, None)
        if not awaited.module:
            # It may have been ended, wherever that was asked for.
            self._owned.forget(awaited.session_id)
        else:
            self._waiting[awaited.session_id] = (self._clock() + awaited.seconds, awaited)
        while self._waiting and (len(self._waiting) > _MOST_AWAITED or self._oldest_is_over()):
            self._waiting.popitem(last=False)

    def _oldest_is_over(self) -> bool:
        return next(iter(self._waiting.values()))[0] <= self._clock()

    async def listen(self) -> None:
        """For ever: know whom other replicas wait for."""
        async with self._shared.subscribe(TOPIC_SESSIONS) as messages:
            async for topic, message in messages:
                if topic:
                    self._take(_awaited.decode(message))

    async def begin(self, session_id: str, module: str) -> None:
        """A command of `module` runs: the session is its own from now on, and what another one kept is gone."""
        owner = module.encode()
        if self._owned.known(session_id) == owner:
            return
        before = await self._shared.swap(_owner(session_id), owner, SECONDS)
        self._owned.put(session_id, owner)
        if before is not None and before != owner:
            await self._shared.delete(_kept(session_id))

    async def get(self, session_id: str, module: str) -> Session:
        """What `module` kept; raises NotFound when the session is over or another's."""
        await self._renew(session_id, module)
        kept = await self._shared.get(_kept(session_id))
        whose, _, state = (kept or b"").partition(b"\n")
        # Whoever took the session over may have died before it forgot what was kept.
        if kept is None or whose != module.encode():
            return Session(session_id, {})
        await self._shared.set(_kept(session_id), kept, SECONDS)
        return Session(session_id, _state.decode(state))

    async def put(self, session: Session, module: str) -> Session:
        """Keep this in place of what was there; raises NotFound, TooLarge."""
        body = _encoder.encode(session.state)
        if len(body) > MOST_STATE:
            raise TooLarge(f"A session keeps up to {MOST_STATE} bytes.")
        await self._renew(session.id, module)
        await self._shared.set(_kept(session.id), module.encode() + b"\n" + body, SECONDS)
        return session

    async def end(self, session_id: str, module: str) -> None:
        """Forget everything of it; raises NotFound."""
        await self._renew(session_id, module)
        await self._shared.delete(_owner(session_id), _kept(session_id))
        await self._tell(Awaited(session_id))

    async def _read_owner(self, session_id: str) -> bytes:
        return await self._shared.get(_owner(session_id)) or b""

    async def _renew(self, session_id: str, module: str) -> None:
        if await self._read_owner(session_id) != module.encode():
            raise NotFound("This session is over.")
        await self._shared.set(_owner(session_id), module.encode(), SECONDS)


def _owner(session_id: str) -> str:
    return f"session:{session_id}:owner"


def _kept(session_id: str) -> str:
    return f"session:{session_id}:state"
