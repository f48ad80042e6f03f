"""Which addresses a URL that somebody typed may lead to: public ones, and what the operator admitted."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from flask_core.errors import InvalidInput

type Address = IPv4Address | IPv6Address
type Lookup = Callable[[str], Awaitable[Sequence[str]]]

LONGEST_URL = 2048
_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){0,40}", re.ASCII)
_LOOKS_NUMERIC = re.compile(r"(?:.*\.)?(?:0x[0-9a-f]*|\d+)", re.ASCII)
_NAT64 = IPv6Network("64:ff9b::/96")
_HIDES_OTHERS = tuple(IPv6Network(net) for net in ("64:ff9b:1::/48", "2001::/32", "2002::/16", "::/96", "fec0::/10"))
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data"})
_INSIDE_NAMES = ("localhost", "local", "internal", "lan", "intranet", "corp")
_METADATA = frozenset(
    ip_address(text) for text in ("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")
)


def admitted_hosts(setting: str) -> frozenset[str]:
    """What `HTTP_GUARD_ALLOW_HOSTS` names: `host` or `host:port`, separated by commas or spaces."""
    return frozenset(setting.lower().replace(",", " ").split())


class UrlGuard:
    """Refuses with InvalidInput, `details["reason"]` being `bad address` or `blocked address`.

    `admitted` are hosts of the operator's own network that may be fetched from all the same; with
    `host:port` that port too. Cloud metadata stays out of reach even when it is named there.
    """

    def __init__(self, admitted: Collection[str] = ()) -> None:
        self._admitted = frozenset(admitted)
        self._admitted_names = frozenset(_without_port(entry) for entry in admitted)

    def checked_url(self, url: str, http_hosts: Collection[str] = ()) -> yarl.URL:
        """The URL as it will be connected to; plain http only for `http_hosts` and admitted hosts."""
        parsed = _parsed(url)
        host = _plain_name(parsed)
        admitted = host in self._admitted_names
        if parsed.scheme == "http" and not admitted and host not in http_hosts:
            raise InvalidInput("Only https addresses can be fetched.", reason="blocked address")
        if parsed.port != _PORTS[parsed.scheme] and _with_port(host, parsed.port) not in self._admitted:
            raise InvalidInput("Only the usual port of an address can be fetched from.", reason="blocked address")
        if host in _METADATA_NAMES or (not admitted and _is_inside_name(host)):
            raise _blocked()
        if literal := _literal(host):
            self.check_addresses(host, [literal])
        return parsed

    def check_addresses(self, host: str, addresses: Collection[Address]) -> None:
        """Refuse when any of the addresses that `host` resolved to is out of bounds."""
        admitted = host.rstrip(".").lower() in self._admitted_names
        for address in addresses:
            if _embedded(address) in _METADATA or (not admitted and not is_public(address)):
                raise _blocked()


class CheckedResolver(AbstractResolver):
    """Resolves for aiohttp's connector, which connects to exactly what was checked here."""

    def __init__(self, guard: UrlGuard, lookup: Lookup | None = None) -> None:
        # Names that never answer may only hold up each other, not everything else that needs a thread.
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="guarded-names")
        self._guard = guard
        self._lookup = lookup or self._ask_system

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of `host`; OSError when there are none."""
        addresses = [ip_address(text.partition("%")[0]) for text in await self._lookup(host)]
        if not addresses:
            raise OSError(f"{host} has no address")
        self._guard.check_addresses(host, addresses)
        return [_result(host, port, address) for address in addresses]

    async def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask_system(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _system_addresses, host)
        return list(dict.fromkeys(found))


def _with_port(host: str, port: int | None) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _without_port(entry: str) -> str:
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    name, _, port = entry.rpartition(":")
    return name if name and ":" not in name and port.isdigit() else entry


def is_public(address: Address) -> bool:
    """Whether the address, or the IPv4 one inside it, belongs to the public internet."""
    address = _embedded(address)
    if isinstance(address, IPv6Address) and any(address in net for net in _HIDES_OTHERS):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv4-mapped or NAT64 one leads to."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


def _parsed(url: str) -> yarl.URL:
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url or "\\" in url:
        raise _bad()
    try:
        parsed = yarl.URL(url)
        port = parsed.port
    except ValueError:
        raise _bad() from None
    if parsed.scheme not in _PORTS or not parsed.raw_host or port is None:
        raise _bad()
    if parsed.raw_user is not None or parsed.raw_password is not None:
        raise InvalidInput("An address with a user name in it cannot be fetched.", reason="bad address")
    return parsed


def _plain_name(parsed: yarl.URL) -> str:
    """The host as names are compared. Refuses addresses in other spellings than the one everybody reads alike."""
    host = (parsed.raw_host or "").lower().rstrip(".")
    if ":" in host and "%" not in host:
        return host
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise _bad()
    if _LOOKS_NUMERIC.fullmatch(host) and _literal(host) is None:
        raise _blocked()
    return host


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_inside_name(host: str) -> bool:
    """Names that only a private network answers: single words and the endings kept for them."""
    if _literal(host) is not None:
        return False
    return "." not in host or host.rpartition(".")[2] in _INSIDE_NAMES or host.endswith(".home.arpa")


def _system_addresses(host: str) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def _result(host: str, port: int, address: Address) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=str(address),
        port=port,
        family=socket.AF_INET6 if address.version == 6 else socket.AF_INET,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


def _bad() -> InvalidInput:
    return InvalidInput("That is not an address that can be fetched.", reason="bad address")


def _blocked() -> InvalidInput:
    return InvalidInput("Only public addresses can be fetched.", reason="blocked address")
