"""What the router tells about itself: its commands and its queues."""

from __future__ import annotations

from flask_core.contracts import router
from flask_core.datamodels import Role
from router_module_flask.directory import CommandDirectory
from router_module_flask.outbox_repository import Outbox
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
        switches = await self._registry.switches(community_id)
        on = {name for name, state in switches.items() if state.channels.get(channel, state.enabled)}
        words = q.lower()
        return [
            known
            for known in self._directory.commands()
            if known.module in on
            and (known.card.role <= role)
            and (words in known.card.path or words in known.card.help.lower() or words == known.module)
        ]

    async def state(self) -> router.RouterState:
        """Backlog, queues and what was given up."""
        backlog, oldest = await self._log.depth()
        return router.RouterState(backlog, oldest, await self._outbox.waiting(), await self._log.dead())
