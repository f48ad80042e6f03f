"""Where an installation is reached and what lets the terminal in: the machine's own key, or a person's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flask_core.app_factory import ModuleInfo
from flask_core.auth import ServiceTokens
from flask_core.config import Env
from flask_core.known_keys import API_KEY_PREFIX
from flask_core.local_secrets import FILE, read_secrets
from flask_core.operations import Acting

KEY_VARIABLE = "WADDLEBOT_API_KEY"
_SERVICE_KEY = "WADDLEBOT_SERVICE_KEY"
_START = "Start one with: make run (or python -m waddlebot up)."


class NoAccess(Exception):
    """There is nothing to talk to; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Access:
    """The portal's address, what makes the token of a call, and what to do when nobody answers."""

    url: str
    issue: Callable[[str, Acting | None], str] = field(repr=False)
    remedy: str


def access(portal: ModuleInfo, data: Path, url: str, values: Mapping[str, str]) -> Access:
    """The way to the installation at `url` with the key in WADDLEBOT_API_KEY; without `url` to the one in `data`.

    Raises NoAccess when what is needed is not there.
    """
    return _elsewhere(url, values) if url else _here(portal, data, values)


def _here(portal: ModuleInfo, data: Path, values: Mapping[str, str]) -> Access:
    key = values.get(_SERVICE_KEY) or read_secrets(data / FILE).get(_SERVICE_KEY)
    if not key:
        raise NoAccess(f"No installation has its files in {data}. {_START}")
    port = Env("PORTAL", values).integer("PORT", portal.port)
    return Access(f"http://127.0.0.1:{port}", ServiceTokens("terminal", key).issue, _START)


def _elsewhere(url: str, values: Mapping[str, str]) -> Access:
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise NoAccess("An address is written like https://bot.example.org.")
    key = values.get(KEY_VARIABLE, "")
    if not key.startswith(API_KEY_PREFIX):
        raise NoAccess(f"Set {KEY_VARIABLE} to one of your keys of that installation, made with the scope chat.")
    return Access(url.rstrip("/"), lambda _, __: key, "Is the address right, and is it running?")
