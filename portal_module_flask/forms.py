"""Forms out of a module's settings schema, and documents out of the forms that come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Field:
    """A field to draw: kind is checkbox, number, text, words, select or several; `choices` are values with their words.

    `saved` is what the settings have where something else was typed, "" where they agree.
    """

    name: str
    label: str
    kind: str
    value: Any
    choices: tuple[tuple[str, str], ...] = ()
    saved: str = ""
    hint: str = ""


def names_channels(schema: Mapping[str, Any]) -> bool:
    """Whether a field of the form names channels of the community."""
    return any(_of_channels(part) for part in schema.get("properties", {}).values())


def fields_of(
    schema: Mapping[str, Any],
    document: Mapping[str, Any],
    typed: Any = None,
    channels: Sequence[tuple[str, str]] = (),
) -> list[Field]:
    """One field per property, filled with the present settings, or with the form `typed` that was refused.

    `channels` are the community's, as key and words; what the settings name besides stays on offer.
    """
    fields = []
    for name, part in _parts(schema):
        saved = value = document.get(name, part.get("default"))
        if typed is not None:
            value = _typed(part, name, typed)
        differs = typed is not None and _words(value) != _words(saved)
        choices = _channels(part, saved, channels) if _of_channels(part) else _choices(part)
        fields.append(
            Field(
                name, _label(part, name), _kind(part), value, choices, _words(saved) if differs else "",
                part.get("description", ""),
            )
        )  # fmt: skip
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
    if kind == "words":
        return form.get(name, "").split()
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
            offered = {value for value, _ in _choices(part)}
            document[name] = [choice for choice in form.getlist(name) if _of_channels(part) or choice in offered]
        elif kind == "words":
            document[name] = form.get(name, "").split()
        elif kind == "number":
            document[name] = _number(form.get(name, ""), part, name, whole=part.get("type") == "integer")
        elif name in form:
            document[name] = form[name]
    return document


def _number(text: str, part: Mapping[str, Any], name: str, *, whole: bool) -> int | float:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        raise InvalidInput(f"{_label(part, name)}: write a number.", field=name) from None


def _kind(part: Mapping[str, Any]) -> str:
    kind = part.get("type")
    if kind == "array":
        return "several" if _choices(part) or _of_channels(part) else "words"
    if "enum" in part or _of_channels(part):
        return "select"
    return {"boolean": "checkbox", "integer": "number", "number": "number"}.get(str(kind), "text")


def _of_channels(part: Mapping[str, Any]) -> bool:
    return "channel" in (part.get("format"), part.get("items", {}).get("format"))


def _choices(part: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), str(value)) for value in part.get("enum") or part.get("items", {}).get("enum") or ())


def _channels(part: Mapping[str, Any], saved: Any, channels: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    none = () if part.get("type") == "array" else (("", "none"),)
    named = saved if isinstance(saved, list | tuple) else [saved]
    gone = [(key, key) for key in named if key and key not in dict(channels)]
    return (*none, *channels, *gone)


def _label(part: Mapping[str, Any], name: str) -> str:
    return str(part.get("title") or name.replace("_", " ").capitalize())
