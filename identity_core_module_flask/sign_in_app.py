"""The small Flask application in which Flask-Security decides about passwords, passkeys and second factors.

It has no port and no cookies: it is called through the bridge alone, and the session of a call is handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from flask_security import MailUtil, PasswordUtil, Security, hash_password

from identity_core_module_flask.authenticator import RECOVERY_CODES, HashedRecoveryCodes, once_only_totp
from identity_core_module_flask.credential_store import CredentialStore
from identity_core_module_flask.passkey_store import ORIGIN, OurPasskeys
from identity_core_module_flask.passwords import folded, normalized, objection
from identity_core_module_flask.wsgi_bridge import SESSION

PREFIX = "/auth"
ISSUER = "WaddleBot"


class CallSession(dict[str, Any], SessionMixin):
    """What the application remembers of a caller during one call."""


class HandedIn(SessionInterface):
    """The session is what the caller of the bridge handed in, and goes back to it."""

    def open_session(self, app: Flask, request: Request) -> CallSession:
        """The caller's session."""
        session = CallSession(request.environ[SESSION])
        request.environ[SESSION] = session
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to do: the caller reads it from the environment."""


class OurPasswords(PasswordUtil):
    """Our rule on new passwords."""

    def normalize(self, password: str) -> str:
        """The one form in which a password is hashed."""
        return normalized(password)

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """Objections to a new password of `user`, and its one form."""
        said = objection(password, kwargs["user"].own_words)
        return ([said] if said else None), normalized(password)


class NoMail(MailUtil):
    """Addresses are compared as they are kept; nothing is ever sent from here."""

    def normalize(self, email: str) -> str:
        """Folded."""
        return folded(email)


def make_sign_in_app(
    store: CredentialStore, keyed_hash: Callable[[str], str], clock: Callable[[], float], origin: str
) -> Flask:
    """The application. Its secrets are derived by `keyed_hash`, so they are the same in every replica.

    `clock` gives seconds since 1970 for the codes of authenticators; `origin` is where browsers see the portal.
    """
    app = Flask("identity_sign_in", static_folder=None)
    app.session_interface = HandedIn()
    app.config.update(_SETTINGS)
    app.config[ORIGIN] = origin
    app.config["SECRET_KEY"] = keyed_hash("sign-in application: signing")
    app.config["SECURITY_PASSWORD_SALT"] = keyed_hash("sign-in application: passwords")
    app.config["SECURITY_TOTP_SECRETS"] = {"1": keyed_hash("sign-in application: authenticators")}
    Security(
        app,
        store,
        password_util_cls=OurPasswords,
        mail_util_cls=NoMail,
        totp_cls=once_only_totp(clock),
        mf_recovery_codes_util_cls=HashedRecoveryCodes,
        webauthn_util_cls=OurPasskeys,
    )
    return app


def hashed_password(app: Flask, password: str) -> str:
    """What is kept of a password. Takes a tenth of a second: call it in the bridge."""
    with app.app_context():
        return str(hash_password(normalized(password)))


_SETTINGS = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_TOTP_ISSUER": ISSUER,
    "SECURITY_URL_PREFIX": PREFIX,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
    "SECURITY_TWO_FACTOR_SETUP_WITHIN": timedelta(minutes=10),
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
    "SECURITY_WEBAUTHN": True,
    "SECURITY_WAN_RP_NAME": ISSUER,
    "SECURITY_WAN_ALLOW_USER_HINTS": False,
    "SECURITY_WAN_NAME_ALLOWED_CHARS": None,
    # As long as the challenge beside it, which is taken once.
    "SECURITY_WAN_SIGNIN_WITHIN": timedelta(minutes=5),
    "SECURITY_WAN_REGISTER_WITHIN": timedelta(minutes=5),
    # Freshness is checked at our door, by the session that identity keeps.
    "SECURITY_FRESHNESS": timedelta(seconds=-1),
    "SECURITY_API_ENABLED_METHODS": ["session"],
    # Forms and their protection are the portal's; no browser ever reaches this application.
    "WTF_CSRF_ENABLED": False,
    # What goes wrong is the caller's to tell, as it is for every other module.
    "PROPAGATE_EXCEPTIONS": True,
}
