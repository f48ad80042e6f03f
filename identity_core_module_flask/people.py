"""Signing in, sessions, and who somebody is."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_core.auth import hashed, new_secret, utc_now
from flask_core.contracts import identity
from flask_core.errors import InvalidInput, NotFound, Unauthenticated
from flask_core.shared_state import SharedState
from identity_core_module_flask.flask_auth import FlaskAuth
from identity_core_module_flask.models import PersonRow, SessionRow
from identity_core_module_flask.passwords import check_password
from identity_core_module_flask.person_repository import PersonRepository
from identity_core_module_flask.throttle import Throttle

_NAME, _EMAIL, _BROWSER = 64, 254, 120
_REMEMBERED, _REMEMBER_SECONDS = 5_000, 10.0
_TOUCH_EVERY = timedelta(minutes=1)
_WRONG = "That address and password do not belong together."


@dataclass(slots=True)
class People:
    """The rules; what a password is worth is Flask-Security's to say."""

    repository: PersonRepository
    auth: FlaskAuth
    throttle: Throttle
    shared: SharedState
    idle: timedelta
    longest: timedelta
    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = time.monotonic
    _known: OrderedDict[str, tuple[float, identity.SessionPerson]] = field(default_factory=OrderedDict)

    async def new_set_up_link(self) -> str | None:
        """A fresh one-time token for the first operator; None when there is one already."""
        token = new_secret()
        return token if await self.repository.renew_set_up(hashed(token)) else None

    async def set_up_state(self, token: str) -> identity.SetUpState:
        """Whether the link opens something."""
        opens, needed = await self.repository.set_up_state(hashed(token))
        return identity.SetUpState(opens, needed)

    async def set_up(self, asked: identity.SetUp) -> identity.NewSession:
        """Make the first operator and sign in. Raises NotFound for a link that is used or old."""
        name, email = asked.name.strip(), asked.email.strip()
        if not 1 <= len(name) <= _NAME:
            raise InvalidInput(f"A name has 1 to {_NAME} characters.", field="name")
        if not 3 <= len(email) <= _EMAIL or "@" not in email[1:-1]:
            raise InvalidInput("Write an e-mail address; nothing is sent to it.", field="email")
        check_password(asked.password, name=name, email=email)
        if not (await self.set_up_state(asked.token)).open:
            raise NotFound("This link was used or is too old. A new one is printed at every start.")
        password = await self.auth.hashed(asked.password)
        person = await self.repository.first_operator(hashed(asked.token), name, email, password, self.now())
        if person is None:
            raise NotFound("This link was used or is too old. A new one is printed at every start.")
        return await self._open_session(person, asked.door)

    async def sign_in(self, asked: identity.SignIn) -> identity.NewSession:
        """A session for the right password. The same words for an unknown address as for a wrong password."""
        await self.throttle.admit(asked.email, asked.door.address)
        person_id = await self.auth.sign_in(asked.email.strip(), asked.password)
        person = await self.repository.person(person_id) if person_id else None
        if person is None or person.state != "active":
            await self.throttle.failed(asked.email)
            raise Unauthenticated(_WRONG)
        await self.throttle.succeeded(asked.email)
        return await self._open_session(person, asked.door)

    async def _open_session(self, person: PersonRow, door: identity.Door) -> identity.NewSession:
        secret, now = new_secret(), self.now()
        session = SessionRow(secrets.token_hex(8), person.id, door.browser[:_BROWSER], now, now, now + self.longest)
        await self.repository.add_session(hashed(secret), session)
        return identity.NewSession(
            secret, person.id, person.name, person.operator, int(self.longest.total_seconds())
        )  # fmt: skip

    async def verify(self, secret: str) -> identity.SessionPerson:
        """Who a cookie belongs to. Raises Unauthenticated for one that is unknown or over."""
        key, now = hashed(secret), self.now()
        known = self._known.get(key)
        if known is not None and known[0] > self.clock():
            return known[1]
        found = await self.repository.session(key)
        if found is None:
            raise Unauthenticated("Sign in first.")
        session, person = found
        if session.expires_at < now or now - session.last_used_at > self.idle or person.state != "active":
            raise Unauthenticated("Your sign-in has ended. Sign in again.")
        if now - session.last_used_at > _TOUCH_EVERY:
            await self.repository.touch(session.id, now)
        answer = identity.SessionPerson(person.id, person.name, person.operator, session.signed_in_at, session.id)
        self._known[key] = (self.clock() + _REMEMBER_SECONDS, answer)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return answer

    async def sign_out(self, secret: str) -> None:
        """End the session of a cookie; a cookie replayed afterwards is dead everywhere within a second."""
        await self.repository.end_session(secret_hash=hashed(secret))
        self.forget()
        await self.shared.publish(identity.TOPIC_SESSION_ENDED, b"")

    async def sessions(self, person_id: str) -> list[SessionRow]:
        """A person's sessions."""
        return await self.repository.sessions(person_id)

    async def end_session(self, person_id: str, session_id: str) -> None:
        """End one of one's own sessions."""
        if not await self.repository.end_session(session_id=session_id, person_id=person_id):
            raise NotFound("No such session.")
        self.forget()
        await self.shared.publish(identity.TOPIC_SESSION_ENDED, b"")

    async def change_password(self, person_id: str, name: str, asked: identity.ChangePassword) -> None:
        """A new password; all other sessions end."""
        check_password(asked.new, name=name, email=await self.repository.email(person_id))
        if not await self.auth.matches(asked.old, person_id):
            raise InvalidInput("The old password is another one.", field="old")
        await self.repository.set_password(person_id, await self.auth.hashed(asked.new), asked.session_id, self.now())
        self.forget()
        await self.shared.publish(identity.TOPIC_SESSION_ENDED, b"")

    async def me(self, person_id: str) -> identity.Person:
        """Somebody as they see themselves."""
        person = await self.repository.person(person_id)
        if person is None:
            raise NotFound("No such person.")
        accounts = tuple(identity.AccountKey(*key) for key in await self.repository.accounts(person_id))
        return identity.Person(person.id, person.name, accounts, await self.repository.email(person_id))

    async def rename(self, person_id: str, name: str) -> identity.Person:
        """Another display name."""
        if not 1 <= len(name.strip()) <= _NAME:
            raise InvalidInput(f"A name has 1 to {_NAME} characters.", field="name")
        await self.repository.rename(person_id, name.strip())
        self.forget()
        return await self.me(person_id)

    async def look_up(self, asked: identity.LookUp) -> identity.LookUpAnswer:
        """Who accounts belong to."""
        if len(asked.items) > 100:
            raise InvalidInput("Ask for at most 100 accounts.")
        owners = await self.repository.owners([(key.platform, key.user_id) for key in asked.items])
        found = (owners.get((key.platform, key.user_id), ("", "")) for key in asked.items)
        return identity.LookUpAnswer(tuple(identity.FoundPerson(*owner) for owner in found))

    def forget(self) -> None:
        """Ask the database again about every cookie."""
        self._known.clear()

    async def listen(self) -> None:
        """For ever: forget cookies when another replica ended a session."""
        async with self.shared.subscribe(identity.TOPIC_SESSION_ENDED) as messages:
            async for _ in messages:
                self.forget()
