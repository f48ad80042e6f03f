"""Flask-Security's datastore over our tables: users are found and saved through the module's database."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Protocol

from flask_security import RoleMixin, UserMixin
from flask_security.datastore import Datastore, UserDatastore

from flask_core.auth import utc_now
from identity_core_module_flask.models import PasskeyRow, StoredUser
from identity_core_module_flask.passkey_store import Passkey, id_of, new_row
from identity_core_module_flask.passwords import folded

# What Flask-Security calls a column, and what the table calls it.
COLUMNS = {
    "password": "password",
    "fs_uniquifier": "fs_uniquifier",
    "tf_primary_method": "totp_method",
    "tf_totp_secret": "totp_secret",
    "fs_webauthn_user_handle": "passkey_handle",
}


class Credentials(Protocol):
    """Where credentials are kept."""

    async def find(self, *, address: str = "", uniquifier: str = "", person_id: str = "") -> StoredUser | None: ...

    async def save(self, person_id: str, columns: dict[str, str | None]) -> None: ...

    async def use_counter(self, person_id: str, counter: int) -> bool: ...

    async def replace_recovery_codes(self, person_id: str, codes: list[str]) -> None: ...

    async def spend_recovery_code(self, person_id: str, code: str) -> bool: ...

    async def recovery_codes_left(self, person_id: str) -> int: ...


class PublicKeys(Protocol):
    """Where passkeys are kept."""

    async def of_person(self, person_id: str) -> list[PasskeyRow]: ...

    async def find(self, credential_id: str) -> PasskeyRow | None: ...

    async def add(self, passkey: PasskeyRow) -> None: ...

    async def used(self, credential_id: str, sign_count: int, now: datetime) -> None: ...


class Waits(Protocol):
    """Waits, in a thread, for a coroutine of the loop."""

    def __call__[R](self, work: Coroutine[Any, Any, R]) -> R: ...


class Role(RoleMixin):
    """Flask-Security wants a role class; what people may do is decided by community, so nobody has one."""

    name = ""


class User(UserMixin):
    """A person's credentials. Flask-Security looks for its columns on the class, hence the empty ones."""

    email = ""
    password: str | None = None
    active = True
    fs_uniquifier = ""
    tf_primary_method: str | None = None
    tf_totp_secret: str | None = None
    tf_phone_number: str | None = None
    mf_recovery_codes: list[str] | None = None
    fs_webauthn_user_handle: Any = None
    roles: list[RoleMixin] = []  # noqa: RUF012 - read by Flask-Security, changed by nobody

    def __init__(self, stored: StoredUser, passkeys: Callable[[], list[Passkey]]) -> None:
        self._passkeys = passkeys
        self.person_id = stored.person_id
        self.email = stored.address
        self.own_words = (stored.name, stored.address)
        self.password = stored.password_hash
        self.active = stored.active
        self.fs_uniquifier = stored.uniquifier
        self.tf_primary_method = stored.totp_method
        self.tf_totp_secret = stored.totp_secret
        self.last_counter = stored.totp_counter
        self.fs_webauthn_user_handle = stored.passkey_handle
        self.saved = self.columns()

    def columns(self) -> dict[str, str | None]:
        """What a request may change, by the names of our columns."""
        return {column: getattr(self, name) for name, column in COLUMNS.items()}

    @property
    def webauthn(self) -> list[Passkey]:  # type: ignore[override]
        """The user's passkeys."""
        return self._passkeys()

    def calc_username(self) -> str:
        """What an authenticator shows beside the passkey."""
        return self.email

    def get_security_payload(self) -> dict[str, str]:
        """All that an answer says about the user."""
        return {"person_id": self.person_id}


class CredentialStore(Datastore, UserDatastore):
    """No transaction is open while a password is hashed: what happens once only is a statement of its own."""

    def __init__(
        self, credentials: Credentials, passkeys: PublicKeys, wait: Waits, now: Callable[[], datetime] = utc_now
    ) -> None:
        Datastore.__init__(self, credentials)  # type: ignore[no-untyped-call]
        UserDatastore.__init__(self, User, Role, webauthn_model=Passkey)
        self._credentials = credentials
        self._passkeys = passkeys
        self._now = now
        self._wait = wait

    def find_user(self, case_insensitive: bool = False, **by: Any) -> User | None:
        """The user with this `email`, `fs_uniquifier` or `person_id`."""
        ((name, value),) = by.items()
        if name == "email":
            stored = self._wait(self._credentials.find(address=folded(str(value))))
        elif name == "person_id":
            stored = self._wait(self._credentials.find(person_id=str(value)))
        else:
            stored = self._wait(self._credentials.find(uniquifier=str(value)))
        return None if stored is None else User(stored, lambda: self._passkeys_of(stored.person_id))

    def _passkeys_of(self, person_id: str) -> list[Passkey]:
        return [Passkey(row) for row in self._wait(self._passkeys.of_person(person_id))]

    def find_role(self, role: str) -> None:
        """Nobody has one."""

    def put(self, model: User | Passkey) -> User | Passkey:
        """Save what was changed. Every view puts what it changed before it answers."""
        if isinstance(model, Passkey):
            self._wait(self._passkeys.used(model.row.credential_id, model.sign_count, self._now()))
            return model
        now = model.columns()
        changed = {column: value for column, value in now.items() if model.saved[column] != value}
        if changed:
            self._wait(self._credentials.save(model.person_id, changed))
            model.saved = now
        return model

    def find_webauthn(self, credential_id: bytes) -> Passkey | None:
        """The passkey with that id."""
        row = self._wait(self._passkeys.find(id_of(credential_id)))
        return None if row is None else Passkey(row)

    def create_webauthn(self, user: Any, **made: Any) -> None:  # type: ignore[override]
        """Keep a passkey that was made for the user."""
        known = {name: made[name] for name in ("name", "credential_id", "public_key", "sign_count")}
        row = new_row(user.person_id, self._now(), **known, transports=made.get("transports") or [])
        self._wait(self._passkeys.add(row))

    def last_counter(self, user: User) -> int | None:
        """The step of the code that was used last."""
        return user.last_counter

    def use_counter(self, user: User, counter: int) -> bool:
        """Use a step up; False when it, or a later one, was used already."""
        return self._wait(self._credentials.use_counter(user.person_id, counter))

    def replace_recovery_codes(self, user: User, codes: list[str]) -> None:
        """New codes in place of all old ones."""
        self._wait(self._credentials.replace_recovery_codes(user.person_id, codes))

    def spend_recovery_code(self, user: User, code: str) -> bool:
        """Whether the code was good; it is not any more."""
        return self._wait(self._credentials.spend_recovery_code(user.person_id, code))

    def mf_get_recovery_codes(self, user: Any) -> list[str]:
        """One mark per code that is left: hashes tell nothing but their number."""
        return ["left"] * self._wait(self._credentials.recovery_codes_left(user.person_id))
