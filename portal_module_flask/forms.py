"""Forms out of a module's settings schema, and documents out of the forms that come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Field:
    """A field to draw: kind is checkbox, number, text, select or several; `hint` explains it.

    `saved` is what the settings have where something else was typed, "" where they agree.
    """

    name: str
    label: str
    kind: str
    value: Any
    choices: tuple[str, ...] = ()
    saved: str = ""
    hint: str = ""


def fields_of(schema: Mapping[str, Any], document: Mapping[str, Any], typed: Any = None) -> list[Field]:
    """One field per property, filled with the present settings, or with the form `typed` that was refused."""
    fields = []
    for name, part in _parts(schema):
        saved = value = document.get(name, part.get("default"))
        if typed is not None:
            value = _typed(part, name, typed)
        differs = typed is not None and _words(value) != _words(saved)
        words = _words(saved) if differs else ""
        label, hint = part.get("title") or _label(name), part.get("description", "")
        fields.append(Field(name, label, _kind(part), value, _choices(part), words, hint))
    return fields


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Names and schemas of the properties; what may be left empty is told by `optional`."""
    for name, part in schema.get("properties", {}).items():
        real = [one for one in part.get("anyOf", ()) if one.get("type") != "null"]
        if len(real) == 1:
            yield name, {**real[0], "default": part.get("default"), "optional": True}
        else:
            yield name, part


def _typed(part: Mapping[str, Any], name: str, form: Any) -> Any:
    kind = _kind(part)
    if kind == "checkbox":
        return name in form
    return form.getlist(name) if kind == "several" else form.get(name, "")


def _words(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "nothing" if value is None or value == "" else str(value)


def document_from(schema: Mapping[str, Any], form: Any) -> dict[str, Any]:
    """The settings that a form means, words it lacks left out; raises InvalidInput for what is no number."""
    document: dict[str, Any] = {}
    for name, part in _parts(schema):
        kind = _kind(part)
        if part.get("optional") and not form.get(name, "").strip():
            document[name] = None
            continue
        if kind == "checkbox":
            document[name] = name in form
        elif kind == "several":
            document[name] = [choice for choice in form.getlist(name) if choice in _choices(part)]
        elif kind == "number":
            document[name] = _number(form.get(name, ""), name, whole=part.get("type") == "integer")
        elif name in form:
            document[name] = form[name]
    return document


def _number(text: str, name: str, *, whole: bool) -> int | float:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        raise InvalidInput(f"{_label(name)}: write a number.", field=name) from None


def _kind(part: Mapping[str, Any]) -> str:
    kind = part.get("type")
    if kind == "array":
        return "several"
    if "enum" in part:
        return "select"
    return {"boolean": "checkbox", "integer": "number", "number": "number"}.get(str(kind), "text")


def _choices(part: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(part.get("enum") or part.get("items", {}).get("enum") or ())


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
