"""Signing in: the first operator, passwords, passkeys, second factors. Flask-Security says what they are worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_core.auth import hashed, new_secret, utc_now
from flask_core.contracts import identity
from flask_core.errors import InvalidInput, NotFound, Unauthenticated
from identity_core_module_flask.challenges import Challenge, Challenges
from identity_core_module_flask.flask_auth import FlaskAuth, Proof, account_of
from identity_core_module_flask.models import PersonRow
from identity_core_module_flask.passkeys import Passkeys
from identity_core_module_flask.passwords import check_password, folded
from identity_core_module_flask.person_repository import PersonRepository
from identity_core_module_flask.sessions import Sessions
from identity_core_module_flask.throttle import Throttle

NAME, EMAIL = 64, 254
_WRONG = "That address and password do not belong together."
_NO_LINK = "This link was used or is too old. A new one is printed at every start."


@dataclass(frozen=True, slots=True)
class SignIn:
    """Every way in ends in a session of `Sessions`."""

    repository: PersonRepository
    auth: FlaskAuth
    passkeys: Passkeys
    throttle: Throttle
    challenges: Challenges
    sessions: Sessions
    now: Callable[[], datetime] = utc_now

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
        name, email = asked.name.strip(), folded(asked.email)
        if not 1 <= len(name) <= NAME:
            raise InvalidInput(f"A name has 1 to {NAME} characters.", field="name")
        if not 3 <= len(email) <= EMAIL or "@" not in email[1:-1]:
            raise InvalidInput("Write an e-mail address; nothing is sent to it.", field="email")
        check_password(asked.password, name=name, email=email)
        if not (await self.set_up_state(asked.token)).open:
            raise NotFound(_NO_LINK)
        password = await self.auth.hashed(asked.password)
        person = await self.repository.first_operator(hashed(asked.token), name, email, password, self.now())
        if person is None:
            raise NotFound(_NO_LINK)
        return await self.sessions.open(person, asked.door.browser)

    async def sign_in(self, asked: identity.SignIn) -> identity.NewSession:
        """A session for the right password, or a challenge where a second factor is set up.

        The same words, in like time, for an unknown address as for a wrong password.
        """
        account = account_of(asked.email)
        proof = await self._password(account, asked.password, asked.door)
        if proof.state is not None:
            factors = await self.auth.factors(proof.person_id)
            challenge = Challenge(proof.person_id, account, proof.state, asked.door.browser)
            return await self._ask_for_factor(challenge, factors)
        return await self.sessions.open(await self._person(proof.person_id), asked.door.browser)

    async def _ask_for_factor(self, challenge: Challenge, factors: identity.Factors) -> identity.NewSession:
        return identity.NewSession(
            "", "", "", False, 0, await self.challenges.new(challenge), factors.authenticator, factors.passkeys > 0
        )

    async def sign_in_with_passkey(self, asked: identity.PasskeySignIn) -> identity.NewSession:
        """A session for whoever the passkey belongs to; the authenticator asked them, so it is two factors in one."""
        person = await self._person(await self.passkeys.person_of(asked.passkey, asked.door))
        return await self.sessions.open(person, asked.door.browser, second_factor=True)

    async def proved_elsewhere(self, person: PersonRow, door: identity.Door) -> identity.NewSession:
        """As `sign_in`, for somebody whom a platform has proved."""
        factors = await self.auth.factors(person.id)
        if factors.authenticator or factors.passkeys:
            state = await self.auth.second_step(person.id)
            return await self._ask_for_factor(Challenge(person.id, person.id, state, door.browser), factors)
        return await self.sessions.open(person, door.browser)

    async def _password(self, account: str, password: str, door: identity.Door) -> Proof:
        await self.throttle.admit(account, door.address)
        proof = await self.auth.sign_in(account, password)
        if proof is None:
            raise Unauthenticated(_WRONG)
        await self.throttle.succeeded(account, door.address)
        if proof.state is None and await self.passkeys.repository.of_person(proof.person_id):
            return Proof(proof.person_id, await self.auth.second_step(proof.person_id))
        return proof

    async def second_factor(self, asked: identity.SecondFactor) -> identity.NewSession:
        """A session for the right code, of the authenticator or out of the recovery codes, or for a passkey."""
        challenge = await self.challenges.take(asked.challenge, asked.door.browser)
        try:
            await self._factor(challenge, asked.code, asked.passkey, asked.door)
        except Unauthenticated:
            await self.challenges.give_back(asked.challenge, challenge)
            raise
        person = await self._person(challenge.person_id)
        return await self.sessions.open(person, asked.door.browser, second_factor=True)

    async def _factor(
        self, challenge: Challenge, code: str, passkey: identity.PasskeyProof | None, door: identity.Door
    ) -> None:
        if passkey is None:
            await self._code(challenge, code, door)
        elif await self.passkeys.person_of(passkey, door) != challenge.person_id:
            raise Unauthenticated("That passkey is somebody else's.")

    async def _code(self, challenge: Challenge, code: str, door: identity.Door) -> None:
        factor = f"second factor {challenge.person_id}"
        await self.throttle.admit(factor, door.address)
        if await self.auth.second_factor(challenge.state, code) != challenge.person_id:
            raise Unauthenticated("That code is wrong, too old, or was used already.")
        await self.throttle.succeeded(factor, door.address)

    async def step_up(self, asked: identity.StepUp) -> identity.NewSession:
        """Sign in again in place: the session goes on under a new secret, as one that begins now."""
        present = await self.sessions.verify(asked.secret)
        if asked.passkey is not None:
            if await self.passkeys.person_of(asked.passkey, asked.door) != present.person_id:
                raise Unauthenticated("That passkey is somebody else's.")
            return await self.sessions.renew(asked.secret, second_factor=True)
        account = account_of(await self.repository.email(present.person_id))
        proof = await self._password(account, asked.password, asked.door)
        if proof.state is not None:
            challenge = Challenge(proof.person_id, account, proof.state, asked.door.browser)
            await self._code(challenge, asked.code, asked.door)
        return await self.sessions.renew(asked.secret, second_factor=proof.state is not None)

    async def change_password(self, person_id: str, asked: identity.ChangePassword) -> None:
        """A new password; all other sessions end."""
        account = f"change {person_id}"
        await self.throttle.admit(account, "")
        await self.auth.change_password(person_id, asked.old, asked.new)
        await self.throttle.succeeded(account, "")
        await self.sessions.end_others(person_id, asked.session_id, "password changed")

    async def confirm_authenticator(
        self, person_id: str, asked: identity.ConfirmAuthenticator
    ) -> identity.RecoveryCodes:
        """The authenticator counts from now on, in this session too."""
        account = f"authenticator {person_id}"
        await self.throttle.admit(account, "")
        codes = await self.auth.confirm_authenticator(person_id, asked.state, asked.code)
        await self.throttle.succeeded(account, "")
        await self.sessions.note(person_id, "authenticator set up")
        await self.sessions.proved(person_id, asked.session_id)
        return identity.RecoveryCodes(tuple(codes))

    async def remove_authenticator(self, person_id: str) -> None:
        """Sign in with the password alone again."""
        await self.auth.remove_authenticator(person_id)
        await self.sessions.note(person_id, "authenticator removed")

    async def add_passkey(self, person_id: str, asked: identity.AddPasskey) -> identity.RecoveryCodes:
        """The passkey counts from now on; with the first second factor come recovery codes."""
        await self.passkeys.add(person_id, asked)
        await self.sessions.note(person_id, "passkey added")
        await self.sessions.proved(person_id, asked.session_id)
        if (await self.auth.factors(person_id)).recovery_codes:
            return identity.RecoveryCodes(())
        return identity.RecoveryCodes(tuple(await self.auth.new_recovery_codes(person_id)))

    async def remove_passkey(self, person_id: str, passkey_id: str) -> None:
        """The passkey opens nothing any more."""
        await self.passkeys.remove(person_id, passkey_id)
        await self.auth.drop_idle_codes(person_id)
        await self.sessions.note(person_id, "passkey removed")

    async def new_recovery_codes(self, person_id: str) -> identity.RecoveryCodes:
        """New recovery codes in place of all old ones."""
        codes = await self.auth.new_recovery_codes(person_id)
        await self.sessions.note(person_id, "recovery codes replaced")
        return identity.RecoveryCodes(tuple(codes))

    async def _person(self, person_id: str) -> PersonRow:
        person = await self.repository.person(person_id)
        if person is None or person.state != "active":
            raise Unauthenticated(_WRONG)
        return person
