"""Twitch's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import ConfigError, Env, ServiceConfig

MODULE = module_info(__file__)


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`client_id` and `client_secret` are the operator's application; without them nothing is connected.

    `callback_url` is the https address where Twitch reaches this module; `eventsub_secret` signs what it sends and
    is derived from the installation's keys when empty. The bot account says at most `send_budget` lines in 30 s
    where it moderates and `send_budget_plain` elsewhere; a text becomes at most `parts` lines.
    """

    client_id: str
    client_secret: str = field(repr=False)
    callback_url: str
    eventsub_secret: str = field(repr=False)
    api_url: str
    auth_url: str
    send_budget: int
    send_budget_plain: int
    parts: int
    spool_limit: int

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `TWITCH_…` wins over the common name."""
        env = Env("TWITCH", values)
        common = cls.common(env, port=MODULE.port, data_name=MODULE.name)
        secret = env.text("EVENTSUB_SECRET", "")
        if secret and not 10 <= len(secret) <= 100:
            raise ConfigError("TWITCH_EVENTSUB_SECRET has 10 to 100 characters.")
        return cls(
            **common,
            client_id=env.text("CLIENT_ID", ""),
            client_secret=env.text("CLIENT_SECRET", ""),
            callback_url=env.text("CALLBACK_URL", common["public_url"]).rstrip("/"),
            eventsub_secret=secret,
            api_url=env.text("API_URL", "https://api.twitch.tv/helix").rstrip("/"),
            auth_url=env.text("AUTH_URL", "https://id.twitch.tv/oauth2").rstrip("/"),
            send_budget=env.integer("SEND_BUDGET", 90),
            send_budget_plain=env.integer("SEND_BUDGET_PLAIN", 18),
            parts=env.integer("PARTS", 3),
            spool_limit=env.integer("SPOOL_LIMIT", 100_000),
        )

    @property
    def lacks(self) -> str:
        """What the operator has to set before anything can be connected, as a sentence; "" for nothing."""
        if not self.client_id or not self.client_secret:
            return "Not connected: set TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET."
        if not self.callback_url:
            return "Not connected: set TWITCH_CALLBACK_URL to an https address that reaches this module."
        return ""
