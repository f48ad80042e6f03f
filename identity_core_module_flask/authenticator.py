"""The second factor as Flask-Security uses it: codes of an app that work once, and hashed recovery codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask, current_app
from flask_security import Totp
from flask_security.recovery_codes import MfRecoveryCodesUtil
from passlib.totp import TOTP, TotpMatch, UsedTokenError

CODES = 10


class FactorStore(Protocol):
    """What is kept of second factors, for the threads of the sign-in application."""

    def last_counter(self, user: Any) -> int | None: ...

    def use_counter(self, user: Any, counter: int) -> bool: ...

    def replace_recovery_codes(self, user: Any, codes: list[str]) -> None: ...

    def spend_recovery_code(self, user: Any, code: str) -> bool: ...


def store() -> FactorStore:
    """That of the application which answers right now."""
    kept: FactorStore = current_app.extensions["security"].datastore
    return kept


class OnceOnlyTotp(Totp):  # type: ignore[misc]
    """Codes of 30 seconds; of several uses of a code, also at the same moment, one succeeds."""

    def __init__(self, secrets: dict[str, str], issuer: str, clock: Callable[[], float]) -> None:
        super().__init__(secrets, issuer)
        self._totp = TOTP.using(issuer=issuer, secrets=secrets, now=clock)

    def get_last_counter(self, user: Any) -> int | None:
        """The step of the code that was used last."""
        return store().last_counter(user)

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        """Use the code up; raises UsedTokenError when somebody else did meanwhile."""
        if not store().use_counter(user, tmatch.counter):
            raise UsedTokenError


class HashedRecoveryCodes(MfRecoveryCodesUtil):  # type: ignore[misc]
    """Recovery codes that are kept as hashes and spent by the check itself, so that each works once."""

    def __init__(self, app: Flask, generate: Callable[[int], list[str]]) -> None:
        super().__init__(app)
        self._generate = generate

    def create_recovery_codes(self, user: Any) -> list[str]:
        """New codes in place of all old ones."""
        codes = self._generate(CODES)
        store().replace_recovery_codes(user, codes)
        return codes

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Whether the code was good; it is not any more."""
        return store().spend_recovery_code(user, code)

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Done by the check."""
        return True
