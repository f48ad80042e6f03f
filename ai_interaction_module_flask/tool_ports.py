"""What the module asks of servers of tools."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask_core.contracts.ai_tools import Probe

TOOL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
ROUNDS, TOOL_CALLS = 3, 5
CALL_SECONDS, OPEN_SECONDS, PROBE_SECONDS, PROGRAM_SECONDS = 10.0, 3.0, 8.0, 15.0
MOST_RESULT_BYTES = 8 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """Where tools are: an address (`guarded` when a community gave it) or a program of the operator's."""

    name: str
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    guarded: bool = True
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = None


@dataclass(frozen=True, slots=True)
class Ticked:
    """A tool that may be offered, as it was when it was approved."""

    server: str
    tool: str
    hash: str
    writes: bool


@dataclass(slots=True)
class Used:
    """What tools did for one answer: `announced` by name, the `results` as they came, `changed` since approved."""

    wrap: str = "{}"
    seconds: float = CALL_SECONDS
    calls: int = 0
    announced: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    changed: list[Ticked] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)


class ToolClient(Protocol):
    """Speaks the Model Context Protocol."""

    async def probe(self, server: Server) -> Probe:
        """What a server has. Raises UpstreamFailed."""
        ...

    async def read(self, server: Server, uris: Sequence[str]) -> dict[str, str]:
        """The texts of resources. Raises UpstreamFailed."""
        ...

    def opened(
        self, offers: Sequence[tuple[Server, Sequence[Ticked]]], used: Used
    ) -> AbstractAsyncContextManager[list[Any]]:
        """Toolsets for a model; a server that is away costs its tools only."""
        ...

    async def close(self) -> None:
        """End programs."""
        ...


type Loads = Callable[[], ToolClient]
