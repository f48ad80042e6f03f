"""The public door for programs: what modules offer to people, with an API key."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from quart import Blueprint, Response, request

from flask_core.api_utils import error_response, whole_body
from flask_core.errors import ServiceError, TooMany, Unauthenticated
from flask_core.known_keys import API_KEY_PREFIX, KnownKeys
from flask_core.passing_on import Passed, Request, parts_of
from flask_core.service_client import ServiceClient
from portal_module_flask.key_rates import Allowance, KeyRates
from portal_module_flask.pages import blueprint

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_PREFIX = "/api/v1/m/"
_SECONDS = 30.0
_MOST_BYTES = 3 * 1024 * 1024


def views(client: ServiceClient, keys: KnownKeys, rates: KeyRates) -> Blueprint:
    """`/api/v1/m/<module>/…` is `/api/v1/…` of the module; it decides by the key, as it does for everybody."""
    pages = blueprint("programs")

    @pages.route(f"{_PREFIX}<module>/<path:rest>", methods=_METHODS)
    async def pass_on(module: str, rest: str) -> Any:
        secret = _secret()
        owner = await keys.owner(secret)
        allowance = await rates.count(owner.key_id)
        if allowance.spent:
            refusal = TooMany("That is enough for now with this key. Wait a while.", retry_after=allowance.seconds)
            return _with_rate(error_response(refusal), allowance)
        try:
            passed = await client.pass_on(module, await _asked(module, rest, secret), timeout=_SECONDS)
        except ServiceError as refusal:
            return _with_rate(error_response(refusal), allowance)
        return _with_rate(_answer(passed), allowance)

    return pages


def _secret() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.startswith(API_KEY_PREFIX):
        raise Unauthenticated(f"Send an API key of yours: Authorization: Bearer {API_KEY_PREFIX}…")
    return secret


async def _asked(module: str, rest: str, secret: str) -> Request:
    # As it came where that is known: a part of a path may hold a slash.
    came: bytes = request.scope.get("raw_path") or quote(request.path).encode()
    path = came.decode("ascii", "replace").partition("?")[0].partition(f"{_PREFIX}{module}/")[2] or quote(rest)
    parts = ("api", "v1", *parts_of(path))
    return Request(request.method, parts, request.args.to_dict(), secret, await whole_body(_MOST_BYTES))


def _answer(passed: Passed) -> Response:
    response = Response(passed.body, passed.status)
    response.headers.pop("Content-Type", None)
    if passed.content_type:
        response.headers["Content-Type"] = passed.content_type
    return response


def _with_rate(response: Response, allowance: Allowance) -> Response:
    response.headers["X-RateLimit-Limit"] = str(allowance.limit)
    response.headers["X-RateLimit-Remaining"] = str(max(0, allowance.left))
    response.headers["X-RateLimit-Reset"] = str(round(allowance.seconds))
    return response
