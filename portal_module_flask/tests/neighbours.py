"""More people than the one whom the set-up link makes: identity, played for sessions alone."""

from __future__ import annotations

from flask_core.auth import utc_now
from flask_core.contracts import identity
from flask_core.errors import Unauthenticated
from flask_core.operations import Caller
from flask_core.testing.installation import FakeModule
from portal_module_flask.tests.house import House, Visitor


class Neighbours:
    """From now on identity knows Ann's session and those of whoever moves in; it does nothing else."""

    def __init__(self, house: House, ann: identity.SessionPerson) -> None:
        self._house = house
        self._sessions = {house.cookie(): ann}
        self._people = {"Ann": ann.person_id}
        self._accounts: dict[tuple[str, str], str] = {}
        _answer(house.inst.fake("identity"), self._sessions, self._accounts)

    @classmethod
    async def of(cls, house: House) -> Neighbours:
        """Identity of this house."""
        secret = identity.SessionSecret(house.cookie())
        return cls(house, await house.inst.client("portal").call("identity", identity.VERIFY_SESSION, secret))

    def moves_in(self, name: str) -> Visitor:
        """Somebody with a session, who is no operator; the browser that they are signed in with."""
        secret = f"the secret of {name}"
        person = identity.SessionPerson(f"person-{name.lower()}", name, False, utc_now(), f"session-{name}")
        self._sessions[secret] = person
        self._people[name] = person.person_id
        browser = self._house.stranger()
        browser.web.set_cookie("localhost", "waddlebot", secret)
        return browser

    def is_who_writes(self, name: str, look: str) -> None:
        """Whoever writes under that name in the playground, for the first time from now on, is that person."""
        self._accounts["console", f"{look}-{name.lower()}"] = self._people[name]

    async def becomes(self, name: str, look: str, role: str) -> Visitor:
        """Somebody of the playground, signed in, with the role that Ann gives on the members page."""
        browser = self.moves_in(name)
        self.is_who_writes(name, look)
        await self._house.say("hello", who=name)
        members = f"{self._house.here}/members"
        row = (await self._house.page(members)).split(f"<strong>{name}</strong>")[1]
        member = row.split(f"{members}/")[1].split("/")[0]
        await self._house.send(f"{members}/{member}/role", on=members, role=role)
        return browser


def _answer(
    fake: FakeModule, sessions: dict[str, identity.SessionPerson], accounts: dict[tuple[str, str], str]
) -> None:
    @fake.offers(identity.VERIFY_SESSION)
    async def verify(asked: identity.SessionSecret, _: Caller) -> identity.SessionPerson:
        if asked.secret not in sessions:
            raise Unauthenticated("Sign in first.")
        return sessions[asked.secret]

    @fake.offers(identity.LOOKUP)
    async def look_up(asked: identity.LookUp, _: Caller) -> identity.LookUpAnswer:
        found = (accounts.get((one.platform, one.user_id), "") for one in asked.items)
        return identity.LookUpAnswer(tuple(identity.FoundPerson(person_id) for person_id in found))
