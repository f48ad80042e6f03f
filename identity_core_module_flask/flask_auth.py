"""Flask-Security, asked in process: what a password, an authenticator's code and a recovery code are worth."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_core.contracts import identity
from flask_core.errors import InvalidInput
from identity_core_module_flask.credential_repository import CredentialRepository
from identity_core_module_flask.credential_store import CredentialStore
from identity_core_module_flask.models import StoredUser
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
        keyed_hash: Callable[[str], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = credentials
        self._app = make_sign_in_app(CredentialStore(credentials, wait_for), keyed_hash, clock)
        self._bridge = WsgiBridge(self._app)

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

    async def factor_after(self, person_id: str) -> dict[str, Any] | None:
        """With what the second factor goes on for somebody whom a platform has proved; None where none is set up."""
        user = await self._credentials.find(person_id=person_id)
        if user is None or user.totp_method is None:
            return None
        return {"tf_user_id": user.uniquifier, "tf_state": "ready"}

    async def second_factor(self, state: dict[str, Any], code: str) -> str | None:
        """The person id when the code is the authenticator's, or one of the recovery codes."""
        digits = code.replace(" ", "")
        path = "tf-validate" if digits.isdigit() else "mf-recovery"
        answer = await self._bridge.post(f"{PREFIX}/{path}", {"code": digits[:32]}, state)
        return str(answer.body["response"]["user"]["person_id"]) if answer.status == _OK else None

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
        """Which second factors are set up."""
        user = await self._user(person_id)
        return identity.Factors(user.totp_method is not None, await self._credentials.recovery_codes_left(person_id))

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
        """Sign in without a second factor again; its recovery codes are of no more use."""
        await self._as(person_id, "tf-setup", {"setup": "disable"})
        await self._credentials.replace_recovery_codes(person_id, [])

    async def new_recovery_codes(self, person_id: str) -> list[str]:
        """New codes in place of all old ones."""
        answer = await self._as(person_id, "mf-recovery-codes", {})
        return list(answer.body["response"]["recovery_codes"])

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


def _fits_a_path(state: str) -> bool:
    return 0 < len(state) <= 1_000 and all(part.isalnum() or part in "-_." for part in state)
