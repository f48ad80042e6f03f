"""What moderators and admins type about Slack."""

from __future__ import annotations

from flask_core.datamodels import ChannelKey, Invocation, Platform, Role
from flask_core.errors import InvalidInput, NotFound
from slack_module_flask.connections import Connections
from slack_module_flask.group_repository import GroupRepository, MappedGroup
from slack_module_flask.people import People
from slack_module_flask.workspaces import Workspaces


class Chatting:
    """The service behind `!slack …`."""

    def __init__(
        self, connections: Connections, groups: GroupRepository, people: People, workspaces: Workspaces
    ) -> None:
        self._connections = connections
        self._groups = groups
        self._people = people
        self._workspaces = workspaces

    async def status(self, call: Invocation) -> str:
        """Sockets, missing rights, spool."""
        status = await self._connections.status(call.community.id)
        if status.reason:
            return status.reason
        lacking = sorted({scope for one in status.workspaces for scope in one.missing_scopes})
        rights = f"rights missing: {', '.join(lacking)}" if lacking else "no right is missing"
        line = f"{status.transport}, {status.sockets} of {status.sockets_wanted} sockets in this process"
        line = line if status.sockets_wanted else status.transport
        return f"{line}; {rights}; {status.spooled} events wait; Slack repeated {status.retries} lately."

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
        await self._people.read_groups(team_id)
        return "No user group counts as anything here any more."

    async def _team(self, call: Invocation) -> str:
        """The workspace of the channel. Raises for another platform, and for a workspace of others."""
        key = ChannelKey.parse(call.channel.key)
        if key.platform is not Platform.SLACK:
            raise InvalidInput("Type this in a Slack channel.")
        return (await self._workspaces.must_be_of(key.server_id, call.community.id)).team_id
