"""What rules look for in a text, and which patterns are refused where."""

from __future__ import annotations

import time

import pytest

from flask_core.contracts.rules import Match, Rule
from flask_core.errors import InvalidInput
from router_module_flask.moderation.rules.pattern_set import RuleSet
from router_module_flask.moderation.rules.patterns import LONGEST, check, sought


def matches(match: Match, pattern: str, text: str, *, normalise: bool = True) -> bool:
    rule = Rule(number=1, version=1, match=match, pattern=pattern, normalise=normalise)
    return bool(RuleSet([rule]).matching(text))


@pytest.mark.parametrize(("match", "pattern", "hit", "missed"), [
    ("exact", "!boo", ["!boo", "  !BOO "], ["!boo you", "a !boo"]),
    ("contains", "free followers", ["get FREE followers!", "xfree followersx"], ["free  followers", "followers free"]),
    ("word", "c++", ["I love c++!", "C++", "(c++)"], ["abc++", "c++11", "c+"]),
    ("word", "café", ["the Café, open", "CAFE"], ["cafés", "decafé"]),
    ("word", "привет", ["ну привет!"], ["приветы", "привет_"]),
    ("wildcard", "free*skins", ["free cs2 skins", "freeskins now"], ["a freebie for skinsy", "xfree skins"]),
    ("wildcard", "bad?", ["badx here", "bad!"], ["bad", "badly"]),
    ("wildcard", "*spam*", ["antispammer"], ["spa m"]),
    ("wildcard", "*", ["anything"], []),
    ("regex", r"^!(so|shout)\s+\w+$", ["!so ann", "!SHOUT ben"], ["!so", "say !so ann"]),
    ("regex", "при+вет", ["ПРИИИВЕТ"], ["превет"]),
    ("regex", "sp[a4]m", ["Ⓢpаm", "sp4m"], ["span"]),
])  # fmt: skip
def test_each_kind_of_match(match: Match, pattern: str, hit: list[str], missed: list[str]) -> None:
    assert [text for text in hit if not matches(match, pattern, text)] == []
    assert [text for text in missed if matches(match, pattern, text)] == []


def test_without_normalising_every_character_counts() -> None:
    assert matches("word", "Hi", "Hi!", normalise=False)
    assert not matches("word", "Hi", "hi!", normalise=False)
    assert not matches("contains", "spam", "Ⓢpam", normalise=False)
    assert not matches("regex", "spam", "SPAM", normalise=False)


@pytest.mark.promise("router.5")
@pytest.mark.parametrize(("pattern", "position"), [
    ("a(?=b)", 2), ("(?<=a)b", 1), ("ab(?!c)", 3), ("(?<!x)y", 1), (r"(a)\1", 4), ("(?P=x)", 1), ("(a", 1),
    ("x(a(b)", 2), ("a)b)", 2), ("[a-z", 1), (r"a\(b(c", 5), 
    ("[(]x(", 5), ("[]a](", 5), ("a**", 2), ("a|*", 3), ("a*|*", 4), ("ab{2000}", 3),
    ("ab[z-a]", 4), ("a\\", 2), (r"\(?=x(?=y)", 6),
])  # fmt: skip
def test_a_mistake_is_refused_with_its_position(pattern: str, position: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(pattern)
    assert refused.value.details["position"] == position
    assert refused.value.message.startswith(f"At character {position}: ")
    assert refused.value.details["field"] == "pattern"


@pytest.mark.parametrize(("match", "pattern"), [
    ("contains", ""), ("contains", "x" * (LONGEST + 1)), ("contains", "\u200b \u200b"), ("word", "  "),
    ("exact", "a\nb"), ("regex", r"(\pL{100}){10}\pL{900}\pL{900}\pL{900}"),
])  # fmt: skip
def test_what_cannot_be_looked_for_is_refused(match: Match, pattern: str) -> None:
    with pytest.raises(InvalidInput):
        sought(match, pattern, normalise=True)


@pytest.mark.promise("router.5")
def test_an_expression_that_explodes_elsewhere_takes_a_moment_here() -> None:
    rules = RuleSet([Rule(number=1, version=1, match="regex", pattern="(a+)+$")])
    began = time.perf_counter()
    assert rules.matching("a" * 9_999 + "b") == []
    # The promise itself is a time: 50 ms, where a backtracking engine needs longer than the universe is old.
    assert time.perf_counter() - began < 0.05


def test_all_rules_of_a_community_are_one_set() -> None:
    kinds: list[Match] = ["exact", "contains", "word", "wildcard", "regex"]
    rules = [Rule(number=n, version=1, match=kinds[n % 5], pattern=f"word{n}") for n in range(1, 501)]
    compiled = RuleSet(rules)
    assert [len(lane.sets) for lane in compiled.lanes] == [1, 1]
    assert [rule.number for rule in compiled.matching("well, word7 and word302 it is")] == [7, 302]
    assert compiled.problems == {}


def test_rules_match_in_the_order_in_which_they_act() -> None:
    rules = [
        Rule(number=n, version=1, match="contains", pattern="a", priority=p) for n, p in ((1, 100), (2, 5), (3, 5))
    ]
    assert [rule.number for rule in RuleSet(rules).matching("a")] == [2, 3, 1]


def test_a_pattern_that_cannot_be_compiled_any_more_is_skipped_and_the_others_work() -> None:
    broken = Rule(number=1, version=1, match="regex", pattern="a(?=b)")
    compiled = RuleSet([broken, Rule(number=2, version=1, match="contains", pattern="a")])
    assert [rule.number for rule in compiled.matching("ab")] == [2]
    assert compiled.problems[1].startswith("This pattern cannot be compiled any more: At character 2")


def test_patterns_too_large_for_one_set_are_shared_among_several() -> None:
    large = [Rule(number=n, version=1, match="regex", pattern=rf"x{n}\pL\pLy", normalise=False) for n in range(1, 41)]
    compiled = RuleSet(large, memory=1 << 20)
    assert len(compiled.lanes[0].sets) > 1
    assert [rule.number for rule in compiled.matching("x7ääy and x33ööy")] == [7, 33]
    assert compiled.problems == {}
