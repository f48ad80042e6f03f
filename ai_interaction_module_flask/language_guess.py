"""Which language a line is in, found here without asking anybody."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

LEAST_LETTERS, LEAST_CONFIDENCE = 12, 0.8


@dataclass(slots=True)
class LanguageGuess:
    """py3langid, loaded at the first line."""

    _identifier: Any = None
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, text: str, languages: Collection[str]) -> tuple[str, float]:
        """The likeliest of these languages, and how sure it is (0 to 1)."""
        async with self._loading:
            if self._identifier is None:
                self._identifier = await asyncio.to_thread(_load)
        found = [(code, chance) for code, chance in self._identifier.rank(text) if code in languages]
        total = sum(chance for _, chance in found)
        if not found or total <= 0:
            return "", 0.0
        code, chance = max(found, key=lambda one: one[1])
        return code, float(chance / total)


def _load() -> Any:
    library = importlib.import_module("py3langid.langid")
    return library.LanguageIdentifier.from_model_file(library.MODEL_FILE, norm_probs=True)
