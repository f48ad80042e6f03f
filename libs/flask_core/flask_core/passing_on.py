"""Requests that are passed on to a module as they came: the portal's door for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, unquote

from flask_core.errors import NotFound, TooLarge
from flask_core.operations import Endpoints

_NO_ADDRESS = "Nothing answers under this address."


@dataclass(frozen=True, slots=True)
class Request:
    """What is passed on, with whose token; `parts` are those of the path behind the host, `query` is as it came."""

    method: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    token: str
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, fit for an address."""
        return "/" + "/".join(quote(part, safe="") for part in self.parts)


@dataclass(frozen=True, slots=True)
class Passed:
    """What the module said; `content_type` is empty where nothing is."""

    status: int
    body: bytes
    content_type: str = ""


class Here(Protocol):
    """A module of this process."""

    endpoints: Endpoints

    async def serve(
        self, key: tuple[str, str], token: str, body: bytes, extra: dict[str, str] | None = None
    ) -> bytes: ...


def parts_of(path: str) -> tuple[str, ...]:
    """The parts of an escaped path; raises NotFound for one that leads anywhere but down."""
    parts = tuple(unquote(part) for part in path.strip("/").split("/"))
    if any(part in {"", ".", ".."} or "\\" in part or not part.isprintable() for part in parts):
        raise NotFound(_NO_ADDRESS)
    return parts


async def serve_here(module: Here, request: Request) -> Passed:
    """The module's answer to what one of its operations is asked; raises NotFound where there is none."""
    operation, in_path = module.endpoints.find(request.method, request.parts)
    if len(request.body) > operation.max_body:
        raise TooLarge(f"Send at most {operation.max_body} bytes.")
    answer = await module.serve(operation.key, request.token, request.body, {**request.query, **in_path})
    return Passed(operation.status, answer, "application/json" if answer else "")
