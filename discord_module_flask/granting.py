"""Gives and takes roles of a guild: only harmless ones below the bot's own."""

from __future__ import annotations

from typing import Any

from discord_module_flask.rest import Rest
from discord_module_flask.standing import Standing, member_of, standing_in
from flask_core.contracts.module import Delivery, DeliveryStatus
from flask_core.datamodels import ChannelKey, GrantRole
from flask_core.delivering import Done, Unsupported
from flask_core.errors import Forbidden, NotFound

_ROLE = "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"
_POWERS = {
    "Administrator": 1 << 3, "Manage Channels": 1 << 4, "Manage Server": 1 << 5, "Manage Messages": 1 << 13,
    "Manage Nicknames": 1 << 27, "Manage Roles": 1 << 28, "Manage Webhooks": 1 << 29, "Manage Expressions": 1 << 30,
    "Manage Events": 1 << 33, "Manage Threads": 1 << 34,
}  # fmt: skip


class Granting:
    """Whoever asks: a role with power is nobody's to give through the bot."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def grant(self, delivery: Delivery, action: GrantRole) -> Done:
        """Give or take it. Raises Forbidden with the reason; HELD_BEFORE says that nothing had to be done."""
        key = ChannelKey.parse(delivery.channel)
        if key.direct:
            raise Unsupported("Roles belong to a server.")
        standing = await standing_in(self._rest, key.server_id)
        role = role_called(standing, action.role)
        if refusal := why_not(standing, role):
            raise Forbidden(refusal)
        member = await member_of(self._rest, key.server_id, action.target)
        if member is None:
            raise NotFound("They are not in this server.")
        held = role["id"] in member["roles"]
        if held == (action.operation == "grant"):
            if held:
                return Done(reason="They had it before.", status=DeliveryStatus.HELD_BEFORE)
            return Done(reason="They did not have it.")
        method = "PUT" if action.operation == "grant" else "DELETE"
        asked = f"asked by {delivery.account.name}" if delivery.account else "by the community's labels"
        about = {"guild_id": key.server_id, "user_id": action.target, "role_id": role["id"]}
        await self._rest.call(method, _ROLE, reason=asked, **about)
        return Done()


def role_called(standing: Standing, said: str) -> dict[str, Any]:
    """The role with this id or name, as Discord or a person writes it. Raises NotFound."""
    wanted = said.removeprefix("<@&").removesuffix(">").removeprefix("@")
    found = standing.roles.get(wanted)
    named = (role for role in standing.roles.values() if role["name"].lower() == wanted.lower())
    if found is None and (found := next(named, None)) is None:
        raise NotFound("There is no such role in this server.")
    return found


def why_not(standing: Standing, role: dict[str, Any]) -> str:
    """Why the bot gives a role to nobody, in a sentence; "" when it may."""
    name = role["name"]
    if role["id"] == standing.guild_id:
        return "Everybody has this role."
    if role.get("managed"):
        return f"{name} belongs to an app or to boosters; Discord gives it itself."
    if power := next((word for word, bit in _POWERS.items() if int(role["permissions"]) & bit), ""):
        return f"{name} has the permission {power}; the bot gives no such role."
    if int(role["position"]) >= standing.bot_top:
        return f"{name} is not below the bot's own role."
    return ""
