"""Receipts of what was erased: signed with Ed25519, by a key that every replica derives alike."""

from __future__ import annotations

import base64
from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flask_core.contracts.data_desk import SignedReceipt
from identity_core_module_flask.desk.models import Whole


class Receipts:
    """Names no person: the number, the times, and what each module erased and kept."""

    def __init__(self, keyed_hash: Callable[[str], str]) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(keyed_hash("data desk: receipts")))
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public_key = base64.b64encode(raw).decode()

    def sign(self, whole: Whole) -> SignedReceipt:
        """The receipt of a request whose parts are all done."""
        request = whole.request
        text = msgspec.json.encode(
            {
                "number": request.number,
                "asked_at": request.asked_at,
                "began_at": request.due_at,
                "done_at": request.done_at,
                "modules": {one.module: {"erased": one.counts, "kept": one.kept} for one in whole.parts},
            }
        )
        signature = base64.b64encode(self._key.sign(text)).decode()
        return SignedReceipt(text.decode(), signature, self.public_key)
