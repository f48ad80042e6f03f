"""Puts an address together, in which only its author says where it leads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from alias_interaction_module_flask.evaluator.template import Literal, Parts, Variable
from alias_interaction_module_flask.evaluator.values import Origin, Said

LONGEST = 2_000
# Everything up to the path; what stands before its end decides who is asked.
_LEADS = re.compile(r"https?://[^\s/?#\\@]+(?:[/?#]|$)", re.IGNORECASE)
_ENCODED = frozenset({"querystring", "queryescape", "queryencode", "pathescape", "pathencode"})


class BadAddress(Exception):
    """It is none, or somebody else than the author says where it leads."""


def address(parts: Parts, pieces: Sequence[Said]) -> str:
    """The address; what variables say is encoded, but for those that encode by themselves."""
    if len(parts) == 1 and isinstance(parts[0], Variable):
        return _checked(pieces[0].text.strip()) if pieces[0].origin is Origin.AUTHOR else _refused()
    told, settled = "", False
    for part, piece in zip(parts, pieces, strict=True):
        settled = settled or _settled(told)
        if not settled and piece.origin is not Origin.AUTHOR and piece.text:
            _refused()
        told += piece.text if isinstance(part, Literal) or part.name in _ENCODED else quote(piece.text, safe="")
    return _checked(told.strip())


def _settled(told: str) -> bool:
    """Whether scheme, host and port are complete, so that nothing that follows changes them."""
    found = _LEADS.match(told.lstrip())
    return found is not None and found[0][-1] in "/?#"


def _checked(url: str) -> str:
    if len(url) > LONGEST or not _LEADS.match(url):
        _refused()
    return re.sub(r"\s", "%20", url)


def _refused() -> str:
    raise BadAddress
