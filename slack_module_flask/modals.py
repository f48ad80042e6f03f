"""Forms as Slack's modals: every kind of field as its input, and what was typed as values again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_core.datamodels import Form, FormField
from flask_core.errors import InvalidInput
from flask_core.form_values import check
from slack_module_flask.wording import escaped

type Json = dict[str, Any]

MOST_TITLE, MOST_LABEL, MOST_SECTION, MOST_FIELDS = 24, 2_000, 3_000, 50
MOST_OPTIONS, MOST_CHOICES, MOST_OPTION = 100, 10, 75
VALUE = "value"
FORM_CALLBACK, ASK_CALLBACK, FEEDBACK_CALLBACK = "form", "ask", "feedback"
_SEVERAL = frozenset({"multiselect", "checkbox"})


def view_of(form: Form, metadata: str, callback: str = FORM_CALLBACK) -> Json:
    """The modal; `metadata` is all that a submission has to say which form it was."""
    blocks: list[Json] = []
    if form.description:
        blocks.append({"type": "section", "text": _mrkdwn(escaped(form.description)[:MOST_SECTION])})
    blocks += [_input(field, number) for number, field in enumerate(form.fields[:MOST_FIELDS])]
    return _modal(form.title, callback, metadata, blocks)


def ask_view(metadata: str) -> Json:
    """What the shortcut opens: one line for a command."""
    line = {"type": "plain_text_input", "action_id": VALUE, "max_length": 500, "placeholder": _plain("points")}
    hint = _plain("As behind /waddlebot in a channel. The answer comes as a direct message.")
    blocks = [{"type": "input", "block_id": "f0", "label": _plain("Command"), "element": line, "hint": hint}]
    return _modal("Ask WaddleBot", ASK_CALLBACK, metadata, blocks)


def _modal(title: str, callback: str, metadata: str, blocks: list[Json]) -> Json:
    return {
        "type": "modal", "callback_id": callback, "private_metadata": metadata, "title": _plain(title, MOST_TITLE),
        "submit": _plain("Send"), "close": _plain("Cancel"), "blocks": blocks,
    }  # fmt: skip


def _input(field: FormField, number: int) -> Json:
    return {
        "type": "input", "block_id": f"f{number}", "label": _plain(field.label or field.name, MOST_LABEL),
        "optional": not field.required, "element": _element(field),
    }  # fmt: skip


def _element(field: FormField) -> Json:
    kind, many = field.type, len(field.choices) > MOST_OPTIONS
    if kind in {"select", "multiselect", "radio", "checkbox"}:
        several = kind in _SEVERAL
        if kind == "checkbox" and not field.choices:
            return {"type": "checkboxes", "action_id": VALUE, "options": [_option("yes", 0, "Yes")]}
        if kind in {"radio", "checkbox"} and len(field.choices) <= MOST_CHOICES:
            name = "checkboxes" if several else "radio_buttons"
            return {"type": name, "action_id": VALUE, "options": _options(field.choices)}
        if many:
            name = "multi_external_select" if several else "external_select"
            return {"type": name, "action_id": VALUE, "min_query_length": 0}
        name = "multi_static_select" if several else "static_select"
        return {"type": name, "action_id": VALUE, "options": _options(field.choices)}
    kinds: dict[str, Json] = {
        "textarea": {"type": "plain_text_input", "multiline": True, "max_length": 2_000},
        "number": {"type": "number_input", "is_decimal_allowed": True},
        "email": {"type": "email_text_input"},
        "url": {"type": "url_text_input"},
        "date": {"type": "datepicker"},
        "time": {"type": "timepicker"},
    }
    return {"action_id": VALUE, **kinds.get(kind, {"type": "plain_text_input", "max_length": 2_000})}


def _options(choices: Iterable[str]) -> list[Json]:
    return [_option(choice, number) for number, choice in enumerate(choices)]


def _option(choice: str, number: int, shown: str = "") -> Json:
    # A value is short; which choice it was is its number.
    return {"text": _plain(shown or choice, MOST_OPTION), "value": str(number)}


def suggestions(form: Form, block_id: str, typed: str) -> list[Json]:
    """Options of a long list that fit what somebody has typed so far."""
    field = _field(form, block_id)
    if field is None:
        return []
    wanted = typed.casefold()
    fitting = [(number, choice) for number, choice in enumerate(field.choices) if wanted in choice.casefold()]
    return [_option(choice, number) for number, choice in fitting[:MOST_OPTIONS]]


def values_of(form: Form, state: Json) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, by field name, and what is wrong with it, by block: Slack shows it at the field."""
    values: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for number, field in enumerate(form.fields[:MOST_FIELDS]):
        block = f"f{number}"
        try:
            text = _text(field, ((state.get("values") or {}).get(block) or {}).get(VALUE) or {})
            if not text and field.required:
                raise InvalidInput("Fill this in.")
            if text:
                check(field, text)
                values[field.name] = text
        except InvalidInput as problem:
            wrong[block] = problem.message
    return values, wrong


def _text(field: FormField, given: Json) -> str:
    if "selected_options" in given:
        chosen = [_choice(field, option) for option in given.get("selected_options") or ()]
        return ", ".join(chosen)
    if given.get("selected_option"):
        return _choice(field, given["selected_option"])
    found = given.get("value") or given.get("selected_date") or given.get("selected_time") or ""
    return str(found).replace("\r\n", "\n").replace("\x00", "").strip()


def _choice(field: FormField, option: Json) -> str:
    number = str(option.get("value", ""))
    if field.type == "checkbox" and not field.choices:
        return "yes"
    if not number.isascii() or not number.isdecimal() or int(number) >= len(field.choices):
        raise InvalidInput("Choose from the list.")
    return field.choices[int(number)]


def _field(form: Form, block_id: str) -> FormField | None:
    number = block_id.removeprefix("f")
    if not number.isascii() or not number.isdecimal() or int(number) >= len(form.fields):
        return None
    return form.fields[int(number)]


def _plain(text: str, most: int = 150) -> Json:
    return {"type": "plain_text", "text": text if len(text) <= most else f"{text[: most - 1]}…"}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}
