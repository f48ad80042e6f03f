"""Roles of the platform: on Slack those are user groups, where the workspace lets the app change them."""

from __future__ import annotations

from typing import Any

from flask_core.contracts.module import Delivery, DeliveryStatus
from flask_core.datamodels import ChannelKey, GrantRole, Role
from flask_core.delivering import Done, Unsupported
from flask_core.errors import Forbidden, NotFound
from flask_core.shared_state import SharedState
from slack_module_flask.group_repository import GroupRepository
from slack_module_flask.leases import alone
from slack_module_flask.models import Workspace
from slack_module_flask.people import People
from slack_module_flask.scopes import GROUPS
from slack_module_flask.workspaces import Workspaces

_FREE = frozenset({"paid_teams_only", "plan_upgrade_required"})


class Granting:
    """`do` puts a member into a user group or takes them out; raises Unsupported where Slack has no such thing."""

    def __init__(self, workspaces: Workspaces, groups: GroupRepository, people: People, shared: SharedState) -> None:
        self._workspaces = workspaces
        self._groups = groups
        self._people = people
        self._shared = shared

    async def do(self, workspace: Workspace, key: ChannelKey, delivery: Delivery, action: GrantRole) -> Done:
        """One role. HELD_BEFORE says that nothing had to be done; Forbidden that the group gives power."""
        if key.direct:
            raise Unsupported("Roles belong to a workspace.")
        if GROUPS not in workspace.scopes:
            raise Unsupported(f"This workspace lets the bot change no user groups: the right {GROUPS} is missing.")
        team_id, _, user = action.target.rpartition(".")
        if team_id != workspace.team_id or not user:
            raise NotFound("They are not in this workspace.")
        # A workspace is the whole community's matter, whoever's channel it came through.
        await self._workspaces.must_be_of(team_id, delivery.community_id)
        group = await self._named(team_id, action.role)
        async with alone(self._shared, f"slack:group:{team_id}:{group['id']}", "That user group is being changed."):
            return await self._changed(team_id, group, user, grant=action.operation == "grant")

    async def _named(self, team_id: str, said: str) -> dict[str, Any]:
        """The group with this id or handle, if it gives no power."""
        wanted = said.removeprefix("<!subteam^").partition("|")[0].removesuffix(">").lstrip("@").lower()
        listed = await self._workspaces.call(team_id, "usergroups.list", include_disabled="true")
        groups: list[dict[str, Any]] = listed.get("usergroups", [])
        found = next((one for one in groups if wanted in {one["id"].lower(), str(one.get("handle", "")).lower()}), None)
        if found is None:
            raise NotFound("This workspace has no such user group.")
        mapped = {one.group_id: one.role for one in await self._groups.of(team_id)}
        if mapped.get(found["id"], Role.VIEWER) >= Role.MODERATOR:
            raise Forbidden(f"Members of @{found['handle']} are moderators here; the bot gives no such role.")
        return found

    async def _changed(self, team_id: str, group: dict[str, Any], user: str, *, grant: bool) -> Done:
        group_id, off = group["id"], bool(group.get("date_delete"))
        said = await self._workspaces.call(
            team_id, "usergroups.users.list", usergroup=group_id, include_disabled="true"
        )
        users = [str(one) for one in said.get("users", ())]
        if (user in users and not off) is grant:
            if grant:
                return Done(reason="They had it before.", status=DeliveryStatus.HELD_BEFORE)
            return Done(reason="They did not have it.")
        if off and len(users) > 1:
            raise Forbidden(f"Somebody switched @{group['handle']} off in Slack.")
        await self._put(team_id, group_id, _without(users, user, off=off) + ([user] if grant else []), off=off)
        if any(one.group_id == group_id for one in await self._groups.of(team_id)):
            await self._people.read_groups(team_id)
        return Done()

    async def _put(self, team_id: str, group_id: str, users: list[str], *, off: bool) -> None:
        """These are the members. Slack has no group without any: such a one is off until somebody comes."""
        try:
            if not users:
                await self._workspaces.call(team_id, "usergroups.disable", usergroup=group_id)
                return
            if off:
                await self._workspaces.call(team_id, "usergroups.enable", usergroup=group_id)
            await self._workspaces.call(team_id, "usergroups.users.update", usergroup=group_id, users=",".join(users))
        except Forbidden as refused:
            if refused.details.get("word") in _FREE:
                raise Unsupported(refused.message) from refused
            raise


def _without(users: list[str], user: str, *, off: bool) -> list[str]:
    """The others; who stands in a group that is off was the last who left it."""
    return [] if off else [one for one in users if one != user]
