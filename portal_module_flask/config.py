"""The portal's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import Env, ServiceConfig

MODULE = module_info(__file__)
_SIGN_IN_HOSTS = "https://id.twitch.tv https://www.twitch.tv https://discord.com https://slack.com https://*.slack.com"


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`overlay_url` is where browsers reach browser_source; `lines_per_minute` per person in a playground.

    `sign_in_hosts` are where a form may lead people, besides to us: the platforms' own pages.
    """

    overlay_url: str
    lines_per_minute: int
    sign_in_hosts: str

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `PORTAL_…` wins over the common name."""
        env = Env("PORTAL", values)
        common = cls.common(env, port=MODULE.port, data_name=MODULE.name)
        return cls(
            **common,
            overlay_url=env.text("OVERLAY_URL", common["public_url"] or "http://localhost:8027"),
            lines_per_minute=env.integer("PLAYGROUND_LINES_PER_MINUTE", 60),
            sign_in_hosts=env.text("SIGN_IN_HOSTS", _SIGN_IN_HOSTS),
        )
