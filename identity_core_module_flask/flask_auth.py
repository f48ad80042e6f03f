"""Flask-Security, asked in process: what a password, an authenticator's code and a recovery code are worth."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask_core.contracts import identity
from flask_core.errors import InvalidInput
from identity_core_module_flask.credential_repository import CredentialRepository
from identity_core_module_flask.credential_store import CredentialStore
from identity_core_module_flask.models import StoredUser
from identity_core_module_flask.passkey_repository import PasskeyRepository
from identity_core_module_flask.passwords import LONGEST, folded
from identity_core_module_flask.sign_in_app import PREFIX, hashed_password, make_sign_in_app
from identity_core_module_flask.wsgi_bridge import Answer, WsgiBridge, wait_for

_OK = 200
_WRONG_CODE = "That code is wrong, too old, or was used already."


@dataclass(frozen=True, slots=True)
class Proof:
    """How far a password leads: to a person, or to `state`, with which the second factor goes on."""

    person_id: str
    state: dict[str, Any] | None = None


class FlaskAuth:
    """Nothing of the application is reachable from outside this process."""

    def __init__(
        self,
        credentials: CredentialRepository,
        passkeys: PasskeyRepository,
        keyed_hash: Callable[[str], str],
        clock: Callable[[], float] = time.time,
        *,
        origin: str,
    ) -> None:
        self._credentials = credentials
        self._passkeys = passkeys
        store = CredentialStore(credentials, passkeys, wait_for, lambda: datetime.fromtimestamp(clock(), UTC))
        address = urlsplit(origin)
        self._app = make_sign_in_app(store, keyed_hash, clock, f"{address.scheme}://{address.netloc}")
        self._bridge = WsgiBridge(self._app, host=address.hostname or "localhost")

    async def sign_in(self, email: str, password: str) -> Proof | None:
        """None for an unknown address as for a wrong password, in like time."""
        if not email or not password or max(len(email), len(password)) > 2 * LONGEST:
            return None
        answer = await self._bridge.post(f"{PREFIX}/login", {"email": email, "password": password})
        if answer.status != _OK:
            return None
        said = answer.body["response"]
        if said["tf_required"]:
            user = await self._credentials.find(uniquifier=answer.session["tf_user_id"])
            return None if user is None else Proof(user.person_id, answer.session)
        return Proof(said["user"]["person_id"])

    async def second_factor(self, state: dict[str, Any], code: str) -> str | None:
        """The person id when the code is the authenticator's, or one of the recovery codes."""
        digits = code.replace(" ", "")
        path = "tf-validate" if digits.isdigit() else "mf-recovery"
        answer = await self._bridge.post(f"{PREFIX}/{path}", {"code": digits[:32]}, state)
        return _entered(answer)

    async def hashed(self, password: str) -> str:
        """What is kept of a password."""
        return await self._bridge.run(lambda: hashed_password(self._app, password))

    async def change_password(self, person_id: str, old: str, new: str) -> None:
        """Raise InvalidInput for a wrong old password, or for what is wrong with the new one."""
        form = {"password": old[: 2 * LONGEST], "new_password": new[: 2 * LONGEST]}
        answer = await self._as(person_id, "change", {**form, "new_password_confirm": form["new_password"]})
        if answer.status == _OK:
            return
        wrong = answer.body["response"]["field_errors"]
        if "new_password" in wrong:
            raise InvalidInput(wrong["new_password"][0], field="new")
        raise InvalidInput("The old password is another one.", field="old")

    async def factors(self, person_id: str) -> identity.Factors:
        """Which second factors are set up; none for those who sign in with a platform alone."""
        user = await self._credentials.find(person_id=person_id)
        if user is None:
            return identity.Factors(False, 0, password=False)
        passkeys = len(await self._passkeys.of_person(person_id))
        left = await self._credentials.recovery_codes_left(person_id)
        return identity.Factors(user.totp_method is not None, left, passkeys)

    async def start_authenticator(self, person_id: str) -> identity.NewAuthenticator:
        """A new key; nothing changes before its first code was given."""
        said = (await self._as(person_id, "tf-setup", {"setup": "authenticator"})).body["response"]
        return identity.NewAuthenticator(said["tf_authr_key"], said["tf_authr_uri"], said["tf_state_token"])

    async def confirm_authenticator(self, person_id: str, state: str, code: str) -> list[str]:
        """Recovery codes, shown once. Raises InvalidInput for a wrong code and after ten minutes."""
        if not _fits_a_path(state):
            raise InvalidInput(_WRONG_CODE, field="code")
        answer = await self._as(person_id, f"tf-setup/{state}", {"code": code.replace(" ", "")[:32]})
        if answer.status != _OK:
            raise InvalidInput(_WRONG_CODE, field="code")
        return await self.new_recovery_codes(person_id)

    async def remove_authenticator(self, person_id: str) -> None:
        """Sign in without an authenticator again."""
        await self._as(person_id, "tf-setup", {"setup": "disable"})
        await self.drop_idle_codes(person_id)

    async def drop_idle_codes(self, person_id: str) -> None:
        """Without any second factor its recovery codes are of no more use."""
        factors = await self.factors(person_id)
        if not factors.authenticator and not factors.passkeys:
            await self._credentials.replace_recovery_codes(person_id, [])

    async def new_recovery_codes(self, person_id: str) -> list[str]:
        """New codes in place of all old ones."""
        answer = await self._as(person_id, "mf-recovery-codes", {})
        return list(answer.body["response"]["recovery_codes"])

    async def second_step(self, person_id: str) -> dict[str, Any]:
        """What `second_factor` goes on with for somebody whose second factor is a passkey."""
        return {"tf_user_id": (await self._user(person_id)).uniquifier, "tf_state": "ready"}

    async def passkey_question(self) -> tuple[dict[str, Any], str]:
        """What a browser asks its authenticators, and the state that the answer comes back with."""
        return _question(await self._bridge.post(f"{PREFIX}/wan-signin", {}))

    async def passkey_signed(self, state: str, credential: str) -> str | None:
        """The person id when the answer is good."""
        answer = await self._bridge.post(f"{PREFIX}/wan-signin/{state}", {"credential": credential})
        return _entered(answer)

    async def new_passkey_question(self, person_id: str, name: str) -> tuple[dict[str, Any], str]:
        """What a browser asks an authenticator to make. Raises InvalidInput for a name in use."""
        answer = await self._as(person_id, "wan-register", {"name": name, "usage": "first"})
        if answer.status != _OK:
            raise InvalidInput("You have a passkey of that name already.", field="name")
        return _question(answer)

    async def add_passkey(self, person_id: str, state: str, credential: str) -> None:
        """Keep what the authenticator made. Raises InvalidInput for anything else."""
        answer = await self._as(person_id, f"wan-register/{state}", {"credential": credential})
        if answer.status != _OK:
            raise InvalidInput("That passkey could not be added. Begin again.")

    async def _as(self, person_id: str, path: str, form: dict[str, Any]) -> Answer:
        """A request of somebody whose session identity has verified."""
        user = await self._user(person_id)
        return await self._bridge.post(f"{PREFIX}/{path}", form, {"_user_id": user.uniquifier, "_fresh": True})

    async def _user(self, person_id: str) -> StoredUser:
        user = await self._credentials.find(person_id=person_id)
        if user is None or not user.active:
            raise InvalidInput("There is no password here to sign in with.")
        return user

    async def close(self) -> None:
        """End the threads."""
        await self._bridge.close()


def account_of(email: str) -> str:
    """By what failures are counted: the address as it is compared."""
    return folded(email)[:LONGEST]


def _entered(answer: Answer) -> str | None:
    """Whom the application let in; a 200 alone tells nothing, a form without anything to check has one, too."""
    if answer.status != _OK or "_user_id" not in answer.session:
        return None
    return str(answer.body["response"]["user"]["person_id"])


def _question(answer: Answer) -> tuple[dict[str, Any], str]:
    said = answer.body["response"]
    return said["credential_options"], said["wan_state"]


def _fits_a_path(state: str) -> bool:
    return 0 < len(state) <= 1_000 and all(part.isalnum() or part in "-_." for part in state)
