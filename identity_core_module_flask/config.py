"""Identity's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import ConfigError, Env, ServiceConfig

MODULE = module_info(__file__)
_SIGN_UP = ("open", "invited", "closed")


@dataclass(frozen=True, slots=True)
class Application:
    """The operator's application at a platform; without id or secret nobody signs in there."""

    id: str
    secret: str = field(repr=False)

    @classmethod
    def of(cls, env: Env, platform: str) -> Self:
        """From `TWITCH_OAUTH_CLIENT_ID` and its like."""
        name = f"{platform.upper()}_OAUTH_CLIENT"
        return cls(env.text(f"{name}_ID", ""), env.text(f"{name}_SECRET", ""))

    @property
    def complete(self) -> bool:
        """Whether people can sign in there."""
        return bool(self.id and self.secret)


@dataclass(frozen=True, slots=True)
class Platforms:
    """Where people sign in: the applications there, and the addresses of the platforms."""

    twitch: Application
    discord: Application
    slack: Application
    twitch_auth_url: str
    twitch_api_url: str
    discord_api_url: str
    slack_api_url: str
    slack_openid_url: str

    @classmethod
    def from_env(cls, env: Env) -> Self:
        """The platforms' own addresses are those that their modules use, too."""
        return cls(
            twitch=Application.of(env, "twitch"),
            discord=Application.of(env, "discord"),
            slack=Application.of(env, "slack"),
            twitch_auth_url=env.text("TWITCH_AUTH_URL", "https://id.twitch.tv/oauth2").rstrip("/"),
            twitch_api_url=env.text("TWITCH_API_URL", "https://api.twitch.tv/helix").rstrip("/"),
            discord_api_url=env.text("DISCORD_API_URL", "https://discord.com/api/v10").rstrip("/"),
            slack_api_url=env.text("SLACK_API_URL", "https://slack.com/api/").rstrip("/") + "/",
            slack_openid_url=env.text("SLACK_OPENID_URL", "https://slack.com/openid/connect").rstrip("/"),
        )


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`session_hours` without use and `session_days` in all end a session; `portal_url` stands in the set-up link.

    `max_keys` API keys work per person; a code that links accounts works for `code_minutes`. `sign_up` says whom a
    platform may bring: anybody when open or invited, only whom we know when closed.
    """

    session_hours: int
    session_days: int
    portal_url: str
    max_keys: int
    code_minutes: int
    sign_up: str
    platforms: Platforms

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `IDENTITY_…` wins over the common name."""
        env = Env("IDENTITY", values)
        common = cls.common(env, port=MODULE.port, data_name=MODULE.name)
        sign_up = env.text("SIGN_UP", "invited")
        if sign_up not in _SIGN_UP:
            raise ConfigError(f"IDENTITY_SIGN_UP is one of {', '.join(_SIGN_UP)}.")
        return cls(
            **common,
            session_hours=env.integer("SESSION_HOURS", 8),
            session_days=env.integer("SESSION_DAYS", 30),
            code_minutes=env.integer("CODE_MINUTES", 10),
            max_keys=env.integer("MAX_KEYS", 5),
            portal_url=env.text("PORTAL_URL", common["public_url"] or "http://localhost:8080").rstrip("/"),
            sign_up=sign_up,
            platforms=Platforms.from_env(env),
        )
