"""Calls to other modules: a function call where they share the process, HTTP where they do not."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from flask_core.errors import NotFound, ServiceError, Unavailable, UnknownOutcome, UpstreamFailed, from_answer
from flask_core.operations import Acting, Operation, encoder
from flask_core.passing_on import Passed, Request, serve_here
from flask_core.runtime import Runtime
from flask_core.service_http import ServiceTransport

log = logging.getLogger(__name__)

DEFAULT_TIMEOUT = 5.0


class ServiceClient:
    """`await client.call("community", community.CONTEXT, request)`: the answer, or the family's error."""

    def __init__(
        self,
        issue: Callable[[str, Acting | None], str],
        runtime: Runtime,
        transport: ServiceTransport,
        urls: dict[str, str],
    ) -> None:
        self._issue = issue
        self._runtime = runtime
        self.transport = transport
        self._urls = urls

    def knows(self, module: str, url: str) -> None:
        """Remember where a module that introduced itself is reached."""
        self._urls[module] = url

    async def call[Q, A](
        self,
        module: str,
        operation: Operation[Q, A],
        request: Q,
        *,
        acting: Acting | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        most_bytes: int | None = None,
    ) -> A:
        """Call `operation` of `module`, for a person when `acting` is given; `timeout` in seconds.

        Raises the error that the module answered with; Unavailable when it cannot be reached and
        UnknownOutcome when it took the request and gave no answer in time.
        """
        token = self._issue(module, acting)
        here = self._runtime.modules.get(module)
        if here is not None:
            answer = await self._in_process(module, here, operation, token, encoder.encode(request), timeout)
        else:
            answer = await self._over_http(module, operation, token, request, timeout)
        if most_bytes is not None and len(answer) > most_bytes:
            raise UpstreamFailed(f"The {module} module answered more than can be read.")
        try:
            return operation.decode_answer(answer)
        except msgspec.MsgspecError as error:
            raise UpstreamFailed(f"The {module} module answered something that cannot be read.") from error

    async def pass_on(self, module: str, request: Request, *, timeout: float) -> Passed:
        """What `module` answers to a request that somebody else made, with their token; `timeout` in seconds.

        Raises as `call` does where the module is away, and may raise what the module refuses with.
        """
        here: Any = self._runtime.modules.get(module)
        try:
            if here is not None:
                async with asyncio.timeout(timeout):
                    return await serve_here(here, request)
        except TimeoutError:
            raise UnknownOutcome(not_answering(module)) from None
        base = self._urls.get(module)
        if base is None:
            raise NotFound("There is no such module here.")
        url = f"{base}{request.path}" + (f"?{urlencode(request.query)}" if request.query else "")
        status, answer, headers = await self.transport.send(
            module, request.method, url, body=request.body, token=request.token, timeout=timeout
        )
        return Passed(status, answer, headers.get("Content-Type", ""))

    async def _in_process(
        self, module: str, here: Any, operation: Operation[Any, Any], token: str, body: bytes, timeout: float
    ) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                answer: bytes = await here.serve(operation.key, token, body)
                return answer
        except TimeoutError:
            raise UnknownOutcome(not_answering(module)) from None
        except ServiceError:
            raise
        except Exception as error:  # The edge of the other module: what HTTP would answer with 500.
            trace = secrets.token_hex(4)
            log.exception("%s failed on %s (trace %s)", module, operation.path, trace)
            raise ServiceError(wrong_on_our_side(trace), trace=trace) from error

    async def _over_http(
        self, module: str, operation: Operation[Any, Any], token: str, request: Any, timeout: float
    ) -> bytes:
        base = self._urls.get(module)
        if base is None:
            raise Unavailable(not_answering(module), retry_after=5)
        path, body = address(operation, request)
        status, answer, headers = await self.transport.send(
            module, operation.method, base + path, body=body, token=token, timeout=timeout
        )
        if status < 300:
            return answer
        fields = _error_fields(answer)
        if status >= 500:
            # Whatever answered instead of the module (a proxy, a crash) has no sentence for people.
            fields.setdefault("message", not_answering(module))
        raise from_answer(status, fields, retry_after=_seconds(headers.get("Retry-After")))


def address(operation: Operation[Any, Any], request: Any) -> tuple[str, bytes]:
    """Path (with query) and body that carry `request` over HTTP."""
    if not operation.path_fields and operation.method not in {"GET", "DELETE"}:
        return operation.path, encoder.encode(request)
    fields: dict[str, Any] = msgspec.to_builtins(request)
    in_path = {name: quote(str(fields.pop(name)), safe="") for name in operation.path_fields}
    path = operation.path.format_map(in_path)
    if operation.method not in {"GET", "DELETE"}:
        return path, encoder.encode(fields)
    query = {name: _as_text(value) for name, value in fields.items() if value not in (None, "")}
    return (f"{path}?{urlencode(query)}" if query else path), b""


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _error_fields(body: bytes) -> dict[str, Any]:
    try:
        fields = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isascii() and header.isdigit() else None


def not_answering(module: str) -> str:
    """The sentence for a module that is away."""
    return f"The {module} module is not answering right now."


def wrong_on_our_side(trace: str) -> str:
    """The sentence for an unexpected failure; the trace id finds the record."""
    return f"Something went wrong on our side (trace {trace})."
