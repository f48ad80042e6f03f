"""Scripts that a variable of ours replaces: the same words come of both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alias_interaction_module_flask.evaluator.families.chance import ANSWERS
from alias_interaction_module_flask.scripts.pool import Scripts
from alias_interaction_module_flask.scripts.rewrites import rewritten
from alias_interaction_module_flask.tests.imagined_world import ImaginedWorld
from alias_interaction_module_flask.tests.texts import said

TITLES = '{"items": [{"title": "Blue", "n": 5}], "top-song": "Carey"}'
EIGHT_BALL = ", ".join(f'"{answer}"' for answer in reversed(ANSWERS))


@dataclass
class ScriptedWorld(ImaginedWorld):
    """The imagined one, in which scripts really run."""

    pool: Scripts | None = None

    async def script(self, code: str, seed: str) -> str:
        assert self.pool is not None
        return await self.pool.run(code, seed=seed)


@pytest.fixture
async def world() -> AsyncIterator[ScriptedWorld]:
    pool = Scripts(1)
    yield ScriptedWorld(pages={"https://api.test/songs?of=ada": TITLES}, pool=pool)
    await pool.close()


@pytest.mark.parametrize(
    ("script", "ours"),
    [
        ("$(eval Math.floor(Math.random()*6)+1)", "$(random 1-6)"),
        ("$(eval Math.floor((Math.random() * 20) + 1);)", "$(random 1-20)"),
        ("$(eval Math.floor(Math.random()*20+5))", "$(random 5-24)"),
        ("@$(user) $(eval Math.floor(Math.random()*10))!", "@$(user) $(random 0-9)!"),
        ("$(eval ['a', \"it's b\"][Math.floor(Math.random()*2)])", "$(pick a | it's b)"),
        ("$(eval const r = ['$(user)', 'b',]; r[Math.floor(Math.random()*r.length)])", "$(pick $(user) | b)"),
        (f"$(eval var r=[{EIGHT_BALL}];r[Math.floor(Math.random()*20)];)", "$(8ball)"),
        ("$(eval Math.round(Math.random() * 100))% love", "$(percent)% love"),
        ("$(eval $(query))", '$(math "$(query)")'),
    ],
)
async def test_scripts_of_chance_and_calculators_have_a_variable(script: str, ours: str) -> None:
    assert rewritten(script) == ours


@pytest.mark.parametrize(
    ("script", "ours"),
    [
        ('$(eval "$(query)".toUpperCase())', "$(upper $(query))"),
        ("$(eval 'Hi $(user)'.toLowerCase();)", "$(lower Hi $(user))"),
        ("$(eval '$(1)'==='null' ? 'nobody' : 'hi $(1)')", '$(if $(1) = "" | nobody | hi $(1))'),
        ("$(eval '$(1)' != \"null\" ? 'hi $(1)' : 'no')", '$(if $(1) != "" | hi $(1) | no)'),
        ('so $(eval "$(query)" ? "yes" : "") end', 'so $(if $(query) != "" | yes | ) end'),
        (
            "$(eval const api = $(urlfetch json https://api.test/songs?of=ada); api.items[0].title)",
            "$(json items.0.title https://api.test/songs?of=ada)",
        ),
        (
            "$(eval $(urlfetch json https://api.test/songs?of=ada)['top-song'])",
            "$(json top-song https://api.test/songs?of=ada)",
        ),
    ],
)
async def test_what_is_offered_says_the_same(script: str, ours: str, world: ScriptedWorld) -> None:
    assert rewritten(script) == ours
    for words in ("ada", "0", "Ada Lovelace", "x');pwn('", "", "false | x"):
        if words or "upper" not in ours:
            before = (await said(script, words, "nightbot", world)).text
            assert (await said(ours, words, "waddle", world)).text == before


@pytest.mark.parametrize(
    "script",
    [
        "no script $(user)",
        "$(eval Math.random())",
        "$(eval Math.floor(Math.random()*6)+1",
        "$(eval Math.floor(Math.random()*6)-1)",
        "$(eval Math.floor(Math.random()*0)+1)",
        "$(eval Math.floor(Math.random()*6)+1) {curly}",
        "$(eval Math.floor(Math.random()*6)+1) back\\slash",
        "$(eval Math.floor(Math.random()*6)+1) $(eval 1)",
        "$(eval ['a','b'][Math.floor(Math.random()*3)])",
        "$(eval ['a | c','b'][Math.floor(Math.random()*2)])",
        "$(eval ['a',''][Math.floor(Math.random()*2)])",
        "$(eval ['a',b][Math.floor(Math.random()*2)])",
        "$(eval const r=['a','b']; s[Math.floor(Math.random()*2)])",
        "$(eval '\\u0061'.toUpperCase())",
        "$(eval ' a'.toUpperCase())",
        "$(eval `$(query)`.toUpperCase())",
        "$(eval '$(query)'.toUpperCase().trim())",
        "$(eval '$(1)' === 'nul' ? 'a' : 'b')",
        "$(eval '$(1)x' === 'null' ? 'a' : 'b')",
        "$(eval '$(touser)' ? 'a' : 'b')",
        "$(eval $(urlfetch json https://api.test/).items.length)",
        "$(eval $(urlfetch json https://api.test/).items.map(String))",
        "$(eval $(urlfetch https://api.test/).a)",
        "$(eval $(count))",
        "$(upper $(eval Math.floor(Math.random()*6)+1))",
    ],
)
def test_what_is_not_exactly_known_is_left_alone(script: str) -> None:
    assert rewritten(script) is None


@given(st.text(alphabet="$()eval \"'`[].+*/Mathrndo{}\\|?:;=1\n", max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    for odd in (text, f"$(eval {text})", f"$(eval ['{text}'][Math.floor(Math.random()*1)])"):
        ours = rewritten(odd)
        assert ours is None or "$(eval" not in ours
