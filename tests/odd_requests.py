"""Requests of the right shape with odd things in them, made from an operation's types; the same ones every time."""

from __future__ import annotations

import random
import types
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin, get_type_hints

import msgspec

from flask_core.datamodels import Event

TEXTS = (
    "", "x", "quote", "twitch", "twitch:141981764:141981764", "console:2:main", "member-1", "person-ann", "Ann",
    "ädä 🐧", "a\x00b", " ", "-1", "9" * 30, "%27", "../..", "<script>alert(1)</script>", "'; DROP TABLE x; --", "%",
    "\\", "2026-03-13T19:00:00Z", "https://example.org/x", "in 2h", "every monday 20:00", "de", "Europe/Berlin",
    "0123456789abcdef" * 2, "y" * 3_000,
)  # fmt: skip
LINES = (
    "", "1", "0", "99999999999999999", "-1", "#2", "x", "@dee", "<@!42>", "a b c", '"two words"', "add", "list 2",
    "ship it by Grace", "in 2h stretch", "tomorrow", "every monday 20:00 go", "--page 2", "on", "off", "30s", "ädä 🐧",
    "https://example.org", "https://", "a\x00b", "y" * 2_000, "' '", "%", "<b>x</b>", "slack", "CODE-1234",
)  # fmt: skip
NUMBERS = (0, 1, 2, 3, 25, 100, -1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 10**30)
FRACTIONS = (0.0, 1.5, -1.0, 1e300, 86_400.0)
TIMES = (datetime.fromisoformat("2026-03-13T19:00:00Z"), datetime.fromisoformat("9999-12-31T23:59:59Z"))
_DEEPEST = 4


def odd(kind: Any, dice: random.Random, depth: int = 0) -> Any:
    """A value of `kind` as JSON would carry it."""
    if isinstance(kind, TypeAliasType):
        return odd(kind.__value__, dice, depth)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind, dice, depth)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return dice.choice(list(kind)).value
    origin, inner = get_origin(kind), get_args(kind)
    if origin in _ORIGINS:
        return _ORIGINS[origin](inner, dice, depth)
    return _plain(kind, dice, depth)


def _plain(kind: Any, dice: random.Random, depth: int) -> Any:
    pools: dict[Any, Any] = {
        int: NUMBERS, float: FRACTIONS, str: TEXTS, bool: (True, False), datetime: TIMES, type(None): (None,),
        bytes: ("", "eA=="),
    }  # fmt: skip
    if kind in pools:
        return dice.choice(pools[kind])
    if kind is msgspec.Raw:
        # The router takes events one by one; each may be anything.
        return odd(dice.choice((Event, Event, dict[str, str], str)), dice, depth)
    if kind is Any:
        return odd(dice.choice((int, str, bool, dict[str, str])), dice, depth)
    raise TypeError(f"nobody knows an odd {kind!r}")


def _struct(kind: type[msgspec.Struct], dice: random.Random, depth: int) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    fields = [field for field in msgspec.structs.fields(kind) if field.required or dice.random() < 0.6]
    made = {field.encode_name: odd(hints[field.name], dice, depth + 1) for field in fields}
    config = kind.__struct_config__
    return {config.tag_field: config.tag, **made} if config.tag_field else made


def _several(inner: tuple[Any, ...], dice: random.Random, depth: int) -> list[Any]:
    if inner and inner[-1] is not Ellipsis and len(inner) > 1:
        return [odd(kind, dice, depth + 1) for kind in inner]
    most = 0 if depth > _DEEPEST else dice.choice((0, 1, 2))
    return [odd(inner[0], dice, depth + 1) for _ in range(most)]


def _mapping(inner: tuple[Any, ...], dice: random.Random, depth: int) -> dict[str, Any]:
    most = 0 if depth > _DEEPEST else dice.choice((0, 1, 2))
    return {str(odd(inner[0], dice, depth + 1)): odd(inner[1], dice, depth + 1) for _ in range(most)}


def _one_of(inner: tuple[Any, ...], dice: random.Random, depth: int) -> Any:
    # What may be left out is left out by `_struct`.
    return odd(dice.choice([kind for kind in inner if kind is not msgspec.UnsetType]), dice, depth)


_ORIGINS: dict[Any, Any] = {
    tuple: _several, list: _several, dict: _mapping, types.UnionType: _one_of, Union: _one_of,
    Literal: lambda inner, dice, depth: dice.choice(inner),
    Annotated: lambda inner, dice, depth: odd(inner[0], dice, depth),
}  # fmt: skip
