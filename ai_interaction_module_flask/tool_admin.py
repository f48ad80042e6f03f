"""What admins decide about tools."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ai_interaction_module_flask.tool_ports import TOOL_NAME
from ai_interaction_module_flask.tool_repository import ServerRow, ToolRepository
from ai_interaction_module_flask.tools_for_answers import Tools
from flask_core.contracts import ai, ai_tools
from flask_core.contracts.ai_tools import MOST_RESOURCE_BYTES, MOST_RESOURCES, ServerView, ToolChoice
from flask_core.errors import Conflict, InvalidInput, NotFound
from flask_core.operations import Caller, Endpoints
from flask_core.url_guard import UrlGuard


@dataclass(frozen=True, slots=True)
class ToolAdmin:
    """Addresses go through the guard when they are kept, and again when somebody connects."""

    repository: ToolRepository
    tools: Tools
    guard: UrlGuard

    async def servers(self, community_id: int) -> ai_tools.ServerList:
        """The community's, then the operator's."""
        choices = await self.repository.tools(community_id)
        attached: dict[str, list[str]] = {}
        for name, uri, _ in await self.repository.resources(community_id):
            attached.setdefault(name, []).append(uri)
        rows = await self.repository.servers(community_id)
        views = [
            ServerView(
                row.name, row.url, tuple(row.headers), row.enabled, False, row.version,
                tuple(choices.get(row.name, ())), tuple(attached.get(row.name, ())),
            )
            for row in rows
        ]  # fmt: skip
        own = {row.name for row in rows}
        for name in sorted(set(self.tools.operators) - own):
            tools, uris = tuple(choices.get(name, ())), tuple(attached.get(name, ()))
            views.append(ServerView(name, "", (), True, True, 0, tools, uris))
        return ai_tools.ServerList(tuple(views))

    async def _view(self, community_id: int, name: str) -> ServerView:
        found = [view for view in (await self.servers(community_id)).items if view.name == name]
        if not found:
            raise NotFound("There is no such server.")
        return found[0]

    async def add(self, asked: ai_tools.AddServer, by: str) -> ServerView:
        """Keep a server. Raises InvalidInput for an address inside, Conflict."""
        self._check(asked.url)
        if asked.name in self.tools.operators:
            raise Conflict(f"The operator has a server {asked.name} already.", name=asked.name)
        row = ServerRow(asked.name, asked.url, asked.headers, asked.enabled, 1)
        await self.repository.add(asked.community_id, row, by)
        return await self._view(asked.community_id, asked.name)

    async def change(self, asked: ai_tools.ChangeServer, by: str) -> ServerView:
        """Change what is given. Raises NotFound, InvalidInput, Stale."""
        rows = {row.name: row for row in await self.repository.servers(asked.community_id)}
        if asked.name not in rows:
            raise NotFound("There is no such server.")
        given = {name: getattr(asked, name) for name in ("url", "headers", "enabled")}
        given = {name: value for name, value in given.items() if value is not None}
        if asked.url is not None:
            self._check(asked.url)
        row = replace(rows[asked.name], version=asked.version, **given)
        await self.repository.change(asked.community_id, row, by, ", ".join(given))
        return await self._view(asked.community_id, asked.name)

    def _check(self, url: str) -> None:
        try:
            self.guard.checked_url(url)
        except InvalidInput as refused:
            raise InvalidInput(refused.message, field="url", **refused.details) from None

    async def probe(self, asked: ai_tools.NamedServer) -> ai_tools.Probe:
        """What a server has. Raises NotFound, UpstreamFailed."""
        server = await self.tools.server(asked.community_id, asked.name)
        return await (await self.tools.client()).probe(server)

    async def put_tool(self, asked: ai_tools.PutTool, by: str) -> ToolChoice:
        """Decide about a tool as it was seen; what is another by now is suspended at its next use."""
        await self.tools.server(asked.community_id, asked.name)
        if not TOOL_NAME.fullmatch(asked.tool):
            raise InvalidInput("A tool with such a name cannot be used.", field="tool")
        choice = ToolChoice(asked.tool, asked.allowed, asked.role, asked.writes, asked.note, asked.hash, False)
        await self.repository.put_tool(asked.community_id, asked.name, choice, by)
        await self.tools.notices.tool_decided(asked.community_id, asked.name, asked.tool)
        return choice

    async def put_resources(self, asked: ai_tools.PutResources, by: str) -> ServerView:
        """Attach resources. Raises InvalidInput when they are too many or too long, UpstreamFailed."""
        server = await self.tools.server(asked.community_id, asked.name)
        uris = list(dict.fromkeys(uri.strip() for uri in asked.uris if uri.strip()))
        others = [row for row in await self.repository.resources(asked.community_id) if row[0] != asked.name]
        if len(uris) + len(others) > MOST_RESOURCES:
            raise InvalidInput(f"At most {MOST_RESOURCES} resources can be attached.", field="uris")
        texts = await (await self.tools.client()).read(server, uris) if uris else {}
        size = sum(len(text.encode()) for text in texts.values()) + sum(length for *_, length in others)
        if size > MOST_RESOURCE_BYTES:
            raise InvalidInput("Resources have at most 32 KiB of text together.", field="uris")
        found = [(uri, len(texts[uri])) for uri in uris]
        await self.repository.put_resources(asked.community_id, asked.name, found, by)
        await self.tools.forget_resources(asked.community_id, asked.name, uris)
        return await self._view(asked.community_id, asked.name)

    def endpoints(self) -> Endpoints:
        """The operations."""
        api = Endpoints()
        self._add_servers(api)

        @api.offers(ai_tools.PROBE)
        async def probe(asked: ai_tools.NamedServer, _: Caller) -> ai_tools.Probe:
            return await self.probe(asked)

        @api.offers(ai_tools.PUT_TOOL)
        async def put_tool(asked: ai_tools.PutTool, caller: Caller) -> ToolChoice:
            return await self.put_tool(asked, caller.person.person_id)

        @api.offers(ai_tools.PUT_RESOURCES)
        async def put_resources(asked: ai_tools.PutResources, caller: Caller) -> ServerView:
            return await self.put_resources(asked, caller.person.person_id)

        return api

    def _add_servers(self, api: Endpoints) -> None:
        @api.offers(ai_tools.SERVERS)
        async def servers(asked: ai.OfCommunity, _: Caller) -> ai_tools.ServerList:
            return await self.servers(asked.community_id)

        @api.offers(ai_tools.ADD_SERVER)
        async def add(asked: ai_tools.AddServer, caller: Caller) -> ServerView:
            return await self.add(asked, caller.person.person_id)

        @api.offers(ai_tools.CHANGE_SERVER)
        async def change(asked: ai_tools.ChangeServer, caller: Caller) -> ServerView:
            return await self.change(asked, caller.person.person_id)

        @api.offers(ai_tools.DELETE_SERVER)
        async def delete(asked: ai_tools.NamedServer, caller: Caller) -> None:
            await self.repository.delete(asked.community_id, asked.name, caller.person.person_id)
