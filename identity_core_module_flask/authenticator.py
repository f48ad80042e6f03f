"""The second factor as Flask-Security uses it: codes of an app that work once, and hashed recovery codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import current_app
from flask_security import Totp
from flask_security.recovery_codes import MfRecoveryCodesUtil
from passlib.totp import TOTP, TotpMatch, UsedTokenError  # type: ignore[import-untyped]

RECOVERY_CODES = 10


class FactorStore(Protocol):
    """What the datastore of the sign-in application does for second factors."""

    def last_counter(self, user: Any) -> int | None: ...

    def use_counter(self, user: Any, counter: int) -> bool: ...

    def replace_recovery_codes(self, user: Any, codes: list[str]) -> None: ...

    def spend_recovery_code(self, user: Any, code: str) -> bool: ...


def _store() -> FactorStore:
    kept: FactorStore = current_app.extensions["security"].datastore
    return kept


class OnceOnlyTotp(Totp):
    """Codes of 30 seconds; of several uses of a code, also at the same moment, one succeeds."""

    clock: Callable[[], float]

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        self._totp = TOTP.using(issuer=issuer, secrets=secrets, now=type(self).clock)

    def get_last_counter(self, user: Any) -> int | None:
        """The step of the code that was used last."""
        return _store().last_counter(user)

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        """Use the code up; raises UsedTokenError when somebody else did meanwhile."""
        if not _store().use_counter(user, tmatch.counter):
            raise UsedTokenError


def once_only_totp(clock: Callable[[], float]) -> type[Totp]:
    """The class of codes that go by `clock`: seconds since 1970. Flask-Security makes its own instance."""
    return type("ClockedTotp", (OnceOnlyTotp,), {"clock": staticmethod(clock)})


class HashedRecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes that are kept as hashes and spent by the check itself, so that each works once."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        """New codes in place of all old ones."""
        totp: Totp = current_app.extensions["security"].totp_factory
        codes: list[str] = totp.generate_recovery_codes(RECOVERY_CODES)
        _store().replace_recovery_codes(user, codes)
        return codes

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Whether the code was good; it is not any more."""
        return _store().spend_recovery_code(user, code.strip().lower())

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Done by the check."""
        return True
