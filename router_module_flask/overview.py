"""What the router tells about itself: its commands and its queues."""

from __future__ import annotations

from datetime import timedelta

from flask_core.auth import utc_now
from flask_core.contracts import router
from flask_core.contracts.community import GLOBAL_COMMUNITY
from flask_core.datamodels import MemberRef, Role
from router_module_flask.customs.known import Customs, KnownCustoms
from router_module_flask.delivering.repository import Outbox
from router_module_flask.introductions.directory import ALWAYS_ON, CommandDirectory
from router_module_flask.permissions import may_use
from router_module_flask.ports import EventLog

_LATELY = timedelta(hours=1)


class Overview:
    """Read-only answers for the portal, for `!help` and for operators."""

    def __init__(
        self, directory: CommandDirectory, customs: KnownCustoms, log: EventLog, outbox: Outbox, backlog_limit: int = 0
    ) -> None:
        self._directory = directory
        self._customs = customs
        self._log = log
        self._outbox = outbox
        self._backlog_limit = backlog_limit

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
            and (
                words in known.typed
                or words in known.card.path
                or words in known.card.help.lower()
                or words == known.module
            )
        ]

    async def usable_by(self, member: MemberRef, community_id: int, channel: str) -> list[router.ModuleCommand]:
        """Commands that would not be refused to `member` in that channel."""
        return [known for known in await self.here(community_id, channel) if may_use(known.card, member)]

    async def here(self, community_id: int, channel: str) -> list[router.ModuleCommand]:
        """Commands of modules that are on in a channel; without a community those of the ones that always are."""
        await self._directory.prepare(community_id)
        customs = await self._customs.of(community_id)
        on = {name for name in self._directory.manifests if self._on(name, community_id, channel, customs)}
        return [known for known in self._directory.commands(community_id, channel) if known.module in on]

    def _on(self, module: str, community_id: int, channel: str, customs: Customs) -> bool:
        if module in ALWAYS_ON:
            return True
        if community_id == GLOBAL_COMMUNITY:
            return False
        otherwise = module not in self._directory.external
        return customs.refusal(module, channel, self._customs.now, otherwise=otherwise) is None

    async def state(self) -> router.RouterState:
        """Backlog, queues and what was given up."""
        partitions = tuple(await self._log.partitions())
        return router.RouterState(
            backlog=sum(one.waiting for one in partitions),
            oldest_seconds=max((one.oldest_seconds for one in partitions), default=0.0),
            deliveries_waiting=await self._outbox.waiting(),
            dead=await self._log.dead(),
            limit=self._backlog_limit,
            partitions=partitions,
            deliveries=await self._outbox.lately(utc_now() - _LATELY),
            held_back=tuple(await self._outbox.held_back()),
        )
