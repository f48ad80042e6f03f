"""A text that somebody chose as a file."""

from __future__ import annotations

from quart import request

from flask_core.errors import InvalidInput


async def uploaded(name: str) -> str:
    """The text of the file that was chosen in this field, "" for none."""
    chosen = (await request.files).get(name)
    if chosen is None or not chosen.filename:
        return ""
    try:
        return str(chosen.read(), "utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("This file is no text in UTF-8. Save it as that, or paste its lines.") from None
