"""Ids of buttons, menus and pages: with a keyed check, so that nobody makes one up, or one out of another."""

from __future__ import annotations

import hmac

from flask_core.encryption import Sealer

_CHECK_CHARACTERS = 8


class CustomIds:
    """32 bits of the check go with each id."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def made(self, named: str) -> str:
        """The id that Discord is given."""
        return f"{named}:{self._check(named)}"

    def opened(self, custom_id: str) -> str:
        """What it names; "" for one that is not the bot's."""
        named, _, check = custom_id.rpartition(":")
        return named if hmac.compare_digest(check.encode(), self._check(named).encode()) else ""

    def _check(self, named: str) -> str:
        return self._sealer.keyed_hash(f"discord: custom id {named}")[:_CHECK_CHARACTERS]
