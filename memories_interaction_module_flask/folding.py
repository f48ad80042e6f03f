"""Texts as search and the duplicate guard see them: without case, accents, punctuation and extra spaces."""

from __future__ import annotations

import hashlib
import unicodedata


def fold(text: str) -> str:
    """`Für  "ELISE"!` becomes `fur elise`; a text of marks alone stays itself, so that two of them differ."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(
        " " if unicodedata.category(character)[0] in "PZSC" else character
        for character in plain
        if not unicodedata.combining(character)
    )
    return " ".join(kept.split()) or text.strip()


def text_hash(*parts: str) -> str:
    """By which the same text is recognized."""
    return hashlib.sha256("\n".join(fold(part) for part in parts if part).encode("utf-8", "replace")).hexdigest()[:32]
