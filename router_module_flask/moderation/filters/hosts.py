"""Which hosts a text leads to: addresses, and names that could be one, also where somebody tried to hide the dot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from router_module_flask.moderation.filters.suffixes import in_ascii, owned
from router_module_flask.moderation.normalising import normal

_ADDRESS = re.compile(r"\bhttps?://[^\s<>|]+", re.ASCII | re.IGNORECASE)
# Begins where a word does and gives nothing back: a text of one long word is read once.
_NAME = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]++)+")
# Only with space on both sides: a sentence that ends before the next word is no address.
_HIDDEN_DOT = re.compile(
    r"(?<=[^\W_])(?:\s{1,3}\.\s{1,3}|\s{0,3}[(\[{]\s?(?:\.|dot)\s?[)\]}]\s{0,3})(?=[^\W_])", re.IGNORECASE
)
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_DOTS = re.compile("[。｡․]")


def hosts(text: str, *, hidden: bool = True) -> Iterator[str]:
    """The hosts that a text leads to, in its order, addresses first."""
    if not text.isascii():
        text = normal("NFKC", _DOTS.sub(".", _INVISIBLE.sub("", text)))
    has_dot, has_address = "." in text, "://" in text
    if has_address:
        yield from _of_addresses(text)
    if not has_dot and not (hidden and "dot" in text.lower()):
        return
    rest = _ADDRESS.sub(" ", text) if has_address else text
    yield from _of_names(rest)
    if hidden:
        shown = _HIDDEN_DOT.sub(".", rest)
        if shown != rest:
            yield from _of_names(shown)


def _of_addresses(text: str) -> Iterator[str]:
    for found in _ADDRESS.finditer(text):
        host = host_of(found.group())
        if host:
            yield host


def _of_names(text: str) -> Iterator[str]:
    for found in _NAME.finditer(text):
        # Behind an @ stands a person or where their mail is, and nobody can click on it.
        if text[found.start() - 1 : found.start()] != "@" and (host := owned(found.group())):
            yield host


def host_of(address: str) -> str:
    """The host of an address, empty where there is none."""
    try:
        return in_ascii(urlsplit(address).hostname or "")
    except ValueError:
        return ""
