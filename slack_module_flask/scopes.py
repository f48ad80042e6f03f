"""What the app asks for and hears: one list for the manifest, the installation and the checks."""

from __future__ import annotations

from collections.abc import Collection

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
    "groups:history": "read private channels it is in",
    "groups:read": "list private channels it is in",
    "im:history": "read what is written to it directly",
    "im:read": "know direct conversations",
    "im:write": "begin a direct conversation",
    "mpim:history": "read group conversations it is in",
    "mpim:read": "know group conversations",
    "reactions:read": "hear reactions",
    "reactions:write": "react",
    "team:read": "the name of the workspace",
    "users:read": "names and administrators",
    "usergroups:read": "user groups that count as moderators or VIPs",
}

BOT_EVENTS = (
    "app_home_opened", "app_mention", "app_uninstalled", "channel_archive", "channel_rename", "file_shared",
    "member_joined_channel", "message.channels", "message.groups", "message.im", "message.mpim", "reaction_added",
    "team_join", "tokens_revoked", "user_change",
)  # fmt: skip


def missing(scopes: Collection[str]) -> tuple[str, ...]:
    """What an installed workspace lacks."""
    return tuple(scope for scope in BOT_SCOPES if scope not in scopes)
