"""Workspaces, channels, people and forms as slack knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from flask_core.contracts.slack import WorkspaceSettings, WorkspaceState
from flask_core.datamodels import Form


@dataclass(frozen=True, slots=True)
class Workspace:
    """A team in which the app is installed; a token that does not end has no `refresh_token`."""

    team_id: str
    name: str
    bot_user_id: str
    bot_id: str
    bot_token: str = field(repr=False)
    scopes: tuple[str, ...]
    changed_at: datetime
    expires_at: datetime
    refresh_token: str = field(default="", repr=False)
    app_id: str = ""
    enterprise_id: str = ""
    installed_by: str = ""
    person_id: str = ""
    state: WorkspaceState = WorkspaceState.OK
    reason: str = ""
    settings: WorkspaceSettings = field(default_factory=WorkspaceSettings)


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation of a workspace."""

    team_id: str
    channel_id: str
    name: str
    kind: str
    is_member: bool
    archived: bool


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody as `users.info` shows them; names are decoration."""

    name: str = ""
    display_name: str = ""
    owner: bool = False
    admin: bool = False
    bot: bool = False


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form that one member may open; `channel` is the key, `channel_id` Slack's."""

    form_id: str
    team_id: str
    channel_id: str
    channel: str
    community_id: int
    user_id: str
    module: str
    form: Form
    expires_at: datetime
    done: bool = False


def channel_key(team_id: str, channel_id: str, user_id: str = "") -> str:
    """The one canonical form of a Slack channel; a direct message is named by who writes to the bot."""
    return f"slack:{team_id}:dm:{user_id}" if channel_id.startswith("D") else f"slack:{team_id}:{channel_id}"


def account_id(team_id: str, user_id: str) -> str:
    """User ids alone are not unique over workspaces."""
    return f"{team_id}.{user_id}"


def user_of(account: str) -> str:
    """The user's id out of an account's."""
    return account.rpartition(".")[2]
