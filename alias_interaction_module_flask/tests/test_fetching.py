"""Fetches for commands: what comes back, what is refused, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from alias_interaction_module_flask.fetching.fetching import PER_HOST, Errand, Fetching
from alias_interaction_module_flask.fetching.sharing import MOST_KEPT, Fetched, Shared
from alias_interaction_module_flask.tests.site import Site, visiting
from flask_core.errors import ServiceError
from flask_core.testing.installation import until

WHO = {"WaddleBot-Channel": "name=adas"}


@pytest.fixture
async def visit() -> AsyncIterator[tuple[Site, Fetching]]:
    async with visiting() as pair:
        yield pair


async def refusal(fetching: Fetching, errand: Errand) -> str:
    with pytest.raises(ServiceError) as told:
        await fetching.text(errand)
    return str(told.value.details["reason"])


async def test_a_text_arrives_in_one_line_with_our_name(visit: tuple[Site, Fetching]) -> None:
    site, fetching = visit
    site.shows("/", " one\r\ntwo  three\n\x07\n")
    assert await fetching.text(site.errand(headers=WHO)) == "one two  three"
    sent = site.asked[0].headers
    assert sent["Accept"] == "text/plain, application/json;q=0.9"
    assert sent["User-Agent"].startswith("WaddleBot/")
    assert sent["WaddleBot-Channel"] == "name=adas"


async def test_the_public_address_is_a_part_of_our_name() -> None:
    async with visiting(public_url="https://bot.test") as (site, fetching):
        site.shows("/", "hi")
        await fetching.text(site.errand(headers={"User-Agent": "Mozilla"}))
        assert site.asked[0].headers["User-Agent"].endswith(" (+https://bot.test)")


@pytest.mark.parametrize(
    ("body", "declared", "text"),
    [
        ("Zoë".encode("latin-1"), "text/plain; charset=ISO-8859-1", "Zoë"),
        ("Zoë".encode("utf-16"), 'text/plain; charset="utf-16"', "Zoë"),
        ("ゾエ".encode("shift_jis"), "text/plain; charset=shift_jis", "ゾエ"),
        (b"\xef\xbb\xbfZo\xc3\xab\xff", "text/plain", "Zoë\ufffd"),
        (b"7a6f65", "text/plain; charset=hex", "7a6f65"),
        (b"a\\nb", "text/plain; charset=unicode_escape", "a\\nb"),
        (b"Zoe", "text/plain; charset=nobody-knows", "Zoe"),
        (b'{"a": 1}', "application/problem+json", '{"a": 1}'),
        (b"5 < 7 points", "text/html", "5 < 7 points"),
        (b'{"a": "<b>"}', "text/html", '{"a": "<b>"}'),
        (b"", "text/plain", ""),
    ],
)
async def test_text_is_read_as_it_is_declared(
    visit: tuple[Site, Fetching], body: bytes, declared: str, text: str
) -> None:
    site, fetching = visit
    site.shows("/", body, Content_Type=declared)
    assert await fetching.text(site.errand()) == text


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (b"<p>Hello</p>", "text/html; charset=utf-8"),
        (b" <!DOCTYPE html><title>x", "text/plain"),
        (b"<html>", "application/xhtml+xml"),
        (b"\x89PNG", "image/png"),
        (b"a\0b", "text/plain"),
        (b"GIF", "application/octet-stream"),
    ],
)
async def test_pages_and_pictures_are_not_text(visit: tuple[Site, Fetching], body: bytes, declared: str) -> None:
    site, fetching = visit
    site.shows("/", body, Content_Type=declared)
    assert await refusal(fetching, site.errand()) == "not text"


async def test_failures_say_why(visit: tuple[Site, Fetching]) -> None:
    site, fetching = visit
    site.shows("/gone", "x", status=404)
    site.shows("/empty", "", status=204)
    site.shows("/broken", "x", status=503)
    site.shows("/long", "x" * 65_537)
    assert await refusal(fetching, site.errand("/gone")) == "404 Not Found"
    assert await refusal(fetching, site.errand("/empty")) == "204 No Content"
    assert await refusal(fetching, site.errand("/broken")) == "503 Service Unavailable"
    assert await refusal(fetching, site.errand("/long")) == "response too long"
    for nonsense in (
        "",
        "api.test",
        "ftp://api.test/",
        "https://",
        "https://a b/",
        "https://u:p@api.test/",
        "x" * 3000,
    ):
        assert await refusal(fetching, Errand(nonsense, 2)) == "bad address", nonsense


async def test_a_host_that_never_answers_is_given_three_seconds(visit: tuple[Site, Fetching]) -> None:
    site, fetching = visit
    site.shows("/", "x")
    site.gate.clear()
    assert await refusal(fetching, site.errand()) == "timeout"


@pytest.mark.promise("alias.13")
@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/",
        "https://169.254.169.254/",
        "https://inside.example.com/",
        "https://mapped.example.com/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "https://2130706433/",
        "https://metadata.google.internal/",
        "http://example.com/",
        "https://example.com:8443/",
    ],
)
async def test_addresses_inside_are_blocked(visit: tuple[Site, Fetching], url: str) -> None:
    site, fetching = visit
    site.names |= {"inside.example.com": ["127.0.0.1"], "mapped.example.com": ["::ffff:127.0.0.1"]}
    site.shows("/", "secret")
    assert await refusal(fetching, Errand(url, 2)) == "blocked address"
    assert site.asked == []


@pytest.mark.promise("alias.13")
async def test_a_redirect_to_the_inside_is_blocked_and_tells_nobody_who_asked(visit: tuple[Site, Fetching]) -> None:
    site, fetching = visit
    site.names["shop.example.com"] = ["10.0.0.1"]
    for target in ("https://10.0.0.1/", "https://shop.example.com/", "http://169.254.169.254/"):
        site.shows("/", "", status=302, Location=target)
        assert await refusal(fetching, site.errand(headers={"X": target})) == "blocked address"


async def test_a_community_fetches_so_often_and_no_more() -> None:
    async with visiting(per_minute=3) as (site, fetching):
        for number in range(4):
            site.shows(f"/{number}", str(number))
        assert [await fetching.text(site.errand(f"/{n}")) for n in range(3)] == ["0", "1", "2"]
        assert await refusal(fetching, site.errand("/3")) == "busy"
        assert await fetching.text(site.errand("/3", community_id=3)) == "3"
        assert len(site.asked) == 4


async def test_a_host_is_asked_so_often_by_all_together() -> None:
    async with visiting(per_minute=PER_HOST) as (site, fetching):
        site.shows("/", "x")
        for number in range(PER_HOST):
            await fetching.text(site.errand(headers={"X": str(number)}))
        assert await refusal(fetching, site.errand(community_id=3)) == "busy"


async def test_nothing_is_fetched_where_the_operator_allows_none() -> None:
    async with visiting(per_minute=0) as (site, fetching):
        assert await refusal(fetching, site.errand()) == "busy"


async def test_identical_questions_under_way_are_one(visit: tuple[Site, Fetching]) -> None:
    site, fetching = visit
    site.shows("/", "x")
    site.gate.clear()
    asked = [asyncio.create_task(fetching.text(site.errand())) for _ in range(10)]
    other = asyncio.create_task(fetching.text(site.errand(community_id=3)))
    await until(lambda: len(site.asked) == 2)
    asked[0].cancel()
    site.gate.set()
    assert await asyncio.gather(*asked[1:], other) == ["x"] * 10
    assert len(site.asked) == 2


async def test_an_answer_is_used_again_while_its_host_says_so(visit: tuple[Site, Fetching]) -> None:
    site, fetching = visit
    site.shows("/", "old", Cache_Control="public, max-age=30")
    assert await fetching.text(site.errand()) == "old"
    site.shows("/", "new")
    assert await fetching.text(site.errand()) == "old"
    assert await fetching.text(site.errand(headers=WHO)) == "new"
    site.shows("/not", "old", Cache_Control="no-store, max-age=30")
    assert await fetching.text(site.errand("/not")) == "old"
    site.shows("/not", "new")
    assert await fetching.text(site.errand("/not")) == "new"


async def test_what_is_kept_is_little_and_not_for_long() -> None:
    now = 0.0
    shared = Shared(clock=lambda: now)

    async def fetch() -> Fetched:
        return Fetched(f"at {now}", 60)

    assert await shared.get("page", fetch) == "at 0.0"
    now = 59
    assert await shared.get("page", fetch) == "at 0.0"
    now = 61
    assert await shared.get("page", fetch) == "at 61"
    for number in range(MOST_KEPT):
        await shared.get(number, fetch)
    now = 62
    assert await shared.get("page", fetch) == "at 62"
