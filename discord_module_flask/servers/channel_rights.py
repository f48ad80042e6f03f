"""What the bot may not do in a channel, by Discord's own way of counting: roles first, then what the channel says."""

from __future__ import annotations

from typing import Any

from discord_module_flask.places import ADMINISTRATOR, NEEDED
from discord_module_flask.standing import Standing

_VIEW = "View Channels"
_IN_CHANNELS = (
    _VIEW, "Send Messages", "Send Messages in Threads", "Embed Links", "Attach Files", "Read Message History",
    "Add Reactions", "Manage Messages",
)  # fmt: skip


def missing_in(channel: dict[str, Any], standing: Standing) -> tuple[str, ...]:
    """Permissions that the bot lacks there, by Discord's names; who sees nothing needs only that first."""
    allowed = _allowed(channel, standing)
    if not allowed & NEEDED[_VIEW]:
        return (_VIEW,)
    return tuple(name for name in _IN_CHANNELS if not allowed & NEEDED[name])


def _allowed(channel: dict[str, Any], standing: Standing) -> int:
    allowed = 0
    for role_id in (standing.guild_id, *standing.bot_roles):
        allowed |= int(standing.roles.get(role_id, {}).get("permissions", 0))
    if allowed & ADMINISTRATOR:
        return -1
    said = {one["id"]: one for one in channel.get("permission_overwrites") or ()}
    roles = [said[one] for one in standing.bot_roles if one in said]
    for some in ([said.get(standing.guild_id)], roles, [said.get(standing.bot_id)]):
        for one in filter(None, some):
            allowed &= ~int(one["deny"])
        for one in filter(None, some):
            allowed |= int(one["allow"])
    return allowed
