"""The settings of browser_source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import Env, ServiceConfig

MODULE = module_info(__file__)


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """Sockets per process, pages per overlay, seconds that an old address goes on working."""

    max_connections: int
    pages_per_overlay: int
    rotate_grace_seconds: int
    portal_origin: str

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `BROWSER_SOURCE_…` wins over the common name."""
        env = Env("BROWSER_SOURCE", values)
        common = cls.common(env, port=MODULE.port, data_name=MODULE.name)
        return cls(
            **common,
            max_connections=env.integer("MAX_CONNECTIONS", 5_000),
            pages_per_overlay=env.integer("PAGES_PER_OVERLAY", 20),
            rotate_grace_seconds=env.integer("ROTATE_GRACE_SECONDS", 300),
            portal_origin=env.text("PORTAL_ORIGIN", common["public_url"] or "http://localhost:8080"),
        )
