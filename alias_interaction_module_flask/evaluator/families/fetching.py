"""Pages of others, as text."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.headers import headers_of
from alias_interaction_module_flask.evaluator.javascript_numbers import shown
from alias_interaction_module_flask.evaluator.registry import ALL, WADDLE, Family
from alias_interaction_module_flask.evaluator.template import Dialect, Literal, Part, Parts
from alias_interaction_module_flask.evaluator.values import Failed, Origin, Said
from alias_interaction_module_flask.evaluator.world import LookupFailed
from alias_interaction_module_flask.fetching.addresses import Nested, address
from flask_core.errors import InvalidInput

family = Family("Pages")

LONGEST = 400
_FIRST = re.compile(r"\s*(\S+)\s+")
_ENCODE = frozenset({"querystring", "queryescape", "queryencode", "pathescape", "pathencode"})
_NOT_JSON = "not JSON"


@family.variable(
    "urlfetch", "customapi", dialects=ALL, usage="[json] address", reads="raw", asks=True, lazy=True, dotted=True
)
async def urlfetch(call: Call) -> Said:
    """What a page says (at most 400 characters); with `json`, its JSON for a script."""
    parts = call.node.arguments[0].parts if call.node.arguments else ()
    word, rest = _first_word(parts)
    if word.lower() == "json" and rest and call.dialect is not Dialect.STREAMELEMENTS:
        return Said(_compact(call, await _page(call, rest)), Origin.EXTERNAL, code=True)
    text = _one_line(await _page(call, parts))
    if len(text) > LONGEST and call.dialect is not Dialect.STREAMELEMENTS:
        raise _failed(call, "response too long")
    return Said(text, Origin.EXTERNAL)


@family.variable("json", dialects=WADDLE, usage="path address", reads="raw", asks=True, lazy=True)
async def json(call: Call) -> Said:
    """One value of a page's JSON, by its path: `items.0.title`."""
    parts = call.node.arguments[0].parts if call.node.arguments else ()
    path, rest = _first_word(parts)
    if not path or not rest:
        call.fail("write a path and an address")
    try:
        value: Any = msgspec.json.decode(await _page(call, rest))
    except (ValueError, RecursionError):
        call.fail(_NOT_JSON)
    for name in path.removeprefix("$.").split("."):
        value = _inside(value, name)
    return Said(_one_line(_shown(value))[:LONGEST], Origin.EXTERNAL)


def _first_word(parts: Parts) -> tuple[str, Parts]:
    """The first word, when the author typed it and something follows; and what follows."""
    found = _FIRST.match(parts[0].text) if parts and isinstance(parts[0], Literal) else None
    if found is None:
        return "", ()
    behind = parts[0].text[found.end() :] if isinstance(parts[0], Literal) else ""
    return found[1], ((Literal(behind), *parts[1:]) if behind else parts[1:])


async def _page(call: Call, parts: Parts) -> str:
    pieces = await call.run.pieces(parts)
    call.origin = max((call.origin, *(piece.origin for piece in pieces)))
    try:
        url = address([_stands(part, piece) for part, piece in zip(parts, pieces, strict=True)])
    except InvalidInput:
        raise _failed(call, "bad address") from None
    try:
        return await call.ask(call.world.fetch, url, headers=headers_of(call.execution, call.dialect))
    except LookupFailed as failed:
        raise _failed(call, failed.reason) from None


def _stands(part: Part, piece: Said) -> str | Nested:
    if isinstance(part, Literal):
        return part.text
    return Nested(piece.text, own=piece.origin is Origin.AUTHOR, escaped=part.name in _ENCODE)


def _failed(call: Call, reason: str) -> Failed:
    return Failed("Unable to make request" if call.dialect is Dialect.STREAMELEMENTS else f"[urlfetch: {reason}]")


def _compact(call: Call, text: str) -> str:
    try:
        return msgspec.json.encode(msgspec.json.decode(text)).decode()
    except (ValueError, RecursionError):
        raise _failed(call, _NOT_JSON) from None


def _inside(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isascii() and name.isdigit() and len(name) < 7 and int(name) < len(value):
        return value[int(name)]
    return None


def _shown(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool | int | float):
        return str(value) if type(value) is int else shown(value)
    return msgspec.json.encode(value).decode()


def _one_line(text: str) -> str:
    return re.sub(r"[\r\n\u2028\u2029]+", " ", text).strip()
