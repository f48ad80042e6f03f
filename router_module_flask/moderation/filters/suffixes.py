"""Which endings of a name make it one on the internet; the list comes with its package, nothing is fetched."""

from __future__ import annotations

from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList  # type: ignore[import-untyped,unused-ignore]

_LONGEST_HOST = 253
_REMEMBERED = 4_096


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def prepare() -> None:
    """Read the list, which takes a moment; every later question is answered from memory."""
    _suffixes()


def owned(host: str) -> str:
    """The host as machines write it when somebody can own it, else nothing: `example.co.uk`, but neither `co.uk`
    nor `example.nothing`.
    """
    # Most of what has a dot in it ends in something that is no ending, and that is told soonest.
    return _owned(host) if len(host) <= _LONGEST_HOST and _is_ending(host.rpartition(".")[2].casefold()) else ""


@lru_cache(maxsize=_REMEMBERED)
def _is_ending(label: str) -> bool:
    return _suffixes().publicsuffix(label) is not None


@lru_cache(maxsize=_REMEMBERED)
def _owned(host: str) -> str:
    ascii_host = in_ascii(host)
    return ascii_host if ascii_host and _suffixes().privatesuffix(ascii_host) is not None else ""


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
