"""Passkeys: added by whoever is signed in, and good for a sign-in by themselves."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, NotFound, Unauthenticated
from identity_core_module_flask.challenges import Challenge, Challenges
from identity_core_module_flask.flask_auth import FlaskAuth
from identity_core_module_flask.passkey_repository import PasskeyRepository
from identity_core_module_flask.throttle import Throttle

_NAME = 64
_LONGEST = 20_000
_WRONG = "That passkey does not open anything here."


@dataclass(frozen=True, slots=True)
class Passkeys:
    """Every question is asked once, of one browser, and waits for five minutes."""

    repository: PasskeyRepository
    auth: FlaskAuth
    throttle: Throttle
    challenges: Challenges

    async def sign_in_question(self, asked: identity.AskPasskey) -> identity.PasskeyQuestion:
        """What a browser asks an authenticator to sign; any passkey of this installation may answer."""
        options, state = await self.auth.passkey_question()
        return await self._question("", options, state, asked.door)

    async def person_of(self, proof: identity.PasskeyProof, door: identity.Door) -> str:
        """Who answered the question. Raises Unauthenticated for a wrong answer, an old one, and a second one.

        Failures are counted by address alone: others' tries lock nobody out of their passkey.
        """
        await self.throttle.admit_address(door.address)
        challenge = await self.challenges.take(proof.challenge, door.browser)
        person_id = None
        if not challenge.person_id and len(proof.credential) <= _LONGEST:
            person_id = await self.auth.passkey_signed(str(challenge.state["wan"]), proof.credential)
        if person_id is None:
            raise Unauthenticated(_WRONG)
        await self.throttle.address_succeeded(door.address)
        return person_id

    async def new_question(self, person_id: str, asked: identity.NewPasskey) -> identity.PasskeyQuestion:
        """What a browser asks an authenticator that shall make a passkey. Raises InvalidInput for a name in use."""
        name = asked.name.strip()
        if not 1 <= len(name) <= _NAME or not name.isprintable():
            raise InvalidInput(f"A passkey's name has 1 to {_NAME} characters.", field="name")
        options, state = await self.auth.new_passkey_question(person_id, name)
        return await self._question(person_id, options, state, asked.door)

    async def add(self, person_id: str, asked: identity.AddPasskey) -> None:
        """Keep the passkey that was made."""
        challenge = await self.challenges.take(asked.passkey.challenge, asked.door.browser)
        if challenge.person_id != person_id or len(asked.passkey.credential) > _LONGEST:
            raise InvalidInput("That passkey was not asked for here. Begin again.")
        await self.auth.add_passkey(person_id, str(challenge.state["wan"]), asked.passkey.credential)

    async def of_person(self, person_id: str) -> identity.PasskeyList:
        """A person's passkeys."""
        rows = await self.repository.of_person(person_id)
        return identity.PasskeyList(
            tuple(identity.PasskeyView(row.id, row.name, row.created_at, row.last_used_at) for row in rows)
        )

    async def remove(self, person_id: str, passkey_id: str) -> None:
        """Forget one of a person's passkeys."""
        if not passkey_id:
            raise NotFound("No such passkey.")
        await self.repository.remove(person_id, passkey_id)

    async def _question(
        self, person_id: str, options: dict[str, object], state: str, door: identity.Door
    ) -> identity.PasskeyQuestion:
        secret = await self.challenges.new(Challenge(person_id, "", {"wan": state}, door.browser))
        return identity.PasskeyQuestion(msgspec.json.encode(options).decode(), secret)
