"""What the app asks for and hears: one list for the manifest, the installation and the checks."""

from __future__ import annotations

from collections.abc import Collection, Iterable

COMMAND = "/waddlebot"
SHORTCUT = "ask_waddlebot"
APP_SCOPE = "connections:write"

BOT_SCOPES: dict[str, str] = {
    "app_mentions:read": "hear mentions of the bot",
    "channels:history": "read public channels it is in",
    "channels:read": "list public channels",
    "chat:write": "answer",
    "commands": "/waddlebot and the shortcut",
    "files:read": "know that a file was shared",
    "files:write": "answer with more than fits into messages",
    "groups:history": "read private channels it is in",
    "groups:read": "list private channels it is in",
    "im:history": "read what is written to it directly",
    "im:read": "know direct conversations",
    "im:write": "begin a direct conversation",
    "mpim:history": "read group conversations it is in",
    "mpim:read": "know group conversations",
    "pins:read": "hear that something was pinned",
    "reactions:read": "hear reactions",
    "reactions:write": "react",
    "team:read": "the name of the workspace",
    "users:read": "names and administrators",
    "usergroups:read": "user groups that count as moderators or VIPs",
}

BOT_EVENTS = (
    "app_home_opened", "app_mention", "app_uninstalled", "channel_archive", "channel_rename", "file_shared",
    "member_joined_channel", "message.channels", "message.groups", "message.im", "message.mpim", "pin_added",
    "reaction_added", "team_join", "tokens_revoked", "user_change",
)  # fmt: skip


FILES = "files:write"
GROUPS = "usergroups:write"
"""Only where the operator wants labels to put members into user groups: a paid plan of Slack has those."""


def wanted(*, user_groups: bool) -> tuple[str, ...]:
    """What this installation's app asks for."""
    return (*BOT_SCOPES, GROUPS) if user_groups else tuple(BOT_SCOPES)


def missing(scopes: Collection[str], asked: Iterable[str]) -> tuple[str, ...]:
    """What an installed workspace lacks."""
    return tuple(scope for scope in asked if scope not in scopes)
