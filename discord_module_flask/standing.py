"""Who stands above whom in a guild, as Discord says now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from discord_module_flask.places import name_of
from discord_module_flask.rest import Rest
from flask_core.errors import Forbidden, NotFound

_MEMBER = "/guilds/{guild_id}/members/{user_id}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A guild's roles by id, its owner, and the bot's place in it."""

    guild_id: str
    owner_id: str
    roles: dict[str, dict[str, Any]]
    bot_top: int
    name: str = ""
    bot_id: str = ""
    bot_roles: tuple[str, ...] = ()

    def highest(self, role_ids: list[str]) -> dict[str, Any]:
        """The highest of these roles; that of everybody when there is none."""
        held = [self.roles[one] for one in (self.guild_id, *role_ids) if one in self.roles]
        return max(held, key=lambda role: int(role["position"]), default={"position": 0, "name": "@everyone"})


async def standing_in(rest: Rest, guild_id: str) -> Standing:
    """How it stands there. Raises NotFound where the bot is not."""
    bot_id = await rest.me()
    guild = await rest.call("GET", "/guilds/{guild_id}", guild_id=guild_id, urgent=True)
    roles = {role["id"]: role for role in guild["roles"]}
    me = await rest.call("GET", _MEMBER, guild_id=guild_id, user_id=bot_id, urgent=True)
    found = Standing(guild_id, str(guild["owner_id"]), roles, 0, str(guild["name"]), bot_id, tuple(me["roles"]))
    return replace(found, bot_top=int(found.highest(me["roles"])["position"]))


async def member_of(rest: Rest, guild_id: str, user_id: str) -> dict[str, Any] | None:
    """A member; None for somebody who is not there."""
    try:
        return dict(await rest.call("GET", _MEMBER, guild_id=guild_id, user_id=user_id, urgent=True))
    except NotFound:
        return None


def must_be_below(standing: Standing, member: dict[str, Any]) -> None:
    """Raise Forbidden, naming the role, for somebody whom the bot cannot touch."""
    name = name_of(member["user"], member)
    if member["user"]["id"] == standing.owner_id:
        raise Forbidden(f"{name} owns this server.")
    role = standing.highest(list(member["roles"]))
    if int(role["position"]) >= standing.bot_top:
        raise Forbidden(f"{name} has the role {role['name']}, which is not below the bot's own.")
