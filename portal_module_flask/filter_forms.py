"""The form of a filter: what it means, and how it looks again when it was refused."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from flask_core.contracts.filters import Filter, Option, PutFilter
from flask_core.errors import InvalidInput

_SEPARATORS = re.compile(r"[\n,]+")


def change_of(known: Filter, form: Any, community_id: int, version: int) -> PutFilter:
    """The change that a form means; raises InvalidInput for a number that is none."""
    return PutFilter(
        community_id,
        known.name,
        version,
        channels=tuple(form.getlist("channels")),
        platforms=tuple(form.getlist("platforms")),
        exempt_role=form.get("exempt_role", known.exempt_role),
        exempt_label=form.get("exempt_label", "").strip(),
        ladder=None if known.holds else _listed(form.get("ladder", "")),
        message=form.get("message", "").strip(),
        silent="silent" in form,
        values={option.name: _value(option, form) for option in known.options},
    )


def shown_again(known: Filter, form: Any) -> Filter:
    """The filter with what was typed, for somebody who has to correct it."""
    options = tuple(msgspec.structs.replace(option, value=_typed(option, form)) for option in known.options)
    return msgspec.structs.replace(
        known,
        channels=tuple(form.getlist("channels")),
        platforms=tuple(form.getlist("platforms")),
        exempt_role=form.get("exempt_role", ""),
        exempt_label=form.get("exempt_label", ""),
        ladder=_listed(form.get("ladder", "")),
        message=form.get("message", ""),
        silent="silent" in form,
        options=options,
    )


def _typed(option: Option, form: Any) -> Any:
    try:
        return _value(option, form)
    except InvalidInput:
        return option.value


def _value(option: Option, form: Any) -> Any:
    name = f"o.{option.name}"
    if option.kind == "switch":
        return name in form
    if option.kind == "choices":
        return form.getlist(name)
    if option.kind == "list":
        return _listed(form.get(name, ""))
    return _number(option, form, name)


def _number(option: Option, form: Any, name: str) -> int:
    """The slider's, unless somebody typed into the field beside it."""
    slider, exact = form.get(name, "").strip(), form.get(f"{name}.exact", "").strip()
    text = exact if exact and exact != form.get(f"{name}.was", "") else slider
    if not re.fullmatch(r"[0-9]{1,6}", text) or not option.lowest <= int(text) <= option.highest:
        raise InvalidInput(f"{option.label}: write a number from {option.lowest} to {option.highest}.")
    return int(text)


def _listed(text: str) -> tuple[str, ...]:
    """One per line, or by commas."""
    return tuple(dict.fromkeys(part for piece in _SEPARATORS.split(text) if (part := piece.strip())))
