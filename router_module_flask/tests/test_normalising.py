"""One way of reading for all of moderation: what looks the same is the same, for rules, filters and nukes."""

from __future__ import annotations

import pytest

from flask_core.contracts.rules import Rule
from router_module_flask.moderation.filters import words
from router_module_flask.moderation.filters.line import Line
from router_module_flask.moderation.normalising import folded, normal, seen, spelled, spelled_words
from router_module_flask.moderation.nukes.matching import matcher
from router_module_flask.moderation.rules.pattern_set import RuleSet


def rule_matches(written: str) -> bool:
    rule = Rule(number=1, version=1, match="word", pattern="spam")
    return bool(RuleSet([rule]).matching(f"buy {written} now"))


@pytest.mark.parametrize("written", [
    "spam", "SPAM", "Ⓢpаm", "śpäm", "ѕрам", "ʂᴘᴀᴍ", "s\u00adpam", "ᏚᏢᎪᎷ", 
    "s\u200bp\u200bam", "s\u0336p\u0336a\u0336m\u0336", "ＳＰＡＭ", 
    "\U0001f1f8\U0001f1f5\U0001f1e6\U0001f1f2", "\U0001f182\U0001f17f\U0001f170\U0001f17c",
    "\U0001d4fc\U0001d4f9\U0001d4ea\U0001d4f6",
])  # fmt: skip
def test_what_looks_like_spam_is_spam(written: str) -> None:
    assert seen(written) == "spam"
    assert rule_matches(written)
    assert words.finder(["buy spam"])(Line(f"buy  {written} now")) == "“buy spam”"
    assert matcher("text", "buy spam")(f"BUY\t{written} now")
    assert matcher("pattern", "b?y sp*m")(f"buy {written} now")


def test_an_endless_tower_of_marks_is_no_work() -> None:
    tower = "\u0301\u0323" * 200_000
    assert normal("NFC", f"so h{tower}i there") == "so hi there"
    assert seen(f"buy sp{tower}am now") == "buy spam now"


def test_a_flag_behind_a_word_is_no_part_of_it() -> None:
    assert seen("hallo🇩🇪").split()[0] == "hallo"
    assert spelled_words("  🇩🇪spam ") == "de spam"


def test_letters_of_other_languages_stay_apart() -> None:
    assert seen("がか 각가 กิน กน") == "がか 각가 กิน กน"
    assert folded("Żółć Straße") == "żółć strasse"


def test_phrases_are_the_same_however_they_are_spread_out() -> None:
    assert spelled("free \u3000\t Skins") == "free skins"
    assert seen("free  skins") == "free  skins"
