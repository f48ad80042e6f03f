"""How texts are read: what is refused, with its column, and what their authors are told."""

from __future__ import annotations

import msgspec
import pytest

from alias_interaction_module_flask.evaluator.notes import privileged_names
from alias_interaction_module_flask.evaluator.parser import parse
from alias_interaction_module_flask.evaluator.template import Literal, Template, TemplateError, Variable


@pytest.mark.parametrize(
    ("text", "column", "sentence"),
    [
        ("", 1, "Write what the command says."),
        (" \n", 1, "Write what the command says."),
        ("x" * 2_001, 2_001, "A text has at most 2000 characters."),
        ("$(user)" * 41, 281, "A text has at most 40 variables."),
        ("hi " + "$(upper " * 11 + "x" + ")" * 11, 84, "Variables stand in each other at most 10 deep."),
        ("ok $(reminder in 5 minutes)", 4, "Reminders are set with !remind, not by a text."),
    ],
)
def test_what_cannot_be_saved_is_refused_with_its_column(text: str, column: int, sentence: str) -> None:
    with pytest.raises(TemplateError) as refused:
        parse(text)
    assert (refused.value.column, refused.value.message, refused.value.details["column"]) == (column, sentence, column)


def test_as_much_as_is_allowed_is_read() -> None:
    assert len(list(parse("$(user)" * 40).variables())) == 40
    assert len(list(parse("$(upper " * 10 + "x" + ")" * 10).variables())) == 10
    assert parse("x" * 2_000).parts == (Literal("x" * 2_000),)


def test_brackets_that_never_close_are_read_in_no_time() -> None:
    # Each try would begin ten others, each of which begins ten others.
    text = "$(upper " * 9 + "$(1) and so on, " * 30
    assert len(parse(text).parts) == 61


def test_a_tree_is_kept_as_json() -> None:
    template = parse('/me $(if $(1) = "a b" | $(count x +1) | ${2:4}) {user} $(time.CET) $(args|nobody)')
    assert msgspec.json.decode(msgspec.json.encode(template), type=Template) == template


def test_unknown_names_are_told_with_their_place() -> None:
    template = parse("$(foo) and $(user) and ${bar.baz $(qux)}")
    assert [(one.name, one.column) for one in template.unknown] == [("foo", 1), ("bar.baz", 24), ("qux", 34)]
    assert template.names == ("user",)


@pytest.mark.parametrize(
    ("text", "dialect", "notes"),
    [
        ("$(user)", "nightbot", ()),
        ("$(tweet 5) $(djkhaled)", "nightbot", ("retired_variable",)),
        ("${user.lastmessage}", "streamelements", ("not_kept_here",)),
        ("${user} and ${1}", "streamelements", ("check_user",)),
        ("${user} and ${sender}", "streamelements", ()),
        ("$(time CST)", "nightbot", ("ambiguous_zone",)),
        ("$(countdown Dec 25 2026 BST)", "nightbot", ("ambiguous_zone",)),
        ("$(time CET)", "nightbot", ()),
        ('$(twitch x "{{fps}} {{title}}")', "nightbot", ("retired_field",)),
        ("$(eval $(query))", "nightbot", ("query_was_code",)),
        ('$(eval "$(query)")', "nightbot", ()),
        ('$(eval "$(provider)" == "youtube")', "nightbot", ("other_platform",)),
        ("${settitle x}", "streamelements", ("privileged",)),
    ],
)
def test_importers_are_told_what_to_look_at(text: str, dialect: str, notes: tuple[str, ...]) -> None:
    assert parse(text, dialect).notes == notes


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("$(settitle x) $(setgame y) $(settitle z)", ("settitle", "setgame")),
        ("$(var x)", ()),
        ("$(var x = $(query))", ("var",)),
        ("$(var $(query)=)", ("var",)),
        ("$(upper $(setgame x))", ("setgame",)),
    ],
)
def test_what_changes_something_is_known_before_it_runs(text: str, names: tuple[str, ...]) -> None:
    assert privileged_names(parse(text)) == names


def test_names_are_found_in_any_case_and_the_longest_first() -> None:
    found = [one.name for one in parse("$(USER) $(User.Points_Rank) $(user.points x) $(RANDOM.Pick a)").variables()]
    assert found == ["user", "user.points_rank", "user.points", "random.pick"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('$(repeat 2 ")")', 1),
        ("$(repeat 2 ')')", 1),
        ("$(eval ')' + \"(\" + `)${')'}` /* ) */ + 1)", 1),
        ("$(eval /[)/]\\)/.test('x'))", 1),
        ("$(eval 4 / 2 / (1))", 1),
        ("${lastfm x {{title}} - {{artist}}}", 1),
        ("${upper {a} \\{}", 1),
        ("$(upper (a (b)) c)", 1),
    ],
)
def test_brackets_in_quotes_and_scripts_close_nothing(text: str, count: int) -> None:
    template = parse(text)
    assert [type(part) for part in template.parts] == [Variable] * count
