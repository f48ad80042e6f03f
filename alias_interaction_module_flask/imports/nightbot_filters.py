"""Nightbot's spam protection, filter by filter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alias_interaction_module_flask.imports.levels import nightbot_role
from alias_interaction_module_flask.imports.reading import texted, whole, worded
from alias_interaction_module_flask.imports.rows import Filter, Note, Row
from alias_interaction_module_flask.imports.screening import MOST_DOMAINS, filter_row, ladder, within, word_rows
from flask_core.datamodels import Role

_NAMES = {
    "blacklist": "words", "caps": "caps", "emotes": "emotes", "links": "links", "symbols": "symbols",
    "repetitions": "repeats",
}  # fmt: skip
_TUNED = {
    "caps": ("letters", 1, 200), "emotes": ("most", 0, 100), "symbols": ("row", 3, 200),
    "repeats": ("words", 1, 100),
}  # fmt: skip


def rows(item: dict[str, Any]) -> Iterator[Row]:
    """The filter as ours; a blacklist's expressions become rules of their own."""
    kind = texted(item.get("_type"))
    name = _NAMES.get(kind)
    if name is None:
        yield Row("filter", kind or "?", kind or "?", kind, None, (Note("no_equivalent", kind or "?"),))
        return
    role, notes = nightbot_role(item.get("exemptUserLevel") or "moderator")
    if role is Role.VIEWER:
        role, notes = Role.MODERATOR, (Note("level_unknown", "everyone"),)
    seconds = max(whole(item.get("length")), 0)
    base = Filter(name, ladder(seconds), role.word, texted(item.get("message"))[:200], item.get("silent") is True)
    if name == "words":
        yield from word_rows(kind, worded(item.get("blacklist")), seconds, base, *notes)
        return
    values: dict[str, bool | int | list[str]] = {}
    if name == "links":
        values["allow"] = worded(item.get("whitelist"))[:MOST_DOMAINS]
    elif "limit" in item:
        option, least, most = _TUNED[name]
        values[option] = within(whole(item["limit"]), least, most)
        notes = (*notes, Note("check_limits"))
    made = Filter(name, base.ladder, base.exempt_role, base.message, base.silent, values)
    yield filter_row(kind, f"{kind}, {seconds} s", made, *notes)
