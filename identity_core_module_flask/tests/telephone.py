"""A telephone that keeps passkeys: what an authenticator and a browser do between them, in software."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

ORIGIN = "http://localhost:8080"
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Telephone:
    """`knows_owner` is whether it asked for a finger before it signed; `count` is what its counter says next."""

    origin: str = ORIGIN
    knows_owner: bool = True
    count: int = 1
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    handle: str = ""

    def make(self, options: str) -> str:
        """A new passkey, as the browser hands it on."""
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + public
        facts = self._facts(asked["rp"]["id"], _ATTESTED, attested)
        kept = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": facts})
        made = {"attestationObject": bytes_to_base64url(kept), "transports": ["internal"]}
        return self._told("webauthn.create", asked, made)

    def sign(self, options: str) -> str:
        """The answer to a question, as the browser hands it on."""
        asked = json.loads(options)
        facts = self._facts(asked["rpId"])
        signed = facts + hashlib.sha256(self._client_data("webauthn.get", asked)).digest()
        answer = {
            "authenticatorData": bytes_to_base64url(facts),
            "signature": bytes_to_base64url(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self.handle,
        }
        return self._told("webauthn.get", asked, answer)

    def _facts(self, host: str, more: int = 0, attested: bytes = b"") -> bytes:
        flags = _PRESENT | (_VERIFIED if self.knows_owner else 0) | more
        facts = hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4) + attested
        self.count += 1
        return facts

    def _client_data(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _told(self, kind: str, asked: dict[str, Any], answer: dict[str, Any]) -> str:
        known = bytes_to_base64url(self.credential_id)
        response = {**answer, "clientDataJSON": bytes_to_base64url(self._client_data(kind, asked))}
        return json.dumps({"id": known, "rawId": known, "type": "public-key", "response": response})


def forged(credential: str) -> str:
    """The same answer with a signature of nobody."""
    said = json.loads(credential)
    signature = bytearray(base64url_to_bytes(said["response"]["signature"]))
    signature[-1] ^= 1
    said["response"]["signature"] = bytes_to_base64url(bytes(signature))
    return json.dumps(said)
