"""What a filter can be tuned by, read off its struct: for sliders, for chat, for programs."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

from flask_core.contracts.filters import Option
from router_module_flask.moderation.filters.kinds import Kind


def options_of(kind: Kind, values: msgspec.Struct) -> tuple[Option, ...]:
    """One per field, with its present value."""
    shape = inspect.type_info(kind.values)
    assert isinstance(shape, inspect.StructType)
    return tuple(_option(field, getattr(values, field.name)) for field in shape.fields)


def _option(field: inspect.Field, value: Any) -> Option:
    said: dict[str, Any] = {}
    shape = field.type
    while isinstance(shape, inspect.Metadata):
        said = {**(shape.extra_json_schema or {}), **said}
        shape = shape.type
    label, hint = said.get("title", field.name), said.get("description", "")
    if isinstance(shape, inspect.IntType):
        return Option(field.name, label, "number", value, hint, shape.ge or 0, shape.le or 0)
    if isinstance(shape, inspect.BoolType):
        return Option(field.name, label, "switch", value, hint)
    choices = _choices(shape)
    return Option(field.name, label, "choices" if choices else "list", list(value), hint, choices=choices)


def _choices(shape: inspect.Type) -> tuple[str, ...]:
    of = getattr(shape, "item_type", None)
    return tuple(str(value) for value in of.values) if isinstance(of, inspect.LiteralType) else ()
