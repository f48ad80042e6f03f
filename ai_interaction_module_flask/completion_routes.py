"""OpenAI's protocol over HTTP: the community from a header or the key, streams, and refusals in OpenAI's shape."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import msgspec
from quart import Response, request

from ai_interaction_module_flask.completing import Completing, new_id, usage_of
from ai_interaction_module_flask.ports import Answered
from flask_core.admission import admit
from flask_core.api_utils import JSON, bearer, error_response, unexpected, whole_body
from flask_core.app_factory import Service
from flask_core.contracts import ai, completions
from flask_core.errors import InvalidInput, ServiceError
from flask_core.operations import Caller, Endpoints, Operation

_TYPES = {
    401: "authentication_error", 403: "permission_error", 429: "rate_limit_exceeded", 502: "upstream_error",
    503: "server_error",
}  # fmt: skip
_CODES = {401: "invalid_api_key", 403: "forbidden", 429: "rate_limit_exceeded"}
_READING_SECONDS = 5.0
_OUT_OF_BUDGET = frozenset({"share", "budget"})
_encoder = msgspec.json.Encoder()


def completion_endpoints(completing: Completing) -> Endpoints:
    """The operations, for modules in the same process and for the routes below."""
    api = Endpoints()

    @api.offers(completions.COMPLETE)
    async def complete(asked: completions.Complete, caller: Caller) -> completions.Completion:
        return await completing.complete(asked, caller)

    @api.offers(completions.MODELS)
    async def models(asked: ai.OfCommunity, _: Caller) -> completions.ModelList:
        return await completing.models(asked.community_id)

    @api.offers(completions.MODEL)
    async def model(asked: completions.ModelOfCommunity, _: Caller) -> completions.ModelView:
        return await completing.model(asked)

    @api.offers(completions.GENERATE)
    async def generate(asked: completions.Generate, caller: Caller) -> completions.Generated:
        return await completing.generate(asked, caller)

    return api


def add_completion_routes(service: Service, completing: Completing) -> None:
    """Serve all of it under OpenAI's paths."""
    service.endpoints.include(completion_endpoints(completing))
    app = service.app

    @app.post(completions.COMPLETE.path, endpoint="completions")
    async def complete() -> Response:
        return await _answered(lambda: _complete(service, completing), _openai_refusal)

    @app.get(completions.MODELS.path, endpoint="models")
    async def models() -> Response:
        return await _answered(lambda: _served(service, completions.MODELS), _openai_refusal)

    # A model's name may hold slashes.
    @app.get("/api/v1/models/<path:name>", endpoint="model")
    async def model(name: str) -> Response:
        return await _answered(lambda: _served(service, completions.MODEL, id=name), _openai_refusal)

    @app.post(completions.GENERATE.path, endpoint="generate")
    async def generate() -> Response:
        return await _answered(lambda: _served(service, completions.GENERATE), error_response)


async def _answered(answer: Callable[[], Awaitable[Response]], refusal: Callable[[ServiceError], Response]) -> Response:
    try:
        return await answer()
    except ServiceError as error:
        return refusal(error)
    except Exception as error:  # The edge: whatever it was, programs get a refusal that they can read.
        return refusal(unexpected(error, request.path))


async def _served(service: Service, operation: Operation[Any, Any], **more: str) -> Response:
    token = bearer(request.headers.get("Authorization"))
    extra = {**await _community(service, token), **more}
    body = await whole_body(operation.max_body) if operation.method == "POST" else b""
    return Response(await service.serve(operation.key, token, body, extra), content_type=JSON)


async def _community(service: Service, token: str) -> dict[str, str]:
    """The community that is meant. Raises InvalidInput when nothing tells which."""
    caller = await service.gate.caller(token)
    named: Any = request.headers.get(completions.COMMUNITY_HEADER)
    if named is None and caller.key is not None:
        named = caller.key.only_community(completions.SCOPE)
    elif named is None and caller.acting is not None:
        named = caller.acting.community_id
    if named is None or not str(named).isascii() or not str(named).isdecimal() or len(str(named)) > 18:
        raise InvalidInput(f"Name the community's number in the header {completions.COMMUNITY_HEADER}.")
    return {"community_id": str(named)}


async def _complete(service: Service, completing: Completing) -> Response:
    token = bearer(request.headers.get("Authorization"))
    extra = await _community(service, token)
    body = await whole_body(completions.COMPLETE.max_body)
    asked = completions.COMPLETE.decode(body, extra)
    if not asked.stream:
        return Response(await service.serve(completions.COMPLETE.key, token, body, extra), content_type=JSON)
    caller = await admit(completions.COMPLETE, await service.gate.caller(token), asked, service.gate)
    pieces = completing.stream(asked, caller)
    # Whoever cannot be answered at all gets a status; later there is only the stream to say it in.
    first = await anext(pieces)
    response = Response(_Events(service, asked, first, pieces).lines(), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    # Whoever stops reading would keep others from asking for as long.
    response.timeout = completing.config.timeout + _READING_SECONDS
    return response


class _Events:
    """The pieces of one answer as server-sent events."""

    def __init__(self, service: Service, asked: completions.Complete, first: str | Answered, pieces: Any) -> None:
        self._service = service
        self._asked = asked
        self._first = first
        self._pieces = pieces
        self._frame = {"id": new_id(), "object": "chat.completion.chunk", "created": int(time.time())}

    async def lines(self) -> AsyncIterator[bytes]:
        began, outcome = time.perf_counter(), "left"
        try:
            async with aclosing(self._pieces) as pieces:
                yield self._delta({"role": "assistant", "content": ""})
                for line in self._of(self._first):
                    yield line
                async for piece in pieces:
                    for line in self._of(piece):
                        yield line
            yield b"data: [DONE]\n\n"
            outcome = "done"
        except ServiceError as error:
            outcome = error.code
            yield _event({"error": _told(error)})
        finally:
            self._service.metrics.served(completions.COMPLETE.path, outcome, time.perf_counter() - began)

    def _of(self, piece: str | Answered) -> list[bytes]:
        if isinstance(piece, str):
            return [self._delta({"content": piece})]
        lines = [self._delta({}, piece.finish)]
        if self._asked.stream_options is not None and self._asked.stream_options.include_usage:
            usage = msgspec.to_builtins(usage_of(piece))
            lines.append(_event({**self._frame, "model": piece.model, "choices": [], "usage": usage}))
        return lines

    def _delta(self, delta: dict[str, str], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event({**self._frame, "model": self._asked.model, "choices": [choice]})


def _event(body: dict[str, Any]) -> bytes:
    return b"data: " + _encoder.encode(body) + b"\n\n"


def _told(error: ServiceError) -> dict[str, Any]:
    kind, code = _TYPES.get(error.status, "invalid_request_error"), _CODES.get(error.status, error.code)
    if error.details.get("reason") in _OUT_OF_BUDGET:
        kind = code = "insufficient_quota"
    if error.status == 404 and error.details.get("field") == "model":
        code = "model_not_found"
    problem = error.details.get("problem")
    message = f"{error.message} {problem}" if isinstance(problem, str) else error.message
    return {"message": message, "type": kind, "param": error.details.get("field"), "code": code}


def _openai_refusal(error: ServiceError) -> Response:
    response = error_response(error)
    response.set_data(_encoder.encode({"error": _told(error)}))
    return response
