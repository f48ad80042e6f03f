"""Which endings of a name make it one on the internet; the list comes with its package, nothing is fetched."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList  # type: ignore[import-untyped,unused-ignore]

_LONGEST_HOST = 253


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def prepare() -> None:
    """Read the list, which takes a moment; every later question is answered from memory."""
    _suffixes()


def is_name(host: str) -> bool:
    """Whether somebody can own `host`: `example.co.uk`, but neither `co.uk` nor `example.nothing`."""
    ascii_host = in_ascii(host)
    return bool(ascii_host) and _suffixes().privatesuffix(ascii_host) is not None


def in_ascii(host: str) -> str:
    """The host as machines write it; empty for what cannot be one."""
    if len(host) > _LONGEST_HOST:
        return ""
    if host.isascii():
        return host.lower()
    try:
        return host.lower().encode("idna").decode()
    except UnicodeError:
        return ""
