"""Links: addresses, and names that could be one, also where somebody tried to hide the dot."""

from __future__ import annotations

from typing import Annotated

import msgspec

from router_module_flask.moderation.filters.hosts import host_of, hosts
from router_module_flask.moderation.filters.line import Check, Line
from router_module_flask.moderation.filters.suffixes import in_ascii

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
        for host in line.hosts if values.hidden else hosts(line.text, hidden=False):
            if _under(host, deny) or not (values.only_denied or _under(host, allow)):
                return f"link to {host[:100]}"
        return None

    return judge


def domain(typed: str) -> str:
    """A domain out of what a moderator typed, which may be a whole address."""
    text = typed.strip().lower()
    if "//" in text:
        text = host_of(text)
    return in_ascii(text.partition("/")[0].removeprefix("*.").strip("."))


def _under(host: str, domains: frozenset[str]) -> bool:
    """Whether one of `domains` is the host, or above it."""
    while host:
        if host in domains:
            return True
        host = host.partition(".")[2]
    return False
