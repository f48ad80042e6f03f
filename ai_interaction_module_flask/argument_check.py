"""Whether what a model wants to give to a tool fits the tool's schema, which a stranger wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import re2
import referencing
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import Draft202012Validator, extend
from referencing.exceptions import Unresolvable

_LONGEST = 200


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    try:
        fits = not isinstance(instance, str) or bool(re2.search(pattern, instance))
    except re2.error:
        fits = False
    if not fits:
        yield ValidationError("does not have the form that is asked for")


# `re` never sees a pattern that somebody else wrote.
_Validator = extend(Draft202012Validator, {"pattern": _pattern})


def _names_by_pattern(schema: Any) -> bool:
    if isinstance(schema, dict):
        return "patternProperties" in schema or any(map(_names_by_pattern, schema.values()))
    return isinstance(schema, list) and any(map(_names_by_pattern, schema))


def problem_with(arguments: dict[str, Any], schema: dict[str, Any]) -> str:
    """What does not fit, "" when all does. Nothing is fetched that a schema refers to."""
    validator = _Validator(schema, registry=referencing.Registry())
    try:
        if _names_by_pattern(schema):
            return "the tool's schema names properties by pattern, which is not supported"
        error = jsonschema.exceptions.best_match(validator.iter_errors(arguments))
    except (Unresolvable, SchemaError, RecursionError, TypeError, ValueError, AttributeError) as broken:
        return f"the tool's schema cannot be used ({type(broken).__name__})"
    if error is None:
        return ""
    where = ".".join(str(part) for part in error.absolute_path)
    return f"{where}: {error.message}"[:_LONGEST] if where else error.message[:_LONGEST]
