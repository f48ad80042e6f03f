"""Seals a stream under a passphrase: scrypt makes the key, AES-256-GCM seals it in numbered chunks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import secrets
from datetime import datetime
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from flask_core.errors import InvalidInput

SHORTEST = 12
_MAGIC = b"waddlebot backup 1\n"
_CHUNK = 64 * 1024
_TAG = 16
_LONGEST_LINE = 4_096
_COST = 2**16
_MOST_COST = 2**18
_MEMORY = 512 * 1024 * 1024


class Header(msgspec.Struct, frozen=True):
    """What stands before the sealed part, for everybody to read; `salt` is base64."""

    made_at: datetime
    occasion: str
    version: str
    salt: str = ""
    cost: int = _COST


class _Keys:
    """What a passphrase and a salt make: one key seals, the other tells a wrong passphrase from a damaged file."""

    def __init__(self, passphrase: str, header: Header) -> None:
        made = hashlib.scrypt(
            passphrase.encode(), salt=base64.b64decode(header.salt), n=header.cost, r=8, p=1, maxmem=_MEMORY, dklen=64
        )
        self.gcm = AESGCM(made[:32])
        self._checking = made[32:]

    def check(self, line: bytes) -> bytes:
        return hmac.new(self._checking, line, hashlib.sha256).hexdigest().encode() + b"\n"


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


class Sealing:
    """Seals what is written into it. The key is new for each file, so that counting makes good nonces."""

    def __init__(self, file: BinaryIO, passphrase: str, header: Header) -> None:
        salted = msgspec.structs.replace(header, salt=base64.b64encode(secrets.token_bytes(16)).decode())
        line = msgspec.json.encode(salted) + b"\n"
        keys = _Keys(passphrase, salted)
        self._file = file
        self._gcm = keys.gcm
        self._bound_to = _MAGIC + line + keys.check(line)
        self._waiting = bytearray()
        self._number = 0
        file.write(self._bound_to)

    def write(self, data: bytes) -> None:
        """Seal some more. The last chunk waits, because it is sealed as the last."""
        self._waiting += data
        while len(self._waiting) > _CHUNK:
            self._seal(bytes(self._waiting[:_CHUNK]), last=False)
            del self._waiting[:_CHUNK]

    def finish(self) -> None:
        """Seal the last chunk."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._gcm.encrypt(_nonce(self._number, last=last), chunk, self._bound_to))
        self._number += 1


class Unsealing(io.RawIOBase):
    """What was sealed, to be read. Raises InvalidInput for a wrong passphrase, and as soon as a bit was changed."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file = file
        self.header, line, check = _beginning(file)
        keys = _Keys(passphrase, self.header)
        if not hmac.compare_digest(keys.check(line), check):
            raise InvalidInput("This passphrase does not open the backup.")
        self._gcm = keys.gcm
        self._bound_to = _MAGIC + line + check
        self._number = 0
        self._rest = b""
        self._next = file.read(_CHUNK + _TAG)
        self._over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest and not self._over:
            self._rest = self._open()
        part = self._rest[: len(buffer)]
        buffer[: len(part)] = part
        self._rest = self._rest[len(part) :]
        return len(part)

    def _open(self) -> bytes:
        chunk, self._next = self._next, self._file.read(_CHUNK + _TAG)
        self._over = not self._next
        try:
            opened = self._gcm.decrypt(_nonce(self._number, last=self._over), chunk, self._bound_to)
        except InvalidTag as error:
            raise damaged() from error
        self._number += 1
        return opened


def _beginning(file: BinaryIO) -> tuple[Header, bytes, bytes]:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise InvalidInput("This file is no backup of WaddleBot.")
    line, check = file.readline(_LONGEST_LINE), file.readline(_LONGEST_LINE)
    try:
        header = msgspec.json.decode(line, type=Header)
        base64.b64decode(header.salt, validate=True)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise damaged() from error
    if not 2 <= header.cost <= _MOST_COST or header.cost & (header.cost - 1):
        raise damaged()
    return header, line, check


def damaged() -> InvalidInput:
    """The sentence for a file that is not what was written."""
    return InvalidInput("This backup is damaged: it was changed after it was made, or its end is missing.")
