"""Whole guilds and workspaces: who attaches one has all its channels, but for those with a home of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from community_module_flask.communities import Communities
from community_module_flask.publishing import Publisher
from community_module_flask.server_repository import ServerRepository
from flask_core.auth import utc_now
from flask_core.contracts import community_servers as contract
from flask_core.contracts.community import GLOBAL_COMMUNITY, CommunityId
from flask_core.contracts.community_servers import Server
from flask_core.errors import Forbidden, NotFound
from flask_core.operations import Caller, Endpoints

_MAX_NAME = 100


class Servers:
    """What is attached here counts from the next message on."""

    def __init__(
        self,
        repository: ServerRepository,
        communities: Communities,
        publisher: Publisher,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._communities = communities
        self._publisher = publisher
        self._now = now

    async def attach(self, server: Server, actor: str) -> Server:
        """Attach a server whose control was proved."""
        if server.community_id == GLOBAL_COMMUNITY:
            raise Forbidden("Servers cannot be attached to the global community.")
        await self._communities.show(server.community_id, None)
        attached = await self._repository.attach(server, actor, self._now())
        await self._publisher.channel_changed(server.channels)
        return attached

    async def detach(self, server: Server, actor: str) -> None:
        """Detach a server."""
        if not await self._repository.detach(server, actor, self._now()):
            raise NotFound("This server is not attached here.")
        await self._publisher.channel_changed(server.channels)

    async def of(self, community_id: int) -> tuple[Server, ...]:
        """A community's."""
        return tuple(await self._repository.servers(community_id))

    async def on(self, platform: str) -> tuple[Server, ...]:
        """All of a platform."""
        return tuple(await self._repository.servers(platform=platform))

    def endpoints(self) -> Endpoints:
        """What the portal and the modules of platforms ask for."""
        api = Endpoints()

        @api.offers(contract.SERVERS)
        async def servers(asked: CommunityId, _: Caller) -> contract.ServerList:
            return contract.ServerList(await self.of(asked.community_id))

        @api.offers(contract.PLATFORM_SERVERS)
        async def platform_servers(asked: contract.PlatformServers, _: Caller) -> contract.ServerList:
            return contract.ServerList(await self.on(asked.platform))

        @api.offers(contract.ATTACH_SERVER)
        async def attach(asked: contract.AttachServer, caller: Caller) -> Server:
            server = Server(asked.platform, asked.server_id, asked.community_id, asked.name[:_MAX_NAME])
            return await self.attach(server, caller.service)

        @api.offers(contract.DETACH_SERVER)
        async def detach(asked: contract.ServerOf, caller: Caller) -> None:
            server = Server(asked.platform, asked.server_id, asked.community_id)
            await self.detach(server, caller.person.person_id)

        return api
