"""Which tools and resources a question has: those that an admin chose, for whoever has the role."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ai_interaction_module_flask.lazily import Lazily
from ai_interaction_module_flask.notices import Notices
from ai_interaction_module_flask.operator_tools import OperatorServer
from ai_interaction_module_flask.prompt import Attached
from ai_interaction_module_flask.tool_ports import CALL_SECONDS, MOST_RESULT_BYTES, Server, Ticked, ToolClient, Used
from ai_interaction_module_flask.tool_repository import ToolRepository
from flask_core.contracts.ai_tools import MOST_RESOURCE_BYTES
from flask_core.datamodels import Role
from flask_core.errors import NotFound, UpstreamFailed
from flask_core.shared_state import SharedState

_RESOURCE_SECONDS, _MISSING_SECONDS = 300.0, 60.0
# Two results, each sent in two rounds: more than most answers need.
_RESULT_TOKENS = 2 * 2 * MOST_RESULT_BYTES // 4


@dataclass(frozen=True, slots=True)
class Plan:
    """What a question may use; `resources` are server, URI."""

    offers: tuple[tuple[Server, tuple[Ticked, ...]], ...] = ()
    resources: tuple[tuple[Server, str], ...] = ()
    tokens: int = 0


NOTHING = Plan()


@dataclass(frozen=True, slots=True)
class Tools:
    """`seconds` bound one call of a tool."""

    repository: ToolRepository
    operators: Mapping[str, OperatorServer]
    lazy: Lazily
    shared: SharedState
    notices: Notices
    seconds: float = CALL_SECONDS

    async def client(self) -> ToolClient:
        """Who speaks with servers."""
        return await self.lazy.get()  # type: ignore[no-any-return]

    async def server(self, community_id: int, name: str) -> Server:
        """A server of the community's or the operator's. Raises NotFound."""
        servers = await self._servers(community_id, enabled=False)
        if name not in servers:
            raise NotFound("There is no such server.")
        return servers[name]

    async def _servers(self, community_id: int, *, enabled: bool = True) -> dict[str, Server]:
        found = {name: _operators(name, server) for name, server in self.operators.items()}
        for row in await self.repository.servers(community_id):
            if row.enabled or not enabled:
                found[row.name] = Server(row.name, row.url, row.headers)
            else:
                found.pop(row.name, None)
        return found

    async def plan(self, community_id: int, role: Role) -> Plan:
        """What somebody with this role may use. Two small questions to the database where there is nothing."""
        chosen = await self.repository.tools(community_id)
        attached = await self.repository.resources(community_id)
        if not chosen and not attached:
            return NOTHING
        servers = await self._servers(community_id)
        offers = []
        for name, tools in chosen.items():
            ticked = tuple(
                Ticked(name, one.tool, one.hash, one.writes)
                for one in tools
                if one.allowed and not one.suspended and role >= _needed(one.role, writes=one.writes)
            )
            if ticked and name in servers:
                offers.append((servers[name], ticked))
        resources = tuple((servers[name], uri) for name, uri, _ in attached if name in servers)
        characters = sum(length for name, _, length in attached if name in servers)
        return Plan(tuple(offers), resources, characters // 4 + (_RESULT_TOKENS if offers else 0))

    async def attached(self, community_id: int, plan: Plan) -> tuple[Attached, ...]:
        """The chosen resources as data; what cannot be read is left out."""
        texts: dict[tuple[str, str], str] = {}
        missing: dict[str, tuple[Server, list[str]]] = {}
        for server, uri in plan.resources:
            kept = await self.shared.get(_key(community_id, server.name, uri))
            if kept is None:
                missing.setdefault(server.name, (server, []))[1].append(uri)
            else:
                texts[server.name, uri] = kept.decode()
        for server, uris in missing.values():
            for uri, text in (await self._read(community_id, server, uris)).items():
                texts[server.name, uri] = text
        parts, left = [], MOST_RESOURCE_BYTES
        for server, uri in plan.resources:
            text = texts.get((server.name, uri), "").encode()[:left].decode("utf-8", "ignore")
            left -= len(text.encode())
            if text:
                parts.append(Attached(f"From {server.name}, {uri}:", (text,)))
        return tuple(parts)

    async def _read(self, community_id: int, server: Server, uris: list[str]) -> dict[str, str]:
        try:
            found = await (await self.client()).read(server, uris)
        except UpstreamFailed:
            found = {}
        for uri in uris:
            text = found.get(uri, "")[:MOST_RESOURCE_BYTES]
            seconds = _RESOURCE_SECONDS if text else _MISSING_SECONDS
            await self.shared.set(_key(community_id, server.name, uri), text.encode(), seconds)
        return found

    async def forget_resources(self, community_id: int, server: str, uris: list[str]) -> None:
        """Read them anew for the next question."""
        for uri in uris:
            await self.shared.delete(_key(community_id, server, uri))

    @asynccontextmanager
    async def opened(self, community_id: int, plan: Plan, wrap: str) -> AsyncIterator[tuple[list[Any], Used]]:
        """Toolsets for a model, and what became of them; tools that changed are suspended afterwards."""
        used = Used(wrap, self.seconds)
        if not plan.offers:
            yield [], used
            return
        try:
            async with (await self.client()).opened(plan.offers, used) as toolsets:
                yield toolsets, used
        finally:
            for tool in used.changed:
                if await self.repository.suspend(community_id, tool.server, tool.tool, tool.hash):
                    await self.notices.tool_changed(community_id, tool.server, tool.tool)


def _needed(role: str, *, writes: bool) -> Role:
    needed = Role.named(role)
    return max(needed, Role.MODERATOR) if writes else needed


def _operators(name: str, server: OperatorServer) -> Server:
    return Server(name, server.url, server.headers, False, server.command, server.args, server.env, server.cwd)


def _key(community_id: int, server: str, uri: str) -> str:
    return f"ai:resource:{community_id}:{server}:{hashlib.sha256(uri.encode()).hexdigest()[:32]}"
