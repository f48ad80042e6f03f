"""Puts what variables came to into an address, so that only its author says which host is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from flask_core.errors import InvalidInput

_ESCAPED = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()+]|%[0-9A-Fa-f]{2})*", re.ASCII)
_ASKED = re.compile(r"\s*https?://[^/?#\\@\s\[\]]+[/?#]", re.ASCII | re.IGNORECASE)
_LEADS = re.compile(r"https?://[^/?#\\@\s\[\]]+(?:[/?#]|$)", re.IGNORECASE)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_STEPS = frozenset({".", ".."})


@dataclass(frozen=True, slots=True)
class Nested:
    """What a variable in an address came to.

    `own` says that nobody but the command's author had a hand in it; `escaped` that `querystring`, `queryescape` or
    `pathescape` made it.
    """

    text: str
    own: bool = False
    escaped: bool = False


def address(pieces: Sequence[str | Nested]) -> str:
    """The address to fetch from. Raises InvalidInput (`bad address`) where somebody else would choose the host."""
    filled = [piece for piece in pieces if not isinstance(piece, str) or piece.strip()]
    if len(filled) == 1 and isinstance(filled[0], Nested):
        # The whole address: nothing is left to be escaped, so it has to be the author's own.
        if not filled[0].own:
            raise _bad()
        return _checked(filled[0].text)
    url = ""
    for piece in pieces:
        url += piece if isinstance(piece, str) else _within(url, piece)
    if len(filled) > 1 and _climbs(url.strip()):
        raise _bad()
    return _checked(url)


def _within(before: str, value: Nested) -> str:
    if not _ASKED.match(before):
        # Still in front of the path: a part of the host's name at the most, and only the author's own.
        if value.own and "://" in before and _LABEL.fullmatch(value.text):
            return value.text
        raise _bad()
    if value.escaped and _ESCAPED.fullmatch(value.text):
        return value.text
    return quote(value.text.encode("utf-8", "replace"), safe="")


def _checked(url: str) -> str:
    """The address without the spaces that people leave in."""
    url = url.strip()
    if not _LEADS.match(url):
        raise _bad()
    return re.sub(r"\s", "%20", url)


def _climbs(url: str) -> bool:
    """Whether the path leaves the folder that the author wrote: `..`, however it is spelled."""
    path = re.split(r"[?#]", url, maxsplit=1)[0].partition("://")[2]
    return any(unquote(step) in _STEPS for step in re.split(r"[/\\]|%2f|%5c", path, flags=re.IGNORECASE))


def _bad() -> InvalidInput:
    return InvalidInput("That is not an address that can be fetched.", reason="bad address")
