"""Turns what was read of a command into one of ours: limits, names, and rights that are never widened."""

from __future__ import annotations

import msgspec

from alias_interaction_module_flask.imports.rows import Command, Kind, Note, Row
from alias_interaction_module_flask.imports.scanning import notes_of, privileged
from alias_interaction_module_flask.models import Wish
from alias_interaction_module_flask.wishes import LONGEST_LINE, LONGEST_TEXT
from flask_core.datamodels import Role


def row_of(external_id: str, original: str, wish: Wish, notes: tuple[Note, ...]) -> Row:
    """The row of a command or alias; a text that cannot be kept leaves the row without anything."""
    kind: Kind = "command" if wish.kind == "text" else "alias"
    if not wish.body:
        return Row(kind, external_id, wish.name, original, None, (*notes, Note("empty_text")))
    most = LONGEST_TEXT if wish.kind == "text" else LONGEST_LINE
    if len(wish.body) > most:
        return Row(kind, external_id, wish.name, original[:LONGEST_TEXT], None, (Note("text_too_long", f"{most:,}"),))
    if privileged(wish.body, wish.dialect):
        wish = msgspec.structs.replace(wish, role=max(wish.role, Role.MODERATOR))
    found = dict.fromkeys((*notes, *notes_of(wish.body, wish.dialect)))
    return Row(kind, external_id, wish.name, original, Command(wish), tuple(found))
