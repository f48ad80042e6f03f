"""Identity's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import Env, ServiceConfig

MODULE = module_info(__file__)


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`session_hours` without use and `session_days` in all end a session; `portal_url` stands in the set-up link.

    `max_keys` API keys work per person; a code that links accounts works for `code_minutes`.
    """

    session_hours: int
    session_days: int
    portal_url: str
    max_keys: int
    code_minutes: int

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `IDENTITY_…` wins over the common name."""
        env = Env("IDENTITY", values)
        common = cls.common(env, port=MODULE.port, data_name=MODULE.name)
        return cls(
            **common,
            session_hours=env.integer("SESSION_HOURS", 8),
            session_days=env.integer("SESSION_DAYS", 30),
            code_minutes=env.integer("CODE_MINUTES", 10),
            max_keys=env.integer("MAX_KEYS", 5),
            portal_url=env.text("PORTAL_URL", common["public_url"] or "http://localhost:8080"),
        )
