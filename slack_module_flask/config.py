"""Slack's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import ConfigError, Env, ServiceConfig

MODULE = module_info(__file__)
MOST_SOCKETS = 9


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """All of it is optional: without it the module runs and is not connected.

    `bot_token` is the one workspace of an installation that has one; several come by OAuth with `client_id` and
    `client_secret`. `app_token` opens `sockets` connections in all replicas together; without it Slack posts to
    `own_address` (`SLACK_PUBLIC_URL`), which is public https, and signs with `signing_secret`. `portal_address` is
    where people are. `moderator_token` is a workspace administrator's own, with which others' messages are deleted.
    With `user_groups` the app asks for the right to put members into user groups, which a paid plan of Slack has.
    """

    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    moderator_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    transport: str
    own_address: str
    portal_address: str
    sockets: int
    api_url: str
    spool_limit: int
    user_groups: bool

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `SLACK_…` wins over the common name."""
        env = Env("SLACK", values)
        common = cls.common(env, port=MODULE.port, data_name=MODULE.name)
        transport, sockets = env.text("TRANSPORT", "auto"), env.integer("SOCKETS", 2)
        if transport not in {"auto", "socket", "http"}:
            raise ConfigError("SLACK_TRANSPORT is auto, socket or http.")
        if not 1 <= sockets <= MOST_SOCKETS:
            raise ConfigError(f"SLACK_SOCKETS is 1 to {MOST_SOCKETS}: Slack takes ten, and one is for a hand-over.")
        return cls(
            **common,
            bot_token=env.text("BOT_TOKEN", ""),
            app_token=env.text("APP_TOKEN", ""),
            moderator_token=env.text("MODERATOR_TOKEN", ""),
            signing_secret=env.text("SIGNING_SECRET", ""),
            client_id=env.text("CLIENT_ID", ""),
            client_secret=env.text("CLIENT_SECRET", ""),
            transport=transport,
            own_address=common["public_url"],
            portal_address=Env("PORTAL", values).text("PUBLIC_URL", "").rstrip("/"),
            sockets=sockets,
            api_url=env.text("API_URL", "https://slack.com/api/").rstrip("/") + "/",
            spool_limit=env.integer("SPOOL_LIMIT", 100_000),
            user_groups=env.flag("USER_GROUPS", False),
        )

    @property
    def over_sockets(self) -> bool:
        """Whether we open connections, rather than wait for Slack's."""
        return self.transport == "socket" or (self.transport == "auto" and bool(self.app_token))

    @property
    def lacks(self) -> str:
        """What the operator has to set before anything can be connected, as a sentence; "" for nothing."""
        if self.over_sockets and not self.app_token:
            return "Not connected: set SLACK_APP_TOKEN, or SLACK_TRANSPORT=http."
        if not self.over_sockets and not self.signing_secret:
            return "Not connected: set SLACK_APP_TOKEN, or SLACK_SIGNING_SECRET for deliveries over HTTPS."
        if not self.over_sockets and not self.own_address:
            return "Not connected: set SLACK_PUBLIC_URL to an https address that reaches this module."
        if not self.bot_token and not (self.client_id and self.client_secret):
            return "Not connected: set SLACK_BOT_TOKEN, or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET."
        return ""

    @property
    def redirect_url(self) -> str:
        """Where Slack sends a person back to after an installation; "" without a public address."""
        return f"{self.portal_address}/connect/slack/callback" if self.portal_address else ""
