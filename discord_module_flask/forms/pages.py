"""A form as Discord's modals, five fields a page, and what was filled in."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from flask_core.datamodels import Form, FormField

PER_PAGE = 5
_TITLE, _LABEL, _OPTIONS = 45, 45, 25
_BUTTON, _SELECT, _INPUT, _LABELLED = 2, 3, 4, 18
_SHORT, _LONG = 300, 4_000
_CHOSEN = frozenset({"select", "multiselect", "radio", "checkbox"})
_SEVERAL = frozenset({"multiselect", "checkbox"})
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")

type Part = dict[str, Any]


def pages_of(form: Form) -> int:
    """How many there are."""
    return max(1, math.ceil(len(form.fields) / PER_PAGE))


def modal(form: Form, number: int, custom_id: str, values: Mapping[str, str]) -> Part:
    """One page, with what was filled in before."""
    pages = pages_of(form)
    title = form.title if pages == 1 else f"{form.title[:34]} ({number + 1}/{pages})"
    fields = form.fields[number * PER_PAGE : (number + 1) * PER_PAGE]
    components = [
        {"type": _LABELLED, "label": field.label[:_LABEL], "component": _control(field, values.get(field.name, ""))}
        for field in fields
    ]
    return {"custom_id": custom_id, "title": title[:_TITLE], "components": components}


def _control(field: FormField, value: str) -> Part:
    if field.type not in _CHOSEN:
        long = field.type == "textarea"
        given = {"value": value} if value else {}
        return {
            "type": _INPUT, "custom_id": field.name, "style": 2 if long else 1, "required": field.required,
            "max_length": _LONG if long else _SHORT, **given,
        }  # fmt: skip
    choices = (field.choices or ("yes", "no"))[:_OPTIONS]
    chosen = value.split(",")
    options = [{"label": one[:100], "value": one[:100], "default": one in chosen} for one in choices]
    most = len(choices) if field.type in _SEVERAL and field.choices else 1
    return {
        "type": _SELECT, "custom_id": field.name, "options": options, "required": field.required,
        "min_values": 1 if field.required else 0, "max_values": most,
    }  # fmt: skip


def button(label: str, custom_id: str) -> list[Part]:
    """A row with one button."""
    return [{"type": 1, "components": [{"type": _BUTTON, "style": 1, "label": label, "custom_id": custom_id}]}]


def entered(components: list[Part]) -> dict[str, str]:
    """What was filled in, by field; several choices are joined by commas."""
    controls = [one.get("component") or one["components"][0] for one in components]
    return {
        str(one["custom_id"]): ",".join(one["values"]) if "values" in one else str(one.get("value") or "").strip()
        for one in controls
    }


def trouble(form: Form, values: Mapping[str, str]) -> tuple[int, str] | None:
    """The first field that does not fit: its page, and a sentence."""
    for number, field in enumerate(form.fields):
        text = values.get(field.name, "")
        if field.required and not text:
            return number // PER_PAGE, f"{field.label}: this is needed."
        fits, wanted = _FITS.get(field.type, (None, ""))
        if text and fits is not None and not _understood(fits, text):
            return number // PER_PAGE, f"{field.label}: {wanted}"
    return None


def _understood(fits: Callable[[str], Any], text: str) -> bool:
    try:
        return bool(fits(text))
    except ValueError:
        return False


_FITS: dict[str, tuple[Callable[[str], Any], str]] = {
    "number": (lambda text: math.isfinite(float(text)), "write a number."),
    "email": (_EMAIL.fullmatch, "write an e-mail address."),
    "url": (lambda text: text.startswith(("https://", "http://")), "write an address that begins with https://."),
    "date": (date.fromisoformat, "write a date such as 2026-03-14."),
    "time": (lambda text: str(time.fromisoformat(text)), "write a time such as 20:30."),
}
