"""The operator's settings of the importer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from flask_core.config import Env


@dataclass(frozen=True, slots=True)
class ImportConfig:
    """Without Nightbot's client only files come from there. `pause` is seconds between two questions to Nightbot."""

    nightbot_client_id: str
    nightbot_client_secret: str = field(repr=False)
    nightbot_url: str
    streamelements_url: str
    pause: float

    @classmethod
    def from_env(cls, env: Env) -> Self:
        """Read them."""
        return cls(
            nightbot_client_id=env.text("NIGHTBOT_CLIENT_ID", ""),
            nightbot_client_secret=env.text("NIGHTBOT_CLIENT_SECRET", ""),
            nightbot_url=env.text("NIGHTBOT_URL", "https://api.nightbot.tv").rstrip("/"),
            streamelements_url=env.text("STREAMELEMENTS_URL", "https://api.streamelements.com").rstrip("/"),
            pause=env.integer("IMPORT_PAUSE_MS", 1_000) / 1_000,
        )
