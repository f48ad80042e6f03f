"""Lines of chat as words and arguments: any line can be read, and what was quoted comes back as it was."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_core.datamodels import Argument, ArgumentKind, CommandCard
from flask_core.grammar import UsageError, bind, clean, duration_seconds, tokenize

QUOTES = ['""', "''", "“”", "„“", "‘’", "«»"]
ADD = CommandCard(
    "quote add", "Save a quote.", "!quote add <text> [by <author>] [--times <n>]",
    arguments=(
        Argument("text", ArgumentKind.REST),
        Argument("author", ArgumentKind.REST, required=False, after="by"),
        Argument("times", ArgumentKind.INTEGER, required=False, flag=True),
    ),
)  # fmt: skip


def card_of(kind: ArgumentKind, **options: Any) -> CommandCard:
    return CommandCard("do", "Does it.", "!do <it>", arguments=(Argument("it", kind, **options),))


def given_to(card: CommandCard, line: str) -> dict[str, Any]:
    return bind(card, line, tokenize(line))


def refusal_of(card: CommandCard, line: str) -> str:
    with pytest.raises(UsageError) as refused:
        given_to(card, line)
    return refused.value.message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  quote   7 ", ["quote", "7"]),
        ('add "ship it" now', ["add", "ship it", "now"]),
        ("add “ship it” «so» „gut“ ‘well’", ["add", "ship it", "so", "gut", "well"]),
        (r'say "a \"b\" c\\d"', ["say", 'a "b" c\\d']),
        ('say "never closed', ["say", "never closed"]),
        ("it's 'tis fine", ["it's", "'tis", "fine"]),
        ("'two words' 'tis", ["two words", "'tis"]),
        ('5" or 6"', ['5"', "or", '6"']),
        ('say "a"b c"', ["say", 'a"b c']),
        ('""', [""]),
    ],
)
def test_a_line_falls_into_words_and_quotes(line: str, words: list[str]) -> None:
    assert [token.text for token in tokenize(line)] == words


def test_letters_that_only_look_different_are_the_same_command() -> None:
    assert clean("  !ｑuote\u200b \ufeff7 ") == "!quote 7"
    assert clean(" !quote 7 ") == "!quote 7"


@given(st.text(max_size=300))
def test_every_line_can_be_read_and_its_words_stand_in_it_in_order(line: str) -> None:
    at = 0
    for token in tokenize(line):
        assert at <= token.start < token.end <= len(line)
        assert token.quoted or token.text == line[token.start : token.end]
        assert not line[at : token.start].strip()
        at = token.end
    assert not line[at:].strip()


@given(st.text(max_size=80), st.sampled_from(QUOTES))
def test_what_was_quoted_comes_back_as_it_was(text: str, quotes: str) -> None:
    opening, closing = quotes
    written = text.replace("\\", "\\\\").replace(closing, "\\" + closing)
    line = f"before {opening}{written}{closing} after"
    assert [(token.text, token.quoted) for token in tokenize(line)] == [
        ("before", False), (text, True), ("after", False),
    ]  # fmt: skip


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), max_size=8))
def test_plain_words_come_back_one_by_one(words: list[str]) -> None:
    assert [token.text for token in tokenize("  ".join(words))] == words


def test_apostrophes_that_nothing_closes_are_looked_for_once() -> None:
    class Counted(str):
        __slots__ = ("looks",)
        looks: int

        def __getitem__(self, at: Any) -> str:
            self.looks += 1
            return super().__getitem__(at)

    line = Counted("'a " * 1_000)
    line.looks = 0
    assert len(tokenize(line)) == 1_000
    assert line.looks < 20 * len(line)


def values_or_usage(card: CommandCard, line: str) -> dict[str, Any] | str:
    try:
        return given_to(card, line)
    except UsageError as refusal:
        return refusal.message


LINES = st.text(max_size=60) | st.lists(
    st.sampled_from(
        ["by", "--times", "--it", "7", "#7", "-3", "1.5", "yes", "2h30m", "@ann", "<@U1|ann>", "#chat", '"by"', "''",
         "9" * 5_000 + "s", "9" * 30, "now"]
    ),
    max_size=6,
).map(" ".join)  # fmt: skip


@given(LINES, st.sampled_from(ArgumentKind), st.booleans(), st.booleans(), st.sampled_from(["", "by"]))
def test_words_fit_or_the_usage_is_told(line: str, kind: ArgumentKind, required: bool, flag: bool, after: str) -> None:
    values = values_or_usage(card_of(kind, required=required, flag=flag, after=after, choices=("now", "later")), line)
    assert values == "Usage: !do <it>" or required <= ("it" in values)
    assert msgspec.json.decode(msgspec.json.encode(values)) == values


@given(LINES)
def test_a_command_with_everything_takes_any_line_or_tells_its_usage(line: str) -> None:
    values = values_or_usage(ADD, line)
    assert values == f"Usage: {ADD.usage}" or "text" in values


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("ship it", {"text": "ship it"}),
        ("ship  it,  now", {"text": "ship  it,  now"}),
        ("stand by me by Ben E. King", {"text": "stand by me", "author": "Ben E. King"}),
        ('"stand by me"', {"text": "stand by me"}),
        ('"stand by me" by "Ben E. King"', {"text": "stand by me", "author": "Ben E. King"}),
        ("ship it --times 3", {"text": "ship it", "times": 3}),
        ("ship it by Grace --TIMES 3", {"text": "ship it", "author": "Grace", "times": 3}),
        ("by Grace", {"text": "by Grace"}),
        ("ship it by", {"text": "ship it by"}),
    ],
)
def test_the_rest_of_the_line_and_words_that_begin_something(line: str, values: dict[str, Any]) -> None:
    assert given_to(ADD, line) == values


@pytest.mark.parametrize("line", ["", "--times 3", "ship it --times many"])
def test_a_line_that_lacks_something_hears_the_usage(line: str) -> None:
    assert refusal_of(ADD, line) == "Usage: !quote add <text> [by <author>] [--times <n>]"


@pytest.mark.parametrize(
    ("kind", "word", "value"),
    [
        (ArgumentKind.INTEGER, "#12", 12),
        (ArgumentKind.INTEGER, "+3", 3),
        (ArgumentKind.INTEGER, "-3", -3),
        (ArgumentKind.DECIMAL, "2.5", 2.5),
        (ArgumentKind.BOOLEAN, "ON", True),
        (ArgumentKind.BOOLEAN, "n", False),
        (ArgumentKind.DURATION, "2h30m", 9_000),
        (ArgumentKind.MEMBER, "@Ann", {"name": "Ann"}),
        (ArgumentKind.MEMBER, "<@!42>", {"name": "42", "user_id": "42"}),
        (ArgumentKind.MEMBER, "<@U7|ann>", {"name": "U7", "user_id": "U7"}),
        (ArgumentKind.CHANNEL, "#general", "general"),
        (ArgumentKind.CHOICE, "NOW", "now"),
        (ArgumentKind.WORD, "any", "any"),
    ],
)
def test_words_become_values(kind: ArgumentKind, word: str, value: Any) -> None:
    assert given_to(card_of(kind, choices=("now",)), word) == {"it": value}


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (ArgumentKind.INTEGER, "seven"),
        (ArgumentKind.INTEGER, "٣"),
        (ArgumentKind.INTEGER, "9" * 19),
        (ArgumentKind.DECIMAL, "1e9"),
        (ArgumentKind.DECIMAL, "nan"),
        (ArgumentKind.BOOLEAN, "perhaps"),
        (ArgumentKind.DURATION, "soon"),
        (ArgumentKind.DURATION, "9" * 5_000 + "s"),
        (ArgumentKind.MEMBER, "@"),
        (ArgumentKind.CHOICE, "never"),
        (ArgumentKind.WORD, "two words"),
    ],
)
def test_words_of_another_kind_hear_the_usage(kind: ArgumentKind, word: str) -> None:
    assert refusal_of(card_of(kind, choices=("now",)), word) == "Usage: !do <it>"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("2h30m", 9_000), ("5min", 300), ("7D", 604_800), ("1d1h1m1s", 90_061), ("0s", 0),
        ("", None), ("h", None), ("30m2h", None), ("-5s", None), ("36600d", 3_162_240_000), ("36601d", None),
    ],
)  # fmt: skip
def test_durations_are_read_up_to_a_hundred_years(text: str, seconds: int | None) -> None:
    assert duration_seconds(text) == seconds
