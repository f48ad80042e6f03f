"""The portal's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import ConfigError, Env, ServiceConfig, data_dir
from portal_module_flask.backup_sealing import SHORTEST

MODULE = module_info(__file__)
_SIGN_IN_HOSTS = "https://id.twitch.tv https://www.twitch.tv https://discord.com https://slack.com https://*.slack.com"


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`overlay_url` is where browsers reach browser_source; `lines_per_minute` per person in a playground.

    `api_rate_…` are calls per API key at the door for programs; `sign_in_hosts` are where a form may lead people,
    besides to us: the platforms' own pages.
    Backups are kept in the folder `backup_target`; with a `backup_passphrase` one is made every day at `backup_at`.
    """

    overlay_url: str
    lines_per_minute: int
    api_rate_per_minute: int
    api_rate_per_hour: int
    sign_in_hosts: str
    backup_target: str
    backup_passphrase: str = field(repr=False)
    backup_at: tuple[int, int]

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `PORTAL_…` wins over the common name."""
        env = Env("PORTAL", values)
        common = cls.common(env, port=MODULE.port, data_name=MODULE.name)
        return cls(
            **common,
            overlay_url=env.text("OVERLAY_URL", common["public_url"] or "http://localhost:8027"),
            lines_per_minute=env.integer("PLAYGROUND_LINES_PER_MINUTE", 60),
            api_rate_per_minute=env.integer("API_RATE_PER_MINUTE", 100),
            api_rate_per_hour=env.integer("API_RATE_PER_HOUR", 1_000),
            sign_in_hosts=env.text("SIGN_IN_HOSTS", _SIGN_IN_HOSTS),
            backup_target=env.text("BACKUP_TARGET", f"{data_dir(env)}/backups"),
            backup_passphrase=_passphrase(env.text("BACKUP_PASSPHRASE", "")),
            backup_at=_hour_and_minute(env.text("BACKUP_AT", "03:30")),
        )


def _passphrase(text: str) -> str:
    if text and len(text) < SHORTEST:
        raise ConfigError(f"BACKUP_PASSPHRASE must have at least {SHORTEST} characters.")
    return text


def _hour_and_minute(text: str) -> tuple[int, int]:
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise ConfigError("BACKUP_AT must be a time such as 03:30.") from None
    return at.hour, at.minute
