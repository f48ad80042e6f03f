"""Only a command's author says which host is asked, whatever viewers type."""

from __future__ import annotations

import pytest
import yarl
from hypothesis import given, settings
from hypothesis import strategies as st

from alias_interaction_module_flask.fetching.addresses import Nested, address
from flask_core.errors import InvalidInput


def refused(*pieces: str | Nested) -> bool:
    with pytest.raises(InvalidInput) as told:
        address(pieces)
    return bool(told.value.details["reason"] == "bad address")


def test_what_viewers_type_is_escaped_for_the_place_where_it_stands() -> None:
    typed = Nested("a b/../?x=1&y#é😀")
    assert address(["https://api.test/say?q=", typed, "&lang=en"]) == (
        "https://api.test/say?q=a%20b%2F..%2F%3Fx%3D1%26y%23%C3%A9%F0%9F%98%80&lang=en"
    )
    assert address([" https://api.test/", Nested("50%"), "/a b "]) == "https://api.test/50%25/a%20b"


def test_what_was_escaped_already_is_not_escaped_again_but_has_to_be() -> None:
    assert address(["https://api.test/?q=", Nested("a%20b+c", escaped=True)]) == "https://api.test/?q=a%20b+c"
    assert address(["https://api.test/?q=", Nested("a b&c", escaped=True)]) == "https://api.test/?q=a%20b%26c"
    assert address(["https://api.test/?q=", Nested("%zz", escaped=True)]) == "https://api.test/?q=%25zz"


def test_a_whole_address_is_its_authors_or_none() -> None:
    assert address([Nested("https://api.test/x?y=1 ", own=True)]) == "https://api.test/x?y=1"
    assert address([" ", Nested("https://api.test/", own=True)]) == "https://api.test/"
    assert refused(Nested("https://evil.test/"))
    assert refused(" ", Nested("https://evil.test/", escaped=True))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "://api.test/"),
        ("https:", "/api.test/"),
        ("https://", "/"),
        ("https://", ".api.test/"),
        ("https://api.test", "/"),
        ("https://api.test:80", "/"),
        ("https://api.test:", "/"),
        ("https://me@", "/"),
        ("https://", "@api.test/"),
        ("https:///", ""),
        ("//api.test/", ""),
    ],
)
def test_nobody_else_supplies_scheme_host_or_port(before: str, after: str) -> None:
    for typed in ("evil.test", "80", "", "@evil.test", "https"):
        assert refused(before, Nested(typed), after)
        assert refused(before, Nested(typed, escaped=True), after)


@pytest.mark.parametrize("text", ["https://[", "https://[/ban x", "https://[::1]/", "https://a[b]/"])
def test_brackets_name_no_host(text: str) -> None:
    assert refused(text)


def test_an_author_may_write_a_part_of_the_host_with_a_variable() -> None:
    assert address(["https://", Nested("ada", own=True), ".api.test/"]) == "https://ada.api.test/"
    assert refused("https://", Nested("evil.test/", own=True), ".api.test/")


@pytest.mark.parametrize("step", ["..", ".", "%2e%2E", ".%2e", "..%2f..", "x%2f..", "..%5c"])
def test_nobody_climbs_out_of_the_path(step: str) -> None:
    assert refused("https://api.test/users/", Nested(step, escaped=True), "/name")
    assert refused("https://api.test/users/", Nested(".."), "/name")
    assert refused("https://api.test/users/.", Nested("."), "/name")


BEGINNINGS = st.sampled_from(
    ["https://api.test/", "https://api.test/a?b=", "https://api.test", "https://", "https:", ""]
)
AUTHORS = st.lists(st.text(alphabet="htps:/.@?#%ab2e\\ &", max_size=8), max_size=3)


@settings(max_examples=500)
@given(BEGINNINGS, AUTHORS, st.text(alphabet="htps:/.@?#%2fe\\ evil😀\ud800\0", max_size=12), st.booleans())
def test_whatever_is_typed_the_host_stays_the_same(begun: str, authors: list[str], typed: str, escaped: bool) -> None:
    def host_of(value: str) -> tuple[str, str | None, int | None] | None:
        pieces: list[str | Nested] = [begun]
        for author in authors:
            pieces += [Nested(value, escaped=escaped), author]
        try:
            url = yarl.URL(address(pieces))
        except (ValueError, InvalidInput):
            return None
        return url.scheme, url.raw_host, url.port

    theirs = host_of(typed)
    assert theirs is None or theirs == host_of("x")
