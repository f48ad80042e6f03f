"""What every way of calling a third party's module has in common."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from flask_core.errors import UpstreamFailed

MOST_BYTES = 64 * 1024


class Asked(msgspec.Struct, frozen=True):
    """One call: the encoded invocation, the execution it belongs to, and the seconds it may take."""

    module: str
    body: bytes
    execution_id: str
    timeout: float


class Caller(Protocol):
    """One kind of executor."""

    def check(self, executor: Any) -> None:
        """Raises InvalidInput for one that could never be called, or that must not be."""

    async def call(self, executor: Any, asked: Asked) -> bytes | None:
        """The encoded reply; None when it was taken and answers later.

        Raises the module's own refusal (below 500, fit for people) or what went wrong (502, 503).
        """


class Failed(UpstreamFailed):
    """It was reached and did not do its work; `reason` is for our log."""

    def __init__(self, reason: str) -> None:
        super().__init__("The module failed.", reason=reason)


type Callers = dict[type, Caller]
