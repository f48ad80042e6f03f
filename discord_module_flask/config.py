"""Discord's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import Env, ServiceConfig

MODULE = module_info(__file__)


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`bot_token` is the operator's; without it nothing is connected.

    With `public_key` and a public address interactions may come over HTTPS as well. `shards` 0 takes what Discord
    recommends; a process looks after `max_shards` of them at most (0: as the router shares them). A text becomes at
    most `parts` messages. With `client_secret` and `portal_url` people prove at Discord that they manage a server.
    """

    bot_token: str = field(repr=False)
    application_id: str
    client_secret: str = field(repr=False)
    public_key: str = field(repr=False)
    api_url: str
    shards: int
    max_shards: int
    parts: int
    spool_limit: int
    portal_url: str

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `DISCORD_…` wins over the common name."""
        env = Env("DISCORD", values)
        return cls(
            **cls.common(env, port=MODULE.port, data_name=MODULE.name),
            bot_token=env.text("BOT_TOKEN", ""),
            application_id=env.text("APPLICATION_ID", ""),
            client_secret=env.text("CLIENT_SECRET", ""),
            public_key=env.text("PUBLIC_KEY", ""),
            api_url=env.text("API_URL", "https://discord.com/api/v10").rstrip("/"),
            shards=env.integer("SHARDS", 0),
            max_shards=env.integer("MAX_SHARDS", 0),
            parts=env.integer("PARTS", 5),
            spool_limit=env.integer("SPOOL_LIMIT", 100_000),
            portal_url=Env("PORTAL", values).text("PUBLIC_URL", "").rstrip("/"),
        )

    @property
    def lacks(self) -> str:
        """What the operator has to set before anything is connected, as a sentence; "" for nothing."""
        return "" if self.bot_token else "Not connected: set DISCORD_BOT_TOKEN."
