"""Sessions: who a cookie speaks for, for how long, and their end everywhere."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import hashed, new_secret, utc_now
from flask_core.contracts import identity
from flask_core.errors import NotFound, Unauthenticated
from flask_core.shared_state import SharedState
from identity_core_module_flask.models import PersonRow, SessionRow
from identity_core_module_flask.session_repository import SessionRepository

_BROWSER = 120
_REMEMBERED, _REMEMBER_SECONDS = 5_000, 10.0
_TOUCH_EVERY = timedelta(minutes=1)


class Sessions:
    """A secret is kept as its hash; what was verified is remembered for ten seconds, until a session ends."""

    def __init__(
        self,
        repository: SessionRepository,
        shared: SharedState,
        *,
        idle: timedelta,
        longest: timedelta,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.idle = idle
        self._repository = repository
        self._shared = shared
        self._longest = longest
        self._now = now
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, identity.SessionPerson]] = OrderedDict()

    async def open(self, person: PersonRow, browser: str, *, second_factor: bool = False) -> identity.NewSession:
        """A session of somebody who proved who they are."""
        now = self._now()
        session = SessionRow(
            secrets.token_hex(8), person.id, browser[:_BROWSER], now, now, now + self._longest, second_factor
        )
        return await self._keep(person, session)

    async def renew(self, secret: str, *, second_factor: bool) -> identity.NewSession:
        """The session goes on under a new secret and id, as one that begins now; its last day stays."""
        found = await self._live(hashed(secret))
        now = self._now()
        old, person = found
        session = SessionRow(
            secrets.token_hex(8), person.id, old.browser, now, now, old.expires_at, second_factor or old.second_factor
        )
        return await self._keep(person, session, instead_of=old.id)

    async def _keep(self, person: PersonRow, session: SessionRow, instead_of: str = "") -> identity.NewSession:
        secret = new_secret()
        await self._repository.add(hashed(secret), session, instead_of=instead_of)
        if instead_of:
            await self._tell()
        left = session.expires_at - session.signed_in_at
        return identity.NewSession(secret, person.id, person.name, person.operator, int(left.total_seconds()))

    async def verify(self, secret: str) -> identity.SessionPerson:
        """Who a cookie belongs to. Raises Unauthenticated for one that is unknown or over."""
        key = hashed(secret)
        known = self._known.get(key)
        if known is not None and known[0] > self._clock():
            return known[1]
        session, person = await self._live(key)
        now = self._now()
        if now - session.last_used_at > _TOUCH_EVERY:
            await self._repository.touch(session.id, now)
        answer = identity.SessionPerson(
            person.id, person.name, person.operator, session.signed_in_at, session.id, session.second_factor
        )
        self._known[key] = (self._clock() + _REMEMBER_SECONDS, answer)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return answer

    async def _live(self, key: str) -> tuple[SessionRow, PersonRow]:
        found = await self._repository.find(key)
        if found is None:
            raise Unauthenticated("Sign in first.")
        session, person = found
        now = self._now()
        if session.expires_at < now or now - session.last_used_at > self.idle or person.state != "active":
            raise Unauthenticated("Your sign-in has ended. Sign in again.")
        return found

    async def proved(self, person_id: str, session_id: str) -> None:
        """A second factor was given in this session."""
        await self._repository.prove(session_id, person_id)
        await self._tell()

    async def of_person(self, person_id: str) -> list[SessionRow]:
        """A person's sessions."""
        return await self._repository.of_person(person_id)

    async def sign_out(self, secret: str) -> None:
        """End the session of a cookie; a cookie replayed afterwards is dead everywhere within a second."""
        await self._repository.end(hashed(secret))
        await self._tell()

    async def end(self, person_id: str, session_id: str) -> None:
        """End one of one's own sessions."""
        if not await self._repository.end_one(person_id, session_id):
            raise NotFound("No such session.")
        await self._tell()

    async def end_others(self, person_id: str, keep: str, why: str) -> None:
        """End all of a person's sessions but `keep`; `why` goes to the security log."""
        await self._repository.end_others(person_id, keep, why, self._now())
        await self._tell()

    async def everybody_looks_again(self) -> None:
        """Sessions were ended elsewhere: no replica remembers them."""
        await self._tell()

    async def note(self, person_id: str, action: str) -> None:
        """A line of the security log."""
        await self._repository.note(person_id, action, self._now())

    async def sweep(self, log_kept: timedelta) -> None:
        """Forget sessions that are over, and an old security log."""
        now = self._now()
        await self._repository.sweep(now, now - self.idle, now - log_kept)

    async def _tell(self) -> None:
        self.forget()
        await self._shared.publish(identity.TOPIC_SESSION_ENDED, b"")

    def forget(self) -> None:
        """Ask the database again about every cookie."""
        self._known.clear()

    async def listen(self) -> None:
        """For ever: forget cookies when another replica ended a session."""
        async with self._shared.subscribe(identity.TOPIC_SESSION_ENDED) as messages:
            async for _ in messages:
                self.forget()
