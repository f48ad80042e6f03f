"""The Model Context Protocol through pydantic-ai; imported on first use, for it is large.

Sampling, roots and elicitation are never offered to a server, so each of its requests is declined.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from pydantic_ai.mcp import MCPToolset

from ai_interaction_module_flask.tool_ports import (
    OPEN_SECONDS,
    PROBE_SECONDS,
    PROGRAM_SECONDS,
    TOOL_NAME,
    Server,
    Ticked,
    Used,
)
from ai_interaction_module_flask.toolset import TickedTools, hash_of
from ai_interaction_module_flask.wire import Blocked, Wire
from flask_core.contracts.ai_tools import Probe, ResourceSeen, ToolSeen
from flask_core.errors import UpstreamFailed
from flask_core.url_guard import UrlGuard

log = logging.getLogger(__name__)

_MOST_LISTED, _LONGEST_WORDS, _LONGEST_SCHEMA = 100, 2_000, 8 * 1024


class McpClient:
    """Connects anew for every question; the operator's programs are started once and kept."""

    def __init__(self, guard: UrlGuard) -> None:
        self._guard = guard
        self._programs: dict[str, tuple[MCPToolset[Any], StdioTransport]] = {}

    async def probe(self, server: Server) -> Probe:
        """What a server has; see ToolClient."""
        async with self._asked(server) as toolset:
            info = toolset.server_info
            tools = [_seen(tool) for tool in (await toolset.client.list_tools())[:_MOST_LISTED]]
            resources = [
                ResourceSeen(str(one.uri), one.name[:100], (one.description or "")[:300])
                for one in (await toolset.list_resources())[:_MOST_LISTED]
            ]
            prompts = [one.name for one in (await toolset.list_prompts())[:_MOST_LISTED]]
        return Probe(info.name[:100], info.version[:50], tuple(tools), tuple(resources), tuple(prompts))

    async def read(self, server: Server, uris: Sequence[str]) -> dict[str, str]:
        """The texts of resources; see ToolClient."""
        async with self._asked(server) as toolset:
            return {uri: _text_of(await toolset.read_resource(uri)) for uri in uris}

    @asynccontextmanager
    async def _asked(self, server: Server) -> AsyncGenerator[MCPToolset[Any]]:
        try:
            patience = PROGRAM_SECONDS if server.command else PROBE_SECONDS
            async with self._way(server) as way, asyncio.timeout(patience), way as toolset:
                yield toolset
        except Exception as error:  # The edge: the libraries below raise what they like.
            log.info("a server of tools cannot be asked: %s", type(error).__name__)
            raise UpstreamFailed("The server of tools is not answering.", reason=_reason(error)) from error

    @asynccontextmanager
    async def opened(self, offers: Sequence[tuple[Server, Sequence[Ticked]]], used: Used) -> AsyncIterator[list[Any]]:
        """Toolsets for a model; see ToolClient."""
        async with AsyncExitStack() as stack:
            opening = [self._open(server, ticked, used, stack) for server, ticked in offers]
            yield [toolset for toolset in await asyncio.gather(*opening) if toolset is not None]

    async def _open(
        self, server: Server, ticked: Sequence[Ticked], used: Used, stack: AsyncExitStack
    ) -> TickedTools | None:
        toolset = await stack.enter_async_context(self._way(server))
        try:
            async with asyncio.timeout(PROGRAM_SECONDS if server.command else OPEN_SECONDS):
                await toolset.__aenter__()
                stack.push_async_callback(_left, toolset)
                await toolset.list_tools()
        except Exception as error:  # The edge: a server that is away costs its tools, not the answer.
            log.info("a server of tools is away: %s", type(error).__name__)
            await self._forget(server)
            return None
        return TickedTools(wrapped=toolset, ticked={one.tool: one for one in ticked}, used=used)

    @asynccontextmanager
    async def _way(self, server: Server) -> AsyncGenerator[MCPToolset[Any]]:
        """A toolset that is not connected yet; what it opens ends with the block, except programs."""
        if server.command:
            yield self._program(server)
            return
        wires: list[Wire] = []

        def client(**settings: Any) -> httpx2.AsyncClient:
            wires.append(Wire(self._guard if server.guarded else None))
            timeout = settings.get("timeout") or httpx2.Timeout(30.0)
            return httpx2.AsyncClient(
                transport=wires[-1], headers=settings.get("headers"), timeout=timeout, follow_redirects=False,
                trust_env=False,
            )  # fmt: skip

        try:
            yield _toolset(StreamableHttpTransport(server.url, dict(server.headers), httpx_client_factory=client))  # type: ignore[arg-type]
        finally:
            for wire in wires:
                await wire.end()

    def _program(self, server: Server) -> MCPToolset[Any]:
        if server.name not in self._programs:
            program = StdioTransport(
                server.command, list(server.args), env=dict(server.env), cwd=server.cwd, keep_alive=True
            )
            self._programs[server.name] = _toolset(program, PROGRAM_SECONDS), program
        return self._programs[server.name][0]

    async def _forget(self, server: Server) -> None:
        kept = self._programs.pop(server.name, None) if server.command else None
        if kept is not None:
            await _ended(kept[1])

    async def close(self) -> None:
        """End the operator's programs."""
        for name in list(self._programs):
            await _ended(self._programs.pop(name)[1])


def _toolset(transport: Any, patience: float = OPEN_SECONDS) -> MCPToolset[Any]:
    return MCPToolset(transport, tool_error_behavior="retry", init_timeout=patience, read_timeout=30.0)


async def _left(toolset: MCPToolset[Any]) -> None:
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            await toolset.__aexit__(None, None, None)
    except Exception as error:  # The answer is there; how the other side takes our leave changes nothing.
        log.info("a server of tools was left in a hurry: %s", type(error).__name__)


async def _ended(program: StdioTransport) -> None:
    try:
        await program.close()  # type: ignore[no-untyped-call]
    except Exception as error:  # It may be gone already.
        log.info("a program of tools did not end well: %s", type(error).__name__)


def _seen(tool: Any) -> ToolSeen:
    schema, hints = dict(tool.input_schema or {}), tool.annotations
    reads = hints is not None and bool(hints.model_dump().get("read_only_hint"))
    usable = TOOL_NAME.fullmatch(tool.name) is not None and len(json.dumps(schema)) <= _LONGEST_SCHEMA
    digest = hash_of(tool.description, schema)
    return ToolSeen(
        tool.name[:100], (tool.description or "")[:_LONGEST_WORDS], schema if usable else {}, digest, not reads, usable
    )


def _text_of(content: Any) -> str:
    parts = content if isinstance(content, list) else [content]
    return "\n".join(part for part in parts if isinstance(part, str))


def _reason(error: BaseException | None) -> str:
    seen: list[BaseException] = []
    # Libraries raise one error in the course of another, and in the end the first again.
    while error is not None and error not in seen:
        seen.append(error)
        if isinstance(error, Blocked):
            return "the address is not public"
        if isinstance(error, TimeoutError):
            return "no answer in time"
        error = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__ or error.__context__
    return "nobody there speaks the Model Context Protocol"
