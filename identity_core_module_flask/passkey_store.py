"""Passkeys as Flask-Security uses them: its credentials over our rows, and what it asks of an authenticator."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from flask_security import UserMixin, WebAuthnMixin, WebauthnUtil
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from identity_core_module_flask.models import PasskeyRow

ORIGIN = "PASSKEY_ORIGIN"


class Passkey(WebAuthnMixin):
    """A passkey of ours; each is a way in by itself."""

    usage = "first"
    extensions: str | None = None
    backup_state = False
    device_type = ""

    def __init__(self, row: PasskeyRow) -> None:
        self.row = row
        self.name = row.name
        self.credential_id = base64url_to_bytes(row.credential_id)
        self.public_key = base64url_to_bytes(row.public_key)
        self.sign_count = row.sign_count
        self.transports = row.transports.split()
        self.lastuse_datetime = row.last_used_at or row.created_at

    def get_user_mapping(self) -> dict[str, str]:
        """By what the store finds the user."""
        return {"person_id": self.row.person_id}


def new_row(
    person_id: str,
    now: datetime,
    name: str,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    transports: list[Any],
) -> PasskeyRow:
    """What is kept of a passkey that was made just now."""
    words = " ".join(str(getattr(way, "value", way)) for way in transports)
    return PasskeyRow(
        id_of(credential_id), secrets.token_hex(8), person_id, name, bytes_to_base64url(public_key), sign_count,
        words[:120], now,
    )  # fmt: skip


def id_of(credential_id: bytes) -> str:
    """How the id of a credential is kept."""
    return bytes_to_base64url(credential_id)


class OurPasskeys(WebauthnUtil):
    """Passkeys that an authenticator offers by itself, and never without asking the person."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)

    def origin(self) -> str:
        """Where browsers see the portal, whose host is what passkeys are bound to."""
        return str(current_app.config[ORIGIN])

    def authenticator_selection(self, user: UserMixin, usage: str) -> AuthenticatorSelectionCriteria:
        """What an authenticator must be able to do."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )

    def user_verification(self, user: UserMixin | None, usage: list[str]) -> UserVerificationRequirement:
        """Whether an authenticator must know who is before it."""
        return UserVerificationRequirement.REQUIRED
