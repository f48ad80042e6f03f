"""What viewers type is data of a script, wherever the author put it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alias_interaction_module_flask.scripts.insertion import Inserted, insert
from alias_interaction_module_flask.scripts.javascript import tokens
from alias_interaction_module_flask.scripts.pool import Scripts
from flask_core.errors import InvalidInput

BREAK_OUT = "\";'`}*/${]})//\\\n!settitle x\u2028"


@pytest.fixture
async def scripts() -> AsyncIterator[Scripts]:
    pool = Scripts(1)
    yield pool
    await pool.close()


def shot(text: str, *values: str | Inserted | None) -> list[str | Inserted]:
    """The pieces of a script in which every § is the next value."""
    first, *rest = text.split("§")
    pieces: list[str | Inserted] = [first]
    for value, author in zip(values, rest, strict=True):
        pieces += [value if isinstance(value, Inserted) else Inserted(value), author]
    return pieces


async def test_what_breaks_out_of_strings_elsewhere_is_printed_here(scripts: Scripts) -> None:
    pieces = shot('"@§ says " + "§".toUpperCase()', "ann", '";"!settitle x"//')
    assert await scripts.run(insert(pieces)) == '@ann says ";"!SETTITLE X"//'


LITERALS = [
    '"§"', "'§'", "`§`", "`${'§'}`", "`a${`${\"§\"}`}b`.slice(1,-1)", "§", "[§][0]", "(x => x)(§)", "({a:§}).a",
    "/* it's § */ '§'", "1/2; '§'", "var a=4; a/2/1; \"§\"", "if (1) /'/.test(''); '§'", "[/[/'\"`]/]; '§'",
    "x = /`/; `§`", "<!-- it's\n'§'", "let f = {a: 1} / 2; '§'", "// don't\n'§'", "'\\'' && '§'", "`\\`` && '§'",
    "(function(){ return /'/ })(); '§'", "var o = {return: 4}; o.return / 2; '§' // '", "'\\§'", "`$§`.slice(1)",
]  # fmt: skip


@pytest.mark.parametrize("script", LITERALS)
async def test_every_place_gives_back_exactly_what_was_typed(script: str, scripts: Scripts) -> None:
    for typed in (BREAK_OUT, "plain", "\\", "'", "${1}", "😀 né", "null"):
        values = [typed] * script.count("§")
        assert await scripts.run(insert(shot(script, *values))) == typed


async def test_missing_words_are_null_and_numbers_are_numbers(scripts: Scripts) -> None:
    async def said(script: str, *values: str | None) -> str:
        return await scripts.run(insert(shot(script, *values)))

    assert await said("'§' === 'null'", None) == "true"
    assert await said("§ === null", None) == "true"
    assert await said("§ + 1", "41") == "42"
    assert await said("1-§", "-5") == "6"
    assert await said("§**2", "-5") == "25"
    assert await said("§.toFixed(1)", "7") == "7.0"
    assert await said("§ + 1", "007") == "0071"
    assert await said("typeof §", "1e999999") == "string"
    assert await said("'§' ? 'a' : 'b'", "") == "b"
    assert await said("1 + 1 // §", "\n+1") == "2"
    assert await said("/* *§/ 5 */ 6", "") == "6"


async def test_a_regular_expression_looks_for_the_text_itself(scripts: Scripts) -> None:
    assert await scripts.run(insert(shot("/^§$/.test('a.b')", "a.b"))) == "true"
    assert await scripts.run(insert(shot("/^§$/.test('axb')", "a.b"))) == "false"
    assert await scripts.run(insert(shot("'a-b'.replace(/[§]/g, '_')", "^-]"))) == "a_b"
    assert await scripts.run(insert(shot("/§/.test('')", ""))) == "true"


async def test_a_fetched_answer_is_a_value_and_a_broken_one_is_told(scripts: Scripts) -> None:
    answer = Inserted('{"__proto__": {"x": 1}, "items": [{"title": "</script>\\u2028"}]}', is_json=True)
    assert await scripts.run(insert(shot("const api = §; api.items[0].title.length", answer))) == "10"
    assert await scripts.run(insert(shot("§.x", answer))) == "undefined"
    with pytest.raises(InvalidInput) as told:
        await scripts.run(insert(shot("§.x", Inserted("{", is_json=True))))
    assert told.value.details["reason"].startswith("SyntaxError")


async def test_the_largest_answers_fit(scripts: Scripts) -> None:
    answer = Inserted('{"a": "' + "é" * 65_000 + '"}', is_json=True)
    assert await scripts.run(insert(shot("§.a.length + §.a.length + §.a.length", answer, answer, answer))) == "195000"


@pytest.mark.parametrize("script", ["x§", "foo\n§", "1/§", "a.§", "§§", "let § = 1", "`${§"])
async def test_no_value_becomes_a_part_of_what_stands_beside_it(script: str, scripts: Scripts) -> None:
    values = ["(pwn)"] * script.count("§")
    code = "var a = 1, pwn = 7, x = 1, foo = () => { throw 'called' };" + insert(shot(script, *values))
    (said,) = await asyncio.gather(scripts.run(code), return_exceptions=True)
    refused = isinstance(said, InvalidInput) and said.details["reason"].startswith("SyntaxError")
    assert refused or said in {"(pwn)", "NaN"}


async def test_a_negative_number_on_its_own_line_calls_nothing(scripts: Scripts) -> None:
    assert await scripts.run(insert(shot("var foo = () => 'called'; foo\n§", "5"))) == "5"
    assert await scripts.run(insert(shot("if (1) §", "-5"))) == "-5"


SOUP = st.text(alphabet="ab1'\"`/\\$ {}()[]*-<>!=+;,.\n\ufdd0#", max_size=60)


@given(SOUP, st.text(max_size=20))
def test_whatever_an_author_writes_values_stay_digits_and_escapes(author: str, typed: str) -> None:
    half = len(author) // 2
    text = insert([author[:half], Inserted(typed), author[half:]])
    assert "".join(token.text for token in tokens(author)) == author
    for char in set(typed) - set(author) - set('0123456789abcdefxu\\" $()?:'):
        assert char not in text
