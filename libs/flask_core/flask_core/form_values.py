"""What somebody typed into the fields of a form, checked field by field."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from flask_core.contracts.forms import LONGEST_VALUE, MOST_VALUES
from flask_core.datamodels import Form, FormField
from flask_core.errors import InvalidInput

_SEVERAL = frozenset({"multiselect", "checkbox"})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?", re.ASCII)


def values_from(form: Form, typed: Any) -> dict[str, str]:
    """Values by field name, empty ones left out; raises InvalidInput naming the field that is wrong.

    `typed` is what the page sent, with `getlist`.
    """
    values: dict[str, str] = {}
    for field in form.fields:
        text = _text(field, typed)
        if not text:
            if field.required:
                raise InvalidInput(f"{field.label}: fill this in.", field=field.name)
            continue
        check(field, text)
        values[field.name] = text
    if sum(len(text.encode()) for text in values.values()) > MOST_VALUES:
        raise InvalidInput("This is too much for one form. Write less.")
    return values


def _text(field: FormField, typed: Any) -> str:
    if field.type in _SEVERAL and field.choices:
        chosen = typed.getlist(field.name)
        if any(choice not in field.choices for choice in chosen):
            raise InvalidInput(f"{field.label}: choose from the list.", field=field.name)
        return ", ".join(chosen)
    if field.type == "checkbox":
        return "yes" if field.name in typed else ""
    return str(typed.get(field.name, "")).replace("\r\n", "\n").replace("\x00", "").strip()


def check(field: FormField, text: str) -> None:
    """Raise InvalidInput, with a sentence, where the text does not fit its field."""
    if len(text) > LONGEST_VALUE:
        raise InvalidInput(f"{field.label}: write at most {LONGEST_VALUE} characters.", field=field.name)
    if field.type in {"select", "radio"} and text not in field.choices:
        raise InvalidInput(f"{field.label}: choose from the list.", field=field.name)
    known = _KINDS.get(field.type)
    if known is not None and not known[0](text):
        raise InvalidInput(f"{field.label}: {known[1]}", field=field.name)


def _is_url(text: str) -> bool:
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in {"http", "https"} and bool(address.netloc)


def _reads(convert: Callable[[str], object]) -> Callable[[str], bool]:
    def readable(text: str) -> bool:
        try:
            convert(text)
        except ValueError:
            return False
        return True

    return readable


_KINDS: dict[str, tuple[Callable[[str], bool], str]] = {
    "number": (lambda text: _NUMBER.fullmatch(text) is not None, "write a number."),
    "email": (lambda text: _EMAIL.fullmatch(text) is not None, "write an e-mail address."),
    "url": (_is_url, "write an address that begins with https://."),
    "date": (_reads(date.fromisoformat), "write a date as 2026-11-26."),
    "time": (_reads(time.fromisoformat), "write a time as 18:30."),
}
