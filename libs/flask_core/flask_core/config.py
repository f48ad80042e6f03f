"""Settings from the environment: a module's prefix first, then the common name, then the default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PLACEHOLDERS = frozenset({"", "changeme", "change-me", "secret", "password", "example"})


class ConfigError(Exception):
    """A setting is missing or cannot be read; the message names it and says what is accepted."""


class Inventory(dict[str, str]):
    """An empty environment that notes what is asked of it: names of settings with their defaults.

    The documentation of all settings is derived by reading every module's settings from one of these.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.asked: dict[str, str] = {}


class Env:
    """Reads settings for one module: `MEMORIES_PORT` wins over `PORT`."""

    def __init__(self, prefix: str, values: Mapping[str, str] | None = None) -> None:
        self.prefix = prefix
        self._values = os.environ if values is None else values

    def _find(self, name: str, default: object = "") -> str | None:
        if isinstance(self._values, Inventory):
            self._values.asked[name] = "" if default is None else str(default)
        for key in (f"{self.prefix}_{name}", name):
            if (value := self._values.get(key)) not in (None, ""):
                return value
        return None

    def text(self, name: str, default: str | None = None) -> str:
        """The text of `name`; without default a missing one is an error."""
        value = self._find(name, default)
        if value is None and default is None:
            raise ConfigError(f"Set {name} (or {self.prefix}_{name}).")
        return value if value is not None else str(default)

    def integer(self, name: str, default: int) -> int:
        """A whole number."""
        value = self._find(name, default)
        try:
            return default if value is None else int(value)
        except ValueError:
            raise ConfigError(f"{name} must be a whole number.") from None

    def number(self, name: str, default: float) -> float:
        """A number, with a point for decimals."""
        value = self._find(name, default)
        try:
            return default if value is None else float(value)
        except ValueError:
            raise ConfigError(f"{name} must be a number.") from None

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no: true, yes, on, 1 or false, no, off, 0."""
        value = (self._find(name, default) or str(default)).strip().lower()
        if value in {"true", "yes", "on", "1"}:
            return True
        if value in {"false", "no", "off", "0"}:
            return False
        raise ConfigError(f"{name} must be true or false.")

    def service_urls(self) -> dict[str, str]:
        """Where other modules are: `COMMUNITY_SERVICE_URL` is the address of `community`."""
        ending = "_SERVICE_URL"
        return {
            key.removesuffix(ending).lower(): value.rstrip("/")
            for key, value in self._values.items()
            if key.endswith(ending) and value
        }

    def secret(self, name: str, *, at_least: int = 32) -> str:
        """A secret that somebody chose: present, no placeholder, long enough."""
        value = self.text(name)
        if value.strip().lower() in PLACEHOLDERS or len(value) < at_least:
            raise ConfigError(f"{name} must be a random text of at least {at_least} characters.")
        return value


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """What every module reads; a module's own Config adds its fields.

    Empty `redis_url` keeps shared state in this process; empty `public_url` means that no links, feeds
    or callbacks can be offered. `base_url` is where other modules reach this one, `service_urls` where
    this one reaches them (`ROUTER_SERVICE_URL` and its like), by module name. `http_guard_allow_hosts` are hosts of the
    operator's own network that may be fetched from although somebody typed their address.
    """

    port: int
    host: str
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    service_key: str = field(repr=False)
    encryption_keys: str = field(repr=False)
    public_url: str
    base_url: str
    service_urls: Mapping[str, str] = field(repr=False)
    database_threads: int
    drain_seconds: float
    http_guard_allow_hosts: str = field(repr=False)

    @staticmethod
    def common(env: Env, *, port: int, data_name: str) -> dict[str, Any]:
        """The common fields, for a subclass to pass on with its own."""
        return {
            "port": env.integer("PORT", port),
            "host": env.text("HOST", "127.0.0.1"),
            "database_url": env.text("DATABASE_URL", f"sqlite://{data_dir(env)}/{data_name}.db"),
            "redis_url": env.text("REDIS_URL", ""),
            "service_key": env.secret("WADDLEBOT_SERVICE_KEY"),
            "encryption_keys": env.text("WADDLEBOT_ENCRYPTION_KEYS"),
            "public_url": env.text("PUBLIC_URL", "").rstrip("/"),
            "base_url": env.text("BASE_URL", f"http://127.0.0.1:{env.integer('PORT', port)}"),
            "service_urls": env.service_urls(),
            "database_threads": env.integer("DATABASE_THREADS", 4),
            "drain_seconds": env.number("DRAIN_SECONDS", 10),
            "http_guard_allow_hosts": env.text("HTTP_GUARD_ALLOW_HOSTS", ""),
        }

    def settings(self) -> dict[str, Any]:
        """Names and values that may be shown: everything that is no secret."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.repr}


def data_dir(env: Env) -> Path:
    """Where the embedded deployment keeps its files: `DATA_DIR`, else `./data`."""
    return Path(env.text("DATA_DIR", "data"))
