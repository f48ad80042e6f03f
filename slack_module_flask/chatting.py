"""What moderators and admins type about Slack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.datamodels import ChannelKey, Invocation, Platform, Role
from flask_core.errors import InvalidInput, NotFound
from slack_module_flask.audit_repository import AuditRepository
from slack_module_flask.budgets import TEAM_PER_SECOND, Budgets
from slack_module_flask.connections import Connections
from slack_module_flask.group_repository import GroupRepository, MappedGroup
from slack_module_flask.people import People
from slack_module_flask.workspaces import Workspaces


class Chatting:
    """The service behind `!slack …`."""

    def __init__(
        self,
        connections: Connections,
        groups: GroupRepository,
        people: People,
        workspaces: Workspaces,
        budgets: Budgets,
        audit: AuditRepository,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connections = connections
        self._groups = groups
        self._people = people
        self._workspaces = workspaces
        self._budgets = budgets
        self._audit = audit
        self._now = now

    async def status(self, call: Invocation) -> str:
        """Sockets, missing rights, spool, and how much may be said."""
        status = await self._connections.status(call.community.id)
        if status.reason:
            return status.reason
        lacking = sorted({scope for one in status.workspaces for scope in one.missing_scopes})
        rights = f"rights missing: {', '.join(lacking)}" if lacking else "no right is missing"
        line = f"{status.transport}, {status.sockets} of {status.sockets_wanted} sockets in this process"
        line = line if status.sockets_wanted else status.transport
        waits = f"{status.spooled} events wait; Slack repeated {status.retries} lately"
        return f"{line}; {rights}; {waits}; {await self._budget([one.team_id for one in status.workspaces])}."

    async def _budget(self, teams: list[str]) -> str:
        """How much may be said now, in the workspace where that is least."""
        held = max([await self._workspaces.api.held(team, "chat.postMessage") for team in teams], default=0.0)
        if held:
            return f"Slack lets the bot speak again in {held:.0f} s"
        left = min([await self._budgets.left(team) for team in teams], default=TEAM_PER_SECOND)
        return f"{left} of {TEAM_PER_SECOND} lines a second are free"

    async def map_group(self, call: Invocation, handle: str, role: str) -> str:
        """Members of a user group count as moderators or VIPs in the workspace of this channel."""
        team_id = await self._team(call)
        wanted = handle.strip().lstrip("@").lower()
        said = await self._workspaces.call(team_id, "usergroups.list")
        found = next((one for one in said.get("usergroups", ()) if str(one.get("handle", "")).lower() == wanted), None)
        if found is None:
            raise NotFound(f"This workspace has no user group @{wanted[:40]}.")
        group = MappedGroup(str(found["id"]), str(found["handle"]), Role.named(role))
        await self._groups.put(team_id, group)
        await self._note(call, "groupmap.set", f"{team_id}:@{group.handle}:{role}")
        await self._people.read_groups(team_id)
        return f"Members of @{group.handle} are {role}s here."

    async def groups(self, call: Invocation) -> str:
        """What is mapped."""
        mapped = await self._groups.of(await self._team(call))
        if not mapped:
            return "No user group counts as anything here."
        return "; ".join(f"@{group.handle}: {group.role.word}" for group in mapped) + "."

    async def unmap(self, call: Invocation) -> str:
        """Nothing is mapped any more."""
        team_id = await self._team(call)
        await self._groups.clear(team_id)
        await self._note(call, "groupmap.off", team_id)
        await self._people.read_groups(team_id)
        return "No user group counts as anything here any more."

    async def _note(self, call: Invocation, action: str, target: str) -> None:
        await self._audit.note(call.community.id, call.member.id, action, target, self._now())

    async def _team(self, call: Invocation) -> str:
        """The workspace of the channel. Raises for another platform, and for a workspace of others."""
        key = ChannelKey.parse(call.channel.key)
        if key.platform is not Platform.SLACK:
            raise InvalidInput("Type this in a Slack channel.")
        return (await self._workspaces.must_be_of(key.server_id, call.community.id)).team_id
