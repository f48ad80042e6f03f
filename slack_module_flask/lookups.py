"""Facts about people and channels for other modules: by id, or all whom a name may mean."""

from __future__ import annotations

from typing import Any, Literal

from flask_core.contracts import slack
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, InvalidInput, NotFound, NotReady
from slack_module_flask.models import Person, account_id, channel_key
from slack_module_flask.people import People
from slack_module_flask.workspaces import Workspaces

_MOST = 20


class Lookups:
    """Names are decoration: a lookup by name gives candidates, never an answer."""

    def __init__(self, workspaces: Workspaces, people: People) -> None:
        self._workspaces = workspaces
        self._people = people

    async def users(self, asked: slack.UserQuery) -> slack.UserList:
        """One by id, or everybody of that name. Raises NotFound for nobody."""
        if await self._workspaces.of(asked.team) is None:
            raise NotFound("The bot is not installed in that workspace.")
        roles = await self._people.roles(asked.team)
        if asked.id:
            known = await self._people.known(asked.team, [asked.id])
            person = known.get(asked.id) or await self._people.ask(asked.team, asked.id)
            return slack.UserList((_facts(asked.team, asked.id, person, roles),))
        wanted = asked.login.strip().lstrip("@").casefold()
        if not wanted:
            raise InvalidInput("Name a user by id or login.", field="login")
        everybody = await self._people.everybody(asked.team)
        found = [(user, one) for user, one in everybody if wanted in {one.name.casefold(), one.display_name.casefold()}]
        if not found:
            raise NotFound("Nobody in that workspace is called so.")
        return slack.UserList(tuple(_facts(asked.team, user, one, roles) for user, one in found[:_MOST]))

    async def channel(self, asked: slack.ChannelQuery) -> slack.ChannelFacts:
        """A channel by its id. Raises NotFound for one that is not there or not to be seen."""
        said = await self._workspaces.call(asked.team, "conversations.info", channel=asked.channel_id)
        found: dict[str, Any] = said["channel"]
        user = str(found.get("user") or "")
        return slack.ChannelFacts(
            asked.channel_id, channel_key(asked.team, asked.channel_id, user), str(found.get("name") or ""),
            _kind(found), bool(found.get("is_member") or found.get("is_im")), bool(found.get("is_archived")),
        )  # fmt: skip

    async def role(self, asked: slack.RoleQuery) -> slack.RoleFacts:
        """What the workspace makes of somebody."""
        (facts,) = (await self.users(slack.UserQuery(asked.team, id=asked.user))).items
        return slack.RoleFacts(facts.account, facts.role)

    async def holders(self, asked: slack.GroupOf) -> slack.Holders:
        """Who is in a user group. Raises NotReady where the right is missing, NotFound for no such group."""
        try:
            said = await self._workspaces.call(asked.team, "usergroups.users.list", usergroup=asked.group)
        except Forbidden as refused:
            raise NotReady(refused.message, needed=str(refused.details.get("needed", ""))) from refused
        return slack.Holders(tuple(account_id(asked.team, str(user)) for user in said.get("users", ())))


def _facts(team: str, user: str, person: Person, roles: dict[str, Role]) -> slack.UserFacts:
    role = Role.OWNER if person.owner else Role.ADMIN if person.admin else roles.get(user, Role.VIEWER)
    return slack.UserFacts(account_id(team, user), person.name, person.display_name, role, person.bot)


def _kind(found: dict[str, Any]) -> Literal["public", "private", "group", "direct"]:
    if found.get("is_im"):
        return "direct"
    if found.get("is_mpim"):
        return "group"
    return "private" if found.get("is_private") else "public"
