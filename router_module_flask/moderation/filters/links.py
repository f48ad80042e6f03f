"""Links: addresses, and names that could be one, also where somebody tried to hide the dot."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import re2

from router_module_flask.moderation.filters.line import Check, Line
from router_module_flask.moderation.filters.suffixes import in_ascii, is_name

_ADDRESS = re2.compile(r"(?i)\bhttps?://[^\s<>|]+")
_NAME = re2.compile(r"[\pL\pN_-]+(?:\.[\pL\pN_-]+)+")
# Only with space on both sides: a sentence that ends before the next word is no address.
_HIDDEN_DOT = re2.compile(r"(?i)([\pL\pN])(?:\s{1,3}\.\s{1,3}|\s{0,3}[(\[{]\s?(?:\.|dot)\s?[)\]}]\s{0,3})([\pL\pN])")
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD])
_DOTS = str.maketrans("。｡․", "...")

type Domains = Annotated[tuple[Annotated[str, msgspec.Meta(max_length=253)], ...], msgspec.Meta(max_length=200)]


class Links(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Domains stand for everything below them, too; what is denied stays so inside of what is allowed."""

    allow: Annotated[
        Domains, msgspec.Meta(title="Allowed domains", description="youtube.com also allows www.youtube.com")
    ] = ()
    deny: Annotated[
        Domains, msgspec.Meta(title="Denied domains", description="even where they belong to allowed ones")
    ] = ()
    only_denied: Annotated[bool, msgspec.Meta(title="Deny nothing but these")] = False
    hidden: Annotated[bool, msgspec.Meta(title="See hidden dots", description="example . com, example (dot) com")] = (
        True
    )


def check(values: Links) -> Check:
    """The first link that is not allowed."""
    allow = frozenset(map(domain, values.allow))
    deny = frozenset(map(domain, values.deny))

    def judge(line: Line) -> str | None:
        for host in hosts(line.text, hidden=values.hidden):
            if _under(host, deny) or not (values.only_denied or _under(host, allow)):
                return f"link to {host[:100]}"
        return None

    return judge


def domain(typed: str) -> str:
    """A domain out of what a moderator typed, which may be a whole address."""
    text = typed.strip().lower()
    if "//" in text:
        text = _host(text)
    return in_ascii(text.partition("/")[0].removeprefix("*.").strip("."))


def hosts(text: str, *, hidden: bool = True) -> Iterator[str]:
    """The hosts that a text leads to, in its order, addresses first."""
    text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE).translate(_DOTS))
    if "." not in text and not (hidden and "dot" in text.lower()):
        if "://" in text:
            yield from _of_addresses(text)
        return
    yield from _of_addresses(text)
    rest = _ADDRESS.sub(" ", text)
    yield from _of_names(rest)
    if hidden:
        shown = _HIDDEN_DOT.sub(r"\1.\2", rest)
        if shown != rest:
            yield from _of_names(shown)


def _of_addresses(text: str) -> Iterator[str]:
    for found in _ADDRESS.finditer(text):
        host = _host(found.group())
        if host:
            yield host


def _of_names(text: str) -> Iterator[str]:
    for found in _NAME.finditer(text):
        # Behind an @ stands a person or where their mail is, and nobody can click on it.
        if text[found.start() - 1 : found.start()] != "@" and is_name(found.group()):
            yield in_ascii(found.group())


def _host(address: str) -> str:
    try:
        return in_ascii(urlsplit(address).hostname or "")
    except ValueError:
        return ""


def _under(host: str, domains: frozenset[str]) -> bool:
    """Whether one of `domains` is the host, or above it."""
    while host:
        if host in domains:
            return True
        host = host.partition(".")[2]
    return False
