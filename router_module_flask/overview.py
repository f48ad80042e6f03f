"""What the router tells about itself: its commands and its queues."""

from __future__ import annotations

from flask_core.contracts import router
from flask_core.contracts.community import GLOBAL_COMMUNITY
from flask_core.datamodels import MemberRef, Role
from router_module_flask.directory import ALWAYS_ON, CommandDirectory
from router_module_flask.outbox_repository import Outbox
from router_module_flask.permissions import may_use
from router_module_flask.ports import EventLog
from router_module_flask.registry import Registry


class Overview:
    """Read-only answers for the portal, for `!help` and for operators."""

    def __init__(self, directory: CommandDirectory, registry: Registry, log: EventLog, outbox: Outbox) -> None:
        self._directory = directory
        self._registry = registry
        self._log = log
        self._outbox = outbox

    async def commands(self, asked: router.ListCommands) -> router.CommandList:
        """The commands that somebody with that role may use there."""
        return router.CommandList(tuple(await self.usable(asked.community_id, asked.role, asked.channel, asked.q)))

    async def usable(self, community_id: int, role: Role, channel: str = "", q: str = "") -> list[router.ModuleCommand]:
        """Commands of modules that are on (here), below or at the role, matching `q` in path or help."""
        words = q.lower()
        return [
            known
            for known in await self.here(community_id, channel)
            if known.card.role <= role
            and (words in known.card.path or words in known.card.help.lower() or words == known.module)
        ]

    async def usable_by(self, member: MemberRef, community_id: int, channel: str) -> list[router.ModuleCommand]:
        """Commands that would not be refused to `member` in that channel."""
        return [known for known in await self.here(community_id, channel) if may_use(known.card, member)]

    async def here(self, community_id: int, channel: str) -> list[router.ModuleCommand]:
        """Commands of modules that are on in a channel; without a community those of the ones that always are."""
        switches = await self._registry.switches(community_id)
        on = {name for name, state in switches.items() if state.channels.get(channel, state.enabled)}
        if community_id == GLOBAL_COMMUNITY:
            on &= ALWAYS_ON
        await self._directory.prepare(community_id)
        return [known for known in self._directory.commands(community_id, channel) if known.module in on]

    def typed(self, known: router.ModuleCommand) -> str:
        """How people type it: `!quote`, `#roll` for a third party's."""
        return f"{'#' if known.module in self._directory.external else '!'}{known.card.path}"

    async def state(self) -> router.RouterState:
        """Backlog, queues and what was given up."""
        backlog, oldest = await self._log.depth()
        return router.RouterState(backlog, oldest, await self._outbox.waiting(), await self._log.dead())
