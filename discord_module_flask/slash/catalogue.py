"""The commands of communities, as the router lists them; what it said last holds while it is away."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from discord_module_flask.attached import Attached
from discord_module_flask.slash.tree import MOST_SHOWN, Menu, menu_of, roots_of
from discord_module_flask.slash.uses import Uses
from flask_core.contracts import community, router
from flask_core.contracts.router import ModuleCommand
from flask_core.datamodels import Role
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient

log = logging.getLogger(__name__)

GLOBAL_COMMUNITY = 1
_SECONDS, _COMMUNITIES, _AT_ONCE = 60.0, 1_000, 25


@dataclass(frozen=True, slots=True)
class Listed:
    """A community's commands and the menu made of them."""

    items: tuple[ModuleCommand, ...]
    menu: Menu
    roots: frozenset[str]
    until: float


class Catalogue:
    """One list per community, at most a minute old when `of` is asked."""

    def __init__(
        self,
        services: ServiceClient,
        attached: Attached,
        uses: Uses,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._attached = attached
        self._uses = uses
        self._clock = clock
        self._listed: OrderedDict[int, Listed] = OrderedDict()

    def community(self, guild_id: str) -> int:
        """Whose commands a guild shows: those of its community, or of the global one."""
        return self._attached.community_of(guild_id) or GLOBAL_COMMUNITY

    async def called(self, guild_id: str) -> str:
        """The name of the community whose commands a guild shows; "" while community is away."""
        asked = community.CommunityId(self.community(guild_id))
        try:
            return (await self._services.call("community", community.GET, asked, timeout=1.0)).name
        except ServiceError as error:
            log.info("what a community is called is not known now: %s", error.code)
            return ""

    def known(self, guild_id: str) -> Listed | None:
        """What was said last, however old."""
        return self._listed.get(self.community(guild_id))

    async def of(self, guild_id: str, *, timeout: float = 5.0) -> Listed | None:
        """The commands of a guild; None when they were never told."""
        return await self.in_community(self.community(guild_id), timeout=timeout)

    async def in_community(self, community_id: int, *, timeout: float = 5.0, fresh: bool = False) -> Listed | None:
        """The commands of a community, asked for now when `fresh`; None when they were never told."""
        found = self._listed.get(community_id)
        if found is not None and not fresh and found.until > self._clock():
            return found
        try:
            asked = router.ListCommands(community_id)
            answer = await self._services.call("router", router.COMMANDS, asked, timeout=timeout)
            roots = roots_of(answer.items)
            uses = await self._uses.before_today(community_id) if len(roots) > MOST_SHOWN else {}
        except ServiceError as error:
            log.info("the commands of a community are not told anew: %s", error.code)
            return found
        listed = Listed(answer.items, menu_of(roots, uses), frozenset(roots), self._clock() + _SECONDS)
        self._listed[community_id] = listed
        self._listed.move_to_end(community_id)
        if len(self._listed) > _COMMUNITIES:
            self._listed.popitem(last=False)
        return listed

    def used(self, guild_id: str, line: str) -> None:
        """A line was written, or chosen as a slash command; it counts when it is a command there."""
        if (listed := self.known(guild_id)) is not None:
            self._uses.count(self.community(guild_id), line, listed.roots)

    def forget(self) -> None:
        """Ask anew next time."""
        self._listed.clear()

    def suggestions(self, guild_id: str, begun: str, role: Role) -> list[str]:
        """Names of commands that somebody with `role` may use: those that begin so first, then those that have it."""
        listed = self.known(guild_id)
        if listed is None:
            return []
        wanted = begun.strip().lower().lstrip("!#")
        names = sorted(
            item.typed or f"!{item.card.path}"
            for item in listed.items
            if item.card.role <= role and not item.card.hidden
        )
        first = [name for name in names if name[1:].startswith(wanted)]
        return [*first, *(name for name in names if wanted in name and name not in first)][:_AT_ONCE]
