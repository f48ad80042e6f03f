"""Which addresses that somebody typed are fetched from, and which are refused."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from flask_core.errors import InvalidInput
from flask_core.url_guard import CheckedResolver, UrlGuard, admitted_hosts, is_public


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/a?b=c#d",
        "HTTPS://Example.COM:443/",
        "https://example.com./",
        "https://93.184.215.14/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
        "https://bücher.example.com/straße",
    ],
)
def test_public_https_addresses_are_fine(url: str) -> None:
    assert UrlGuard().checked_url(url).scheme == "https"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.5.5", "192.168.1.1", "100.64.0.1", "100.127.255.254",
        "169.254.1.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.7",
        "198.18.0.1", "100.100.100.200", "168.63.129.16",
        "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[fec0::1]",
        "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]",
        "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]",
        "[2002:7f00:1::]", "[2002:a00:1::]", "[2001::1]",
    ],
)  # fmt: skip
def test_addresses_inside_any_network_are_blocked(host: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        UrlGuard().checked_url(f"https://{host}/")
    assert refused.value.details["reason"] == "blocked address"


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "017700000001", "127.0.0.01", "10.1",
        "1.2.3.4.5", "256.1.1.1", "0x", "１２７.0.0.1", "127。0。0。1", "169.254.169.254.",
    ],
)  # fmt: skip
def test_other_spellings_of_addresses_are_blocked(host: str) -> None:
    with pytest.raises(InvalidInput):
        UrlGuard().checked_url(f"https://{host}/")


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST", "localhost.", "router", "api.localhost", "printer.local", "db.internal", "nas.lan",
        "metadata", "metadata.google.internal", "Metadata.Google.Internal.", "metadata.goog", "instance-data",
        "router.home.arpa",
    ],
)  # fmt: skip
def test_names_of_inside_networks_are_blocked(host: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        UrlGuard().checked_url(f"https://{host}/")
    assert refused.value.details["reason"] == "blocked address"


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
        "javascript:alert(1)", "https://", "https:///path", "https://[::1", "https://a b.com/", "https://a\tb.com/",
        "https://example.com/\r\nHost: x", "https://example.com\\@evil.example/", "https://ex%61mple.com/",
        "https://example.com:99999/", "https://[fe80::1%25eth0]/", "https://exa$mple.com/", "https://-..com/",
        "https://example.com/" + "a" * 2048, "https://" + "a" * 64 + ".com/", "https://" + "a.b" * 90 + "/",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_as_such(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        UrlGuard().checked_url(url)
    assert refused.value.details["reason"] == "bad address"


@pytest.mark.parametrize("url", ["https://user@example.com/", "https://u:p@example.com/", "https://:p@example.com/"])
def test_user_names_in_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="user name"):
        UrlGuard().checked_url(url)


@pytest.mark.parametrize("url", ["https://example.com:8443/", "https://example.com:80/", "https://example.com:22/"])
def test_only_the_usual_port_is_asked(url: str) -> None:
    with pytest.raises(InvalidInput, match="port"):
        UrlGuard().checked_url(url)


def test_plain_http_needs_the_communitys_list() -> None:
    guard = UrlGuard()
    assert guard.checked_url("http://old.example.com/", {"old.example.com"}).port == 80
    for url in ("http://old.example.com:8080/", "http://new.example.com/", "http://10.0.0.1/"):
        with pytest.raises(InvalidInput):
            guard.checked_url(url, {"old.example.com", "10.0.0.1"})


def test_the_operator_admits_hosts_of_the_own_network() -> None:
    guard = UrlGuard(admitted_hosts("nas.lan, music.internal:8096 10.1.2.3 [fd12::5]:8443"))
    for url in (
        "https://nas.lan/", "http://NAS.lan./", "http://music.internal:8096/x", "https://10.1.2.3/",
        "https://[fd12::5]:8443/", "https://[fd12::5]/",
    ):  # fmt: skip
        guard.checked_url(url)
    for url in ("http://nas.lan:8096/", "https://other.lan/", "https://10.1.2.4/", "https://[fd12::6]/"):
        with pytest.raises(InvalidInput):
            guard.checked_url(url)


def test_cloud_metadata_is_out_of_reach_for_the_operator_too() -> None:
    guard = UrlGuard(admitted_hosts("169.254.169.254 metadata.google.internal nas.lan"))
    for url in ("http://169.254.169.254/latest", "http://metadata.google.internal/"):
        with pytest.raises(InvalidInput):
            guard.checked_url(url)
    with pytest.raises(InvalidInput):
        guard.check_addresses("nas.lan", [ip_address("::ffff:169.254.169.254")])


async def test_a_name_is_refused_when_any_of_its_addresses_is_inside() -> None:
    async def lookup(host: str) -> list[str]:
        return ["93.184.215.14", "10.0.0.1"]

    resolver = CheckedResolver(UrlGuard(), lookup)
    with pytest.raises(InvalidInput):
        await resolver.resolve("rebind.example.com", 443)
    await resolver.close()


async def test_a_public_name_gives_its_addresses_and_nothing_else() -> None:
    async def lookup(host: str) -> list[str]:
        return {"both.example.com": ["93.184.215.14", "2606:2800::1"]}.get(host, [])

    resolver = CheckedResolver(UrlGuard(), lookup)
    found = await resolver.resolve("both.example.com", 443)
    assert [(one["host"], one["port"], one["hostname"]) for one in found] == [
        ("93.184.215.14", 443, "both.example.com"),
        ("2606:2800::1", 443, "both.example.com"),
    ]
    with pytest.raises(OSError, match="no address"):
        await resolver.resolve("nobody.example.com", 443)
    await resolver.close()


async def test_a_name_that_changes_its_mind_is_checked_again() -> None:
    answers = [["93.184.215.14"], ["10.0.0.1"]]

    async def lookup(host: str) -> list[str]:
        return answers.pop(0)

    resolver = CheckedResolver(UrlGuard(), lookup)
    assert len(await resolver.resolve("rebind.example.com", 443)) == 1
    with pytest.raises(InvalidInput):
        await resolver.resolve("rebind.example.com", 443)
    await resolver.close()


async def test_the_systems_own_answer_is_checked_too() -> None:
    resolver = CheckedResolver(UrlGuard())
    with pytest.raises(InvalidInput):
        await resolver.resolve("localhost", 443)
    await resolver.close()


def test_mapped_forms_of_public_addresses_are_public() -> None:
    assert is_public(ip_address("::ffff:93.184.215.14"))
    assert is_public(ip_address("64:ff9b::5db8:d70e"))
