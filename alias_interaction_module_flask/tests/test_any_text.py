"""Whatever is written and typed: nothing raises, nothing runs away, and no viewer begins a line."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alias_interaction_module_flask.evaluator.finishing import finished
from alias_interaction_module_flask.evaluator.parser import parse
from alias_interaction_module_flask.evaluator.template import Dialect, TemplateError
from alias_interaction_module_flask.evaluator.values import Origin, Said
from alias_interaction_module_flask.tests.any_text import random_text, random_words, try_one

_dialects = st.sampled_from(list(Dialect))
_texts = st.text(st.characters(codec=None), max_size=300) | st.text("$(){}|\\\"'` .:1aifueslr-/!", max_size=300)
_mine = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.promise("alias.19")
@_mine
@given(seed=st.integers(0, 2**32), dialect=_dialects)
async def test_texts_of_real_variables_in_any_order(seed: int, dialect: Dialect) -> None:
    chance = random.Random(seed)
    await try_one(random_text(chance, dialect), random_words(chance), dialect, chance)


@pytest.mark.promise("alias.19")
@_mine
@given(text=_texts, words=_texts, dialect=_dialects)
async def test_texts_of_any_characters(text: str, words: str, dialect: Dialect) -> None:
    await try_one(text, words, dialect, random.Random(repr(text)))


@_mine
@given(text=st.text("$({x 1)}|'", max_size=2_000), dialect=_dialects)
def test_reading_is_quick_whatever_stands_there(text: str, dialect: Dialect) -> None:
    try:
        template = parse(text, dialect)
    except TemplateError:
        return
    assert len(list(template.variables())) <= 40


@pytest.mark.promise("alias.3")
@_mine
@given(
    pieces=st.lists(
        st.tuples(st.sampled_from(["/", "!", ".", "/me ", " ", "x", "", "\u200b", "\n"]), st.sampled_from(Origin))
    ),
    platform=st.sampled_from(["twitch", "slack"]),
)
def test_whoever_wrote_the_first_word_decides(pieces: list[tuple[str, Origin]], platform: str) -> None:
    said = [Said(text, origin) for text, origin in pieces]
    line = finished(said, platform, Dialect.WADDLE)
    first = next((one for one in said if one.text.strip(" \n\u200b")), Said(""))
    if first.origin is not Origin.AUTHOR:
        assert (line.style, line.verbatim_start) == ("normal", False)
    assert not (line.verbatim_start and line.text.startswith("/"))
