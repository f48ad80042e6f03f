"""Operations as HTTP: routes, the express lane before Quart, one JSON shape for every refusal."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from quart import Quart, Response, current_app, request
from quart.wrappers import ClientDisconnectedError
from werkzeug.exceptions import HTTPException

from flask_core.errors import InvalidInput, ServiceError, TooLarge, Unauthenticated
from flask_core.operations import Endpoints, Operation, error_body
from flask_core.service_client import wrong_on_our_side

log = logging.getLogger(__name__)

JSON = "application/json"
_CODES = {404: "not_found", 405: "invalid", 413: "too_large", 415: "invalid", 400: "invalid", 401: "unauthenticated"}

type Scope = Any
type Receive = Callable[[], Awaitable[Any]]
type Send = Callable[[Any], Awaitable[None]]


class Server(Protocol):
    """What answers operations: the module."""

    async def serve(
        self, key: tuple[str, str], token: str, body: bytes, extra: dict[str, str] | None = None
    ) -> bytes: ...


def bearer(header: str | None) -> str:
    """The token of an Authorization header; raises Unauthenticated when there is none."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("A service token is needed.")
    return token


def error_response(error: ServiceError) -> Response:
    """`{"error", "message", "details"}` with the error's status."""
    response = Response(error_body(error), error.status, content_type=JSON)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


def unexpected(failure: BaseException, where: str) -> ServiceError:
    """Log what nobody foresaw and make the sentence that people get."""
    trace = secrets.token_hex(4)
    log.error("failed on %s (trace %s)", where, trace, exc_info=failure)
    return ServiceError(wrong_on_our_side(trace), trace=trace)


def asked_address() -> str:
    """The address of this request as logs may have it: what stands in it, such as a token, by its name alone."""
    return request.url_rule.rule if request.url_rule is not None else request.path


def render_errors(app: Quart) -> None:
    """Answer every error of the family, Quart's own and everything else in the one JSON shape."""

    @app.errorhandler(ServiceError)
    async def refused(error: ServiceError) -> Response:
        return error_response(error)

    @app.errorhandler(HTTPException)
    async def http_refused(error: HTTPException) -> Response:
        refusal = ServiceError(error.description or "The request failed.")
        refusal.status = error.code or 500
        refusal.code = _CODES.get(refusal.status, "invalid")
        response = error_response(refusal)
        if allowed := getattr(error, "valid_methods", None):
            response.headers["Allow"] = ", ".join(allowed)
        return response

    @app.errorhandler(Exception)
    async def failed(error: Exception) -> Response:
        return error_response(unexpected(error, asked_address()))


def add_routes(app: Quart, endpoints: Endpoints, server: Server) -> None:
    """A Quart route for every operation."""
    for operation in endpoints.operations():
        path = operation.path.replace("{", "<").replace("}", ">")
        name = f"{operation.method} {operation.path}".replace(".", "_")
        app.add_url_rule(path, name, _view(operation, server), methods=[operation.method])


def _view(operation: Operation[Any, Any], server: Server) -> Callable[..., Awaitable[Response]]:
    async def view(**in_path: str) -> Response:
        token = bearer(request.headers.get("Authorization"))
        body = await whole_body(operation.max_body)
        extra = {**request.args.to_dict(), **in_path}
        answer = await server.serve(operation.key, token, body, extra)
        response = Response(answer, operation.status, content_type=JSON)
        if operation.etag:
            response.set_etag(hashlib.sha256(answer).hexdigest()[:32])
            response.headers["Cache-Control"] = "private, no-cache"
            await response.make_conditional(request)
        return response

    return view


async def whole_body(limit: int) -> bytes:
    """What was sent. Raises TooLarge as soon as it is more than `limit` bytes, InvalidInput when it does not end.

    Quart's own limit is the app's, and it looks at it when everything has come.
    """
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(current_app.config["BODY_TIMEOUT"]):
            async for piece in request.body:
                body += piece
                if len(body) > limit:
                    raise _too_large(limit)
    except ClientDisconnectedError:
        raise InvalidInput("The request ended too early.") from None
    except TimeoutError:
        raise InvalidInput("The request took too long.") from None
    return bytes(body)


class ExpressLane:
    """ASGI in front of Quart for the operations on the way of an event.

    Building a request, a context and a response is half of a small request's cost in Quart; an express
    operation needs the token and the body only. Everything else passes on to Quart untouched.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], server: Server) -> None:
        self._app = app
        self._server = server
        self._operations: dict[tuple[str, str], Operation[Any, Any]] = {}

    def add(self, endpoints: Endpoints) -> None:
        """Take over the express operations among `endpoints`."""
        for operation in endpoints.operations():
            if operation.express:
                self._operations[operation.key] = operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = (
            self._operations.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        )  # fmt: skip
        if operation is None:
            await self._app(scope, receive, send)
            return
        status, body, headers = await self._answer(operation, scope, receive)
        headers.append((b"content-type", b"application/json"))
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _answer(
        self, operation: Operation[Any, Any], scope: Scope, receive: Receive
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        try:
            token = bearer(_header(scope, b"authorization"))
            body = await _read_body(receive, operation.max_body)
            return operation.status, await self._server.serve(operation.key, token, body), []
        except ServiceError as error:
            return _refusal(error)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # The edge: nobody below knows what to say.
            return _refusal(unexpected(error, operation.path))


def _refusal(error: ServiceError) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    headers: list[tuple[bytes, bytes]] = []
    if error.retry_after is not None:
        headers.append((b"retry-after", b"%d" % max(1, round(error.retry_after))))
    return error.status, error_body(error), headers


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"Send at most {limit} bytes.")


async def _read_body(receive: Receive, limit: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InvalidInput("The request ended too early.")
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body"):
            return bytes(body)
