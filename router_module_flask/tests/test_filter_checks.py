"""What each filter sees in a line, and what it must not see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router_module_flask.moderation.filters import (
    caps,
    emotes,
    first_message,
    flood,
    hosts,
    length,
    links,
    packs,
    repeats,
    symbols,
    words,
)
from router_module_flask.moderation.filters.kinds import KINDS
from router_module_flask.moderation.filters.line import Line

texts = st.text(max_size=300)
DOMAINS = ("example.com", "bad.co.uk", "skins.gg", "пример.рф", "xn--e1afmkfd.xn--p1ai")


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/path?q=1",
        "HTTP://EXAMPLE.COM",
        "http://10.0.0.1:8080/x",
        "http://localhost/",
        "see example.com!",
        "see www.bad.co.uk, now",
        "example . com",
        "example (dot) com",
        "example [.] com",
        "exa\u200bmple.c\u200bom",
        "example。com",
        "ｅｘａｍｐｌｅ．ｃｏｍ",
        "пример.рф",
        "<https://example.com|a harmless word>",
        "https://friend@example.com/",
        "a.b.c.d.e.f.g.h.i.j.k.example.com",
    ],
)
def test_a_link_is_seen(text: str) -> None:
    assert links.check(links.Links())(Line(text)) is not None


@pytest.mark.parametrize(
    "text",
    [
        "I saw it. So what",
        "well...so it is",
        "version 1.2.3",
        "co.uk is an ending",
        "mail ann@example.com",
        "e.g. this, i.e. that",
        "the end .",
        "example.nothingofthekind",
        "a . b",
        "10 . 20",
        "http://",
        "https:// broken",
        "12:30",
        "",
    ],
)
def test_a_sentence_is_no_link(text: str) -> None:
    assert links.check(links.Links())(Line(text)) is None


def test_allowed_domains_cover_what_is_below_them_and_denied_ones_win() -> None:
    judge = links.check(links.Links(allow=("https://YouTube.com/", "*.twitch.tv"), deny=("evil.youtube.com",)))
    for fine in ("youtube.com/watch", "www.youtube.com", "clips.twitch.tv/Abc"):
        assert judge(Line(fine)) is None
    for wrong in ("notyoutube.com", "evil.youtube.com", "youtube.com.example.com", "youtube.com and example.com"):
        assert judge(Line(wrong)) is not None
    only = links.check(links.Links(deny=("example.com",), only_denied=True))
    assert only(Line("www.example.com")) == "link to www.example.com"
    assert only(Line("youtube.com")) is None


@given(texts, st.sampled_from(DOMAINS), texts)
def test_no_text_around_it_hides_an_address(before: str, host: str, after: str) -> None:
    assert links.check(links.Links())(Line(f"{before} https://{host} {after}")) is not None


@given(texts, st.sampled_from(DOMAINS))
def test_what_is_allowed_is_never_the_reason(text: str, host: str) -> None:
    found = set(hosts.hosts(f"{text} {host}"))
    judge = links.check(links.Links(allow=tuple(found)))
    assert judge(Line(f"{text} {host}")) is None


def test_capitals_are_counted_among_letters_that_have_two_sizes() -> None:
    judge = caps.check(caps.Caps())
    assert judge(Line("STOP SHOUTING")) == "100 % capitals"
    assert judge(Line("STOP IT NO")) is None
    assert judge(Line("ABCDEFGhij")) is None
    assert judge(Line("ABCDEFGHij")) == "80 % capitals"
    assert judge(Line("שלום לכולם ברוכים הבאים")) is None
    assert judge(Line("hey <@U02ABCDEFGHIJKLMNOP> <#C02ABCDEFGHIJ>")) is None
    assert judge(Line("KEKW KEKW KEKW KEKW", emotes=("KEKW",) * 4)) is None


@given(texts, st.integers(1, 50), st.integers(0, 99))
def test_small_letters_never_shout(text: str, letters: int, percent: int) -> None:
    judge = caps.check(caps.Caps(letters, percent))
    small = "".join(sign for sign in text if not sign.isupper())
    assert judge(Line(small)) is None


def test_symbols_in_a_row_in_all_and_in_towers() -> None:
    judge = symbols.check(symbols.Symbols())
    assert judge(Line("look ██████████")) == "10 symbols in a row"
    assert judge(Line("hm.........")) is None
    assert judge(Line("a$b$c$d$$e$$f$$g$$")) is not None
    assert judge(Line("🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉")) is None
    assert judge(Line("h\u0300\u0301\u0302\u0303\u0304e")) == "towers of marks"
    assert judge(Line("q\u0344\u0344e")) == "towers of marks"
    assert judge(Line("look ▓ ▓ ▓ ▓ ▓ ▓ ▓ ▓ ▓ ▓ there, sign after sign")) == "10 symbols in a row"
    assert judge(Line("Tiếng Việt và नमस्ते और ภาษาไทยที่")) is None
    assert symbols.check(symbols.Symbols(zalgo=False))(Line("h\u0300\u0301\u0302\u0303\u0304e")) is None


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Zs"]), max_size=300))
def test_letters_and_digits_are_no_symbols(text: str) -> None:
    assert symbols.check(symbols.Symbols())(Line(text)) is None


@given(texts, st.integers(2, 200))
def test_a_glance_overlooks_no_row(text: str, most: int) -> None:
    judge = repeats.check(repeats.Repeats(characters=most))
    assert judge(Line(f"{text} {'ж' * (most + 1)} {text}")) is not None


@given(texts)
def test_length_is_in_characters(text: str) -> None:
    assert (length.check(length.Length(20))(Line(text)) is not None) == (len(text) > 20)


def test_characters_and_words_that_repeat() -> None:
    judge = repeats.check(repeats.Repeats())
    assert judge(Line("nooooooooooo")) == "one character 11 times"
    assert judge(Line("noooooooooo")) is None
    assert judge(Line("Buy buy BUY buy buy buy buy")) == "one word 7 times"
    assert judge(Line("buy buy buy buy buy buy")) is None
    assert judge(Line("a" + " " * 50 + "b")) is None


@given(st.characters(exclude_categories=["Zs", "Zl", "Zp", "Cc", "Cs"]), st.integers(0, 40))
def test_a_row_is_as_long_as_it_was_typed(sign: str, times: int) -> None:
    row = repeats.longest_row("ab " + sign * times + " cd")
    assert row == max(times, 1)


def test_emotes_of_every_platform_count() -> None:
    judge = emotes.check(emotes.Emotes())
    assert judge(Line("Kappa " * 16, emotes=("Kappa",) * 16)) == "16 emotes"
    assert judge(Line("<a:dance:123456>" * 16)) == "16 emotes"
    assert judge(Line(":wave: :+1:" * 8)) == "16 emotes"
    assert judge(Line("👍🏽" * 16)) == "16 emotes"
    assert judge(Line("👍🏽" * 15)) is None
    assert emotes.count(Line("👨‍👩‍👧 🇩🇪 ❤️")) == 3
    assert emotes.count(Line("at 12:30:45 sharp, ratio 1:2:3")) == 0


def test_words_are_whole_words_in_any_letters() -> None:
    judge = words.check(words.Words(("badword", "ass", "c++", "get * viewers", "l?ser", "über")))
    for hit in ("BADWORD", "so badword!", "ｂａｄｗｏｒｄ", "bаdwоrd", "b\u0301adword", "badword🇩🇪", "you ass.",
                "I like c++ much", "get many viewers", "loser", "UBER", "(badword)"):  # fmt: skip
        assert judge(Line(hit)) is not None, hit
    for fine in ("classic", "badwords", "c+", "get viewers", "closer", "", "badwor d"):
        assert judge(Line(fine)) is None, fine
    assert words.check(words.Words(("bad*",)))(Line("so badly said")) == "“badly”"
    inside = words.check(words.Words(("*bad*", "*xyz", "b?g*end")))
    assert inside(Line("a notbadatall thing")) == "“notbadatall”"
    for text, hit in (("abcxyz", True), ("xyzabc", False), ("xyz", True), ("big friend", False), ("bigfriend", True)):
        assert (inside(Line(text)) is not None) is hit, text


def test_wildcards_alone_mean_nothing() -> None:
    assert words.check(words.Words(("*", "? *", " ")))(Line("anything at all")) is None


@given(st.text(min_size=1, max_size=100), texts)
def test_any_pattern_compiles_and_finds_itself(pattern: str, text: str) -> None:
    judge = words.check(words.Words((pattern,)))
    judge(Line(text))
    literal = "".join(sign for sign in pattern if sign not in "*?")
    if literal.isascii() and literal.isalnum():
        assert judge(Line(f"so {literal} it is")) is not None or literal != pattern


def test_packs_are_lists_of_phrases_that_find_themselves() -> None:
    for name in packs.NAMES:
        judge = words.check(words.Words(packs=(name,)))
        assert len(packs.pack(name)) > 10
        for phrase in packs.pack(name):
            assert judge(Line(phrase.replace("*", "").replace("?", "-"))) is not None, phrase
        assert judge(Line("good morning everybody, nice stream and class")) is None


def test_only_first_messages_wait() -> None:
    judge = first_message.check(first_message.FirstMessage(phrases=("crypto*",)))
    for text, reason in (
        ("look at example.com", "first message with a link to example.com"),
        ("cryptocoins!", "first message with “cryptocoins”"),
        ("Buy followers now", "first message with “buy followers”"),
        ("x" * 301, "first message of 301 characters"),
    ):
        assert judge(Line(text, first=True)) == reason
        assert judge(Line(text)) is None
        assert judge(Line(text, first=True, edited=True)) is None
    assert judge(Line("hello everybody", first=True)) is None


def test_nobody_floods_alone() -> None:
    assert flood.check(flood.Flood())(Line("hello")) is None


@given(texts, st.booleans(), st.booleans())
def test_no_line_breaks_a_filter(text: str, first: bool, edited: bool) -> None:
    for kind in KINDS.values():
        reason = kind.check(kind.values())(Line(text, first=first, edited=edited))
        assert reason is None or 0 < len(reason) < 200
