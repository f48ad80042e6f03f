"""What the modules of one process share; the only place where the two deployments differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from flask_core.shared_state import SharedState


class LocalModule(Protocol):
    """A module in this process, reached by a function call."""

    async def serve(self, key: tuple[str, str], token: str, body: bytes) -> bytes: ...


class Runtime:
    """Modules in this process by name, and the shared state they use instead of Redis.

    Distributed modules have a runtime of their own with nobody else in it. `restart` ends the process so that it
    begins anew, where it is served by something that lets it.
    """

    def __init__(self, shared: SharedState | None = None) -> None:
        self.shared = shared
        self.modules: dict[str, LocalModule] = {}
        self.restart: Callable[[], None] | None = None


_current: list[Runtime] = []


def current_runtime() -> Runtime:
    """The runtime that modules made now belong to: the embedding process's, else one of their own."""
    return _current[-1] if _current else Runtime()


@contextmanager
def embedding(runtime: Runtime) -> Iterator[Runtime]:
    """Modules made inside belong to `runtime`."""
    _current.append(runtime)
    try:
        yield runtime
    finally:
        _current.remove(runtime)
