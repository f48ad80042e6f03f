"""Secrets at rest: sealed with AES-256-GCM under keys that can be rotated, or hashed with a key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from flask_core.config import ConfigError
from flask_core.errors import Unavailable

_KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_CHARACTERS = 8


def new_key() -> str:
    """A random key in the form that `WADDLEBOT_ENCRYPTION_KEYS` takes."""
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


class Sealer:
    """`keys` are base64 texts of 32 bytes separated by commas: the first seals, all of them open."""

    def __init__(self, keys: str) -> None:
        self._keys: dict[str, AESGCM] = {}
        self._hash_key = b""
        for text in keys.split(","):
            key = _decoded(text.strip())
            key_id = hashlib.sha256(b"waddlebot key id" + key).hexdigest()[:_ID_CHARACTERS]
            self._keys[key_id] = AESGCM(key)
            # The oldest key hashes: hashes cannot be rotated, and every key stays as long as it opens something.
            self._hash_key = hashlib.sha256(b"waddlebot hash" + key).digest()
        self._first = next(iter(self._keys))

    def seal(self, secret: str | bytes) -> str:
        """A text that only the keys open; the same secret gives another text every time."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = secret.encode() if isinstance(secret, str) else secret
        sealed = nonce + self._keys[self._first].encrypt(nonce, plain, self._first.encode())
        return f"{self._first}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str) -> bytes:
        """What was sealed; raises Unavailable when the key is gone or the text was changed."""
        key_id, _, text = sealed.partition(".")
        try:
            raw = base64.urlsafe_b64decode(text)
            return self._keys[key_id].decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], key_id.encode())
        except (KeyError, InvalidTag, binascii.Error, ValueError) as error:
            raise Unavailable("A stored secret cannot be opened with the present keys.") from error

    def keyed_hash(self, text: str) -> str:
        """What is stored of a short secret such as a code: HMAC-SHA256, useless without the key."""
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).hexdigest()


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ConfigError("WADDLEBOT_ENCRYPTION_KEYS must be base64 texts of 32 bytes, separated by commas.")
    return key
