"""What commands say: their templates, read once per version and filled in for a caller."""

from __future__ import annotations

import re

import msgspec

from alias_interaction_module_flask.models import Entry, Wish
from flask_core.datamodels import Invocation, Origin

LONGEST_REPLY = 1_000
_VARIABLE = re.compile(r"\$[({](\w+)[)}]|\{(\w+)\}")


class Said(msgspec.Struct, frozen=True):
    """What came out; `origin` is external when others than the command's author had a part in it."""

    text: str
    origin: Origin = Origin.OWN
    verbatim: bool = False


class Texts:
    """Fills templates in."""

    def check(self, wish: Wish) -> None:
        """Raise InvalidInput for a text that cannot be read, with its column."""

    def warnings(self, wish: Wish) -> tuple[str, ...]:
        """What its author should know about it."""
        return ()

    async def said(self, entry: Entry, invocation: Invocation, query: str) -> Said:
        """What the command says to this caller, who wrote `query` behind it."""
        words = query.split()
        known = {"user": invocation.member.name, "query": query, "args": query}

        def value(found: re.Match[str]) -> str:
            name = (found[1] or found[2]).lower()
            if name.isdecimal():
                return words[int(name) - 1] if 0 < int(name) <= len(words) else ""
            return known.get(name, found[0])

        text = _VARIABLE.sub(value, entry.what.body)
        return Said(text[:LONGEST_REPLY], Origin.EXTERNAL, verbatim=text[:1] == entry.what.body[:1])

    async def line(self, entry: Entry, invocation: Invocation, query: str) -> str:
        """The line that an alias runs: its variables filled in, or the caller's words behind it."""
        if _VARIABLE.search(entry.what.body) is None:
            appends = entry.origin.source != "nightbot"
            return f"{entry.what.body} {query}".strip() if appends else entry.what.body
        return " ".join((await self.said(entry, invocation, query)).text.split())
