"""What the forms of a community's own commands say."""

from __future__ import annotations

from typing import Any, cast

from flask_core.contracts import alias
from flask_core.datamodels import Platform, Role
from flask_core.errors import InvalidInput
from portal_module_flask.pages import whole

_WORDS = {
    "kind": ("text", "alias"), "dialect": ("waddle", "nightbot", "streamelements"),
    "when": ("always", "online", "offline"), "style": ("say", "mention", "reply", "whisper", "me"),
}  # fmt: skip
_LONGEST = 86_400


def fields_of(form: Any) -> dict[str, Any]:
    """What is chosen, by the names of AddOwn and PutOwn; raises InvalidInput naming the field."""
    fields: dict[str, Any] = {
        "name": form.get("name", ""),
        "body": form.get("body", ""),
        "role": Role.named(form.get("role", "viewer")),
        "dialect": word("dialect", form),
        "when": word("when", form),
        "style": word("style", form),
        "platforms": tuple(Platform(name) for name in form.getlist("platforms") if name in set(Platform)),
        "cost": number(form.get("cost", "") or "0", "A cost is a number of points.", 10**9),
        "hidden": "hidden" in form,
        "enabled": "enabled" in form,
    }
    if "may_choose_channels" in form:
        fields["channels"] = tuple(form.getlist("channels"))
    for name in ("cooldown_channel", "cooldown_member"):
        if form.get(name, "").strip():
            fields[name] = float(number(form[name], f"A cooldown has 0 to {_LONGEST:,} seconds.", _LONGEST))
    return fields


def added(community_id: int, form: Any) -> alias.AddOwn:
    """The new command."""
    return alias.AddOwn(community_id, cast(alias.Kind, word("kind", form)), **fields_of(form))


def changed(community_id: int, entry_id: int, form: Any) -> alias.PutOwn:
    """What shall be different."""
    return alias.PutOwn(community_id, entry_id, whole(form.get("version", "0")), **fields_of(form))


def word(name: str, form: Any) -> str:
    """One of the words that a field may be, the first where nothing is said."""
    value = str(form.get(name, "") or _WORDS[name][0])
    if value not in _WORDS[name]:
        raise InvalidInput(f"Choose one of {', '.join(_WORDS[name])}.", field=name)
    return value


def number(text: str, otherwise: str, most: int) -> int:
    """A whole number; `otherwise` is said for anything else."""
    text = text.strip().removesuffix("s").strip()
    if not (text.isascii() and text.isdecimal()) or len(text) > 12 or int(text) > most:
        raise InvalidInput(otherwise)
    return int(text)
