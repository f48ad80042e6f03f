"""Who people in a workspace are: names and roles, known without a wait, looked up behind the event."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from flask_core.datamodels import Role
from flask_core.errors import NotFound, ServiceError
from flask_core.shared_state import SharedState
from slack_module_flask.group_repository import GroupRepository
from slack_module_flask.models import Person
from slack_module_flask.workspaces import Workspaces

log = logging.getLogger(__name__)

SECONDS = 86_400.0
_LOCAL, _LOCAL_SECONDS, _GROUPS_SECONDS = 20_000, 300.0, 300.0
_MOST_WAITING, _PAGES, _PAGE = 2_000, 10, 200
_decoder = msgspec.json.Decoder(Person)
_NOBODY = Person()


class People:
    """`known` never waits for Slack: who is not known yet is asked for in the background, once."""

    def __init__(
        self,
        workspaces: Workspaces,
        groups: GroupRepository,
        shared: SharedState,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspaces = workspaces
        self._groups = groups
        self._shared = shared
        self._clock = clock
        self._local: OrderedDict[tuple[str, str], tuple[float, Person]] = OrderedDict()
        self._roles: dict[str, tuple[float, dict[str, Role]]] = {}
        self._wanted: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_MOST_WAITING)
        self._asked: set[tuple[str, str]] = set()

    async def known(self, team_id: str, user_ids: Iterable[str]) -> dict[str, Person]:
        """Those of them that are known."""
        found: dict[str, Person] = {}
        for user_id in user_ids:
            person = await self._person(team_id, user_id)
            if person is not None:
                found[user_id] = person
            else:
                self._want(team_id, user_id)
        return found

    async def _person(self, team_id: str, user_id: str) -> Person | None:
        until, person = self._local.get((team_id, user_id), (0.0, _NOBODY))
        if until > self._clock():
            return person
        kept = await self._shared.get(_key(team_id, user_id))
        if kept is None:
            return None
        self._remember(team_id, user_id, person := _decoder.decode(kept))
        return person

    def _remember(self, team_id: str, user_id: str, person: Person) -> None:
        self._local[team_id, user_id] = (self._clock() + _LOCAL_SECONDS, person)
        self._local.move_to_end((team_id, user_id))
        if len(self._local) > _LOCAL:
            self._local.popitem(last=False)

    def _want(self, team_id: str, user_id: str) -> None:
        if (team_id, user_id) not in self._asked and not self._wanted.full():
            self._asked.add((team_id, user_id))
            self._wanted.put_nowait((team_id, user_id))

    async def look_up(self) -> None:
        """For ever: ask for those who were not known."""
        while True:
            team_id, user_id = await self._wanted.get()
            try:
                await self.ask(team_id, user_id)
            except NotFound:
                await self.keep(team_id, user_id, _NOBODY)
            except ServiceError as error:
                await asyncio.sleep(min(error.retry_after or 0.0, 60.0))
            finally:
                self._asked.discard((team_id, user_id))

    async def ask(self, team_id: str, user_id: str) -> Person:
        """Somebody as Slack shows them now. Raises NotFound for nobody."""
        said = await self._workspaces.call(team_id, "users.info", user=user_id)
        person = person_of(said["user"])
        await self.keep(team_id, user_id, person)
        return person

    async def keep(self, team_id: str, user_id: str, person: Person) -> None:
        """Remember somebody for a day, in all replicas."""
        await self._shared.set(_key(team_id, user_id), msgspec.json.encode(person), SECONDS)
        self._remember(team_id, user_id, person)

    async def everybody(self, team_id: str) -> list[tuple[str, Person]]:
        """The first thousands of a workspace, remembered: nobody's first command meets an unknown name then."""
        found: list[tuple[str, Person]] = []
        cursor = ""
        for _ in range(_PAGES):
            said = await self._workspaces.call(team_id, "users.list", limit=_PAGE, cursor=cursor)
            found += [(str(one["id"]), person_of(one)) for one in said.get("members", ()) if not one.get("deleted")]
            cursor = str((said.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        for user_id, person in found:
            await self.keep(team_id, user_id, person)
        return found

    async def roles(self, team_id: str) -> dict[str, Role]:
        """What members of mapped user groups are, by user; as it was lately."""
        until, roles = self._roles.get(team_id, (0.0, {}))
        if until > self._clock():
            return roles
        kept = await self._shared.get(f"slack:roles:{team_id}")
        roles = {user: Role(role) for user, role in msgspec.json.decode(kept).items()} if kept else {}
        self._roles[team_id] = (self._clock() + (_GROUPS_SECONDS if kept else 10.0), roles)
        return roles

    async def read_groups(self, team_id: str) -> None:
        """Ask Slack who is in the mapped groups."""
        roles: dict[str, Role] = {}
        for group in await self._groups.of(team_id):
            said = await self._workspaces.call(team_id, "usergroups.users.list", usergroup=group.group_id)
            for user in said.get("users", ()):
                roles[user] = max(roles.get(user, Role.VIEWER), group.role)
        encoded = msgspec.json.encode({user: int(role) for user, role in roles.items()})
        await self._shared.set(f"slack:roles:{team_id}", encoded, SECONDS)
        self._roles.pop(team_id, None)


def person_of(user: dict[str, Any]) -> Person:
    """Out of Slack's user object."""
    profile = user.get("profile") or {}
    name = str(user.get("name") or "")[:80]
    shown = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or name
    return Person(
        name, str(shown)[:80], owner=bool(user.get("is_primary_owner")),
        admin=bool(user.get("is_admin") or user.get("is_owner")), bot=bool(user.get("is_bot")),
    )  # fmt: skip


def _key(team_id: str, user_id: str) -> str:
    return f"slack:person:{team_id}:{user_id}"
