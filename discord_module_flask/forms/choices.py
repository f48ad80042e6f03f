"""A form that asks for one choice only: buttons or menus below the message, and no page to open."""

from __future__ import annotations

from collections.abc import Callable
from itertools import batched
from typing import Any

from flask_core.datamodels import Form, FormField

MOST_BUTTONS, MOST_IN_MENU, MOST_ROWS = 5, 25, 5
_ROW, _BUTTON, _MENU, _SECONDARY = 1, 2, 3, 2
_LABEL, _OPTION = 80, 100
_ONE = frozenset({"select", "radio"})
_YES_NO = ("yes", "no")

type Part = dict[str, Any]


def choice_in(form: Form) -> FormField | None:
    """The field, when a form has a single one that is a choice, and Discord can show all of it at once."""
    if len(form.fields) != 1:
        return None
    field = form.fields[0]
    if field.type in _ONE and 0 < len(field.choices) <= MOST_ROWS * MOST_IN_MENU:
        return field
    if field.type == "multiselect" and 0 < len(field.choices) <= MOST_IN_MENU:
        return field
    return field if field.type == "checkbox" and not field.choices else None


def choices_of(field: FormField) -> tuple[str, ...]:
    """What can be chosen."""
    return field.choices or _YES_NO


def rows_of(field: FormField, custom_id: Callable[[str], str]) -> list[Part]:
    """A row of buttons where they fit, else menus of 25; `custom_id` makes an id of a name within the message."""
    choices = choices_of(field)
    if field.type != "multiselect" and len(choices) <= MOST_BUTTONS:
        buttons = [
            {"type": _BUTTON, "style": _SECONDARY, "label": one[:_LABEL], "custom_id": custom_id(f"b{number}")}
            for number, one in enumerate(choices)
        ]
        return [{"type": _ROW, "components": buttons}]
    menus = list(batched(enumerate(choices), MOST_IN_MENU, strict=False))
    return [_menu(field, custom_id(f"m{row}"), list(some), len(menus)) for row, some in enumerate(menus)]


def _menu(field: FormField, custom_id: str, some: list[tuple[int, str]], of: int) -> Part:
    options = [{"label": one[:_OPTION], "value": str(number)} for number, one in some]
    hint = field.label if of == 1 else f"{field.label[:60]}: {some[0][1][:15]} – {some[-1][1][:15]}"
    most = len(options) if field.type == "multiselect" else 1
    menu = {
        "type": _MENU, "custom_id": custom_id, "options": options, "placeholder": hint[:_OPTION], "min_values": 1,
        "max_values": most,
    }  # fmt: skip
    return {"type": _ROW, "components": [menu]}


def chosen(field: FormField, name: str, values: list[str]) -> str:
    """What was chosen by a button (`b2`) or in a menu; several are joined by commas, "" for what is no choice."""
    choices, numbers = choices_of(field), [name[1:]] if name.startswith("b") else values
    if not numbers or not all(one.isdecimal() and int(one) < len(choices) for one in numbers):
        return ""
    return ",".join(choices[int(one)] for one in numbers)
