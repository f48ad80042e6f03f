"""Twitch's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self
from urllib.parse import urlsplit

from flask_core.app_factory import module_info
from flask_core.config import ConfigError, Env, ServiceConfig

MODULE = module_info(__file__)
_SCOPES = ("account", "channel")
_TRANSPORTS = ("auto", "conduit", "websocket", "webhook")
Way = Literal["conduit", "websocket", "webhook"]


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`client_id` is the operator's application, which is a public one without `client_secret`.

    `transport` says how Twitch tells us: conduit, websocket, webhook, or auto for what the application can have.
    A webhook needs `public_url`, the https address where Twitch reaches this module; `eventsub_secret` signs what
    comes there and is made up once when empty. The bot account says at most `send_budget`
    lines in 30 s where it moderates and `send_budget_plain` elsewhere, in all its channels together or, with
    `send_scope` channel, in each; a text becomes at most `parts` lines. Of several bot
    accounts of the installation the one called `bot_login` speaks first; `portal_url` is where people come back to.
    `emote_urls` are those of the services that add emotes to channels.
    """

    client_id: str
    client_secret: str = field(repr=False)
    transport: str
    eventsub_secret: str = field(repr=False)
    api_url: str
    auth_url: str
    eventsub_ws_url: str
    send_scope: str
    send_budget: int
    send_budget_plain: int
    parts: int
    spool_limit: int
    bot_login: str
    portal_url: str
    emote_urls: dict[str, str]

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `TWITCH_…` wins over the common name."""
        env = Env("TWITCH", values)
        common = cls.common(env, port=MODULE.port, data_name=MODULE.name)
        secret = env.text("EVENTSUB_SECRET", "")
        if secret and not 10 <= len(secret) <= 100:
            raise ConfigError("TWITCH_EVENTSUB_SECRET has 10 to 100 characters.")
        transport = env.text("TRANSPORT", "auto")
        if transport not in _TRANSPORTS:
            raise ConfigError(f"TWITCH_TRANSPORT is one of {', '.join(_TRANSPORTS)}.")
        send_scope = env.text("SEND_SCOPE", "account")
        if send_scope not in _SCOPES:
            raise ConfigError("TWITCH_SEND_SCOPE is account or channel.")
        return cls(
            **common,
            client_id=env.text("CLIENT_ID", ""),
            client_secret=env.text("CLIENT_SECRET", ""),
            transport=transport,
            eventsub_secret=secret,
            api_url=env.text("API_URL", "https://api.twitch.tv/helix").rstrip("/"),
            auth_url=env.text("AUTH_URL", "https://id.twitch.tv/oauth2").rstrip("/"),
            eventsub_ws_url=env.text("EVENTSUB_WS_URL", "wss://eventsub.wss.twitch.tv/ws"),
            send_scope=send_scope,
            send_budget=env.integer("SEND_BUDGET", 90),
            send_budget_plain=env.integer("SEND_BUDGET_PLAIN", 18),
            parts=env.integer("PARTS", 3),
            spool_limit=env.integer("SPOOL_LIMIT", 100_000),
            bot_login=env.text("BOT_LOGIN", "").strip().lower(),
            emote_urls={
                "7tv": env.text("SEVENTV_URL", "https://7tv.io/v3").rstrip("/"),
                "bttv": env.text("BTTV_URL", "https://api.betterttv.net/3").rstrip("/"),
                "ffz": env.text("FFZ_URL", "https://api.frankerfacez.com/v1").rstrip("/"),
            },
            portal_url=Env("PORTAL", values).text("PUBLIC_URL", "").rstrip("/"),
        )

    @property
    def way(self) -> Way:
        """The transport that is used."""
        if self.transport == "webhook":
            return "webhook"
        if self.transport == "websocket" or (self.transport == "auto" and not self.client_secret):
            return "websocket"
        return "conduit"

    @property
    def lacks(self) -> str:
        """What the operator has to set before anything can be connected, as a sentence; "" for nothing."""
        if not self.client_id:
            return "Not connected: set TWITCH_CLIENT_ID, and TWITCH_CLIENT_SECRET if the application has one."
        if self.way != "websocket" and not self.client_secret:
            return f"Not connected: the transport {self.way} needs TWITCH_CLIENT_SECRET."
        if self.way == "webhook" and not _reachable(self.public_url):
            return "Not connected: set TWITCH_PUBLIC_URL to an https address that reaches this module."
        return ""


def _reachable(url: str) -> bool:
    """Twitch posts to https only; a Twitch on this machine posts to anything."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in {"127.0.0.1", "localhost"}
