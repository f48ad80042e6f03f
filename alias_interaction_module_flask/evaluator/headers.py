"""What a fetched page is told about who asks."""

from __future__ import annotations

from urllib.parse import urlencode

from alias_interaction_module_flask.evaluator.execution import Execution
from alias_interaction_module_flask.evaluator.template import Dialect

_LEVELS = {
    "viewer": "everyone", "subscriber": "subscriber", "regular": "regular", "vip": "twitch_vip",
    "moderator": "moderator", "admin": "owner", "owner": "owner",
}  # fmt: skip


def headers_of(execution: Execution, dialect: Dialect) -> dict[str, str]:
    """The channel always, the caller when the command says so."""
    channel = urlencode({
        "name": execution.channel_name,
        "displayName": execution.channel_display_name or execution.channel_name,
        "provider": execution.platform,
        "providerId": execution.channel_id,
    })  # fmt: skip
    found = {"WaddleBot-Channel": channel}
    caller = execution.caller
    if execution.send_caller and caller is not None:
        found["WaddleBot-User"] = urlencode({
            "name": caller.login or caller.name,
            "displayName": caller.name,
            "provider": execution.platform,
            "providerId": caller.user_id,
            "userLevel": _LEVELS[execution.role.word],
        })  # fmt: skip
    if dialect is Dialect.NIGHTBOT:
        found |= {name.replace("WaddleBot", "Nightbot"): value for name, value in found.items()}
        if execution.response_url:
            found["Nightbot-Response-Url"] = execution.response_url
    return found
