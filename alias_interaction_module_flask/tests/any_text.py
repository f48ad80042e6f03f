"""Texts as nobody would write them, and what must hold for every one of them; for tests and for hours of trying."""

from __future__ import annotations

import random
import re
import time
from itertools import dropwhile

import msgspec

from alias_interaction_module_flask.evaluator.evaluation import evaluate
from alias_interaction_module_flask.evaluator.execution import Result
from alias_interaction_module_flask.evaluator.families import KNOWN
from alias_interaction_module_flask.evaluator.finishing import LIMITS, invisible
from alias_interaction_module_flask.evaluator.parser import parse
from alias_interaction_module_flask.evaluator.template import Dialect, Literal, Template, TemplateError
from alias_interaction_module_flask.evaluator.values import Origin
from alias_interaction_module_flask.tests.imagined_world import ImaginedWorld
from alias_interaction_module_flask.tests.texts import used
from flask_core.datamodels import Role

MOST_SECONDS = 5.0
_PLATFORMS = ("twitch", "discord", "slack", "console")
_BITS = (
    " ", "  ", "|", "(", ")", "{", "}", "$", "$(", "${", "\\", '"', "'", "“", "”", "`", "/", "!", ".", "/me ",
    "/ban x ",
    "/announce ",
    "!settitle x ", "=", "<", ">=", " contains ", "1", "1:", "2:4", ":3", "-5", "+5", "1-6", "1e309",
    "9" * 30,
    "json ", "https://x.test/", "https://", "Dec 25 2026", "22:00", "CET", "Europe/Berlin",
    "{{title}}", "{{ x }}", "[",
    "]", ",", "sin(", "!!", "^", "🍪", "\u200b", "\u202e", "\x00", "\n", "\r\n", "\ud800", "ﬃ", "é",
    "//", "/*", "*/", "\u2028",
    "$(urlfetch https://x.test/$(query))", "${customapi.https://$(1)}", "$(urlfetch https://x.test$(query))",
    "$(urlfetch $(query))", "$(json a https://$(var greeting)/)", "$(urlfetch https:$(1))",
    "${urlfetch https://x.test/?q=$(1)&r=${pathescape ${1:}}}", "$(urlfetch json https://x.test/)",
    "${1|sender}", "$(query)", "$(1)", "{user}", "\\$(user)", "null", "grace", "@ada",
    "<@102>", "deaths", "<script>", "%",
)  # fmt: skip
_EVIL = ("https://evil.test/", "//evil.test", "@evil.test/", ".evil.test", "evil.test", "\\evil.test", ":80@evil.test")
_TYPED = (*_BITS, *_EVIL)
_STARTS = (
    "$(query)",
    "$(1)",
    "${1:}",
    "$(touser)",
    " $(query)",
    "\u200b$(query)",
    "!$(1)",
    "/$(query)",
    "/m$(query)",
    "/me ",
)


def random_text(chance: random.Random, dialect: Dialect, depth: int = 0) -> str:
    """A text of real variables, broken ones, and whatever else breaks readers."""
    names = _NAMES[dialect]
    out: list[str] = [chance.choice(_STARTS)] if depth == 0 and chance.random() < 0.2 else []
    for _ in range(chance.randint(1, 6)):
        if depth < 5 and chance.random() < 0.45:
            opener, closer = chance.choice((("$(", ")"), ("${", "}")))
            inner = random_text(chance, dialect, depth + 1)
            between = chance.choice((" ", " ", " ", "|", ".", "", " | "))
            out.append(f"{opener}{chance.choice(names)}{between}{inner}{closer if chance.random() < 0.93 else ''}")
        else:
            out.append(chance.choice(_BITS) if chance.random() < 0.8 else _words(chance, _BITS))
    return "".join(out)


def random_words(chance: random.Random) -> str:
    """What a viewer might type."""
    return chance.choice(_EVIL) if chance.random() < 0.15 else _words(chance, _TYPED)


def _words(chance: random.Random, bits: tuple[str, ...]) -> str:
    count = chance.randint(0, 6)
    start = (
        chance.choice(("/me x ", "/ban ada ", "!so ", ".ban ", "e x ", "\u200b/me x")) if chance.random() < 0.2 else ""
    )
    return start + " ".join(
        chance.choice(bits) if chance.random() < 0.6 else chr(chance.randint(1, 0x2FFF)) * chance.randint(1, 9)
        for _ in range(count)
    )


def _names() -> dict[Dialect, list[str]]:
    more = [
        "1",
        "2",
        "9",
        "1:",
        "2:3",
        ":2",
        "1.emote",
        "1.word",
        "random.1-6",
        "time.CET",
        "nothing",
        "USER",
        "arg1",
        "",
    ]
    return {dialect: [*KNOWN.by_name(dialect), *more] for dialect in Dialect}


_NAMES = _names()


async def try_one(text: str, words: str, dialect: Dialect, chance: random.Random) -> Result | None:
    """Read and evaluate; None for a text that is refused. Raises AssertionError when something is wrong."""
    began = time.monotonic()
    try:
        template = parse(text, dialect)
    except TemplateError as refused:
        column = refused.column
    else:
        return await _evaluated(template, words, chance, began)
    assert 1 <= column <= len(text) + 1
    return None


async def _evaluated(template: Template, words: str, chance: random.Random, began: float) -> Result:
    execution = used(
        words, platform=chance.choice(_PLATFORMS), role=chance.choice(list(Role)).word,
        execution_id=str(chance.random()), command_role=chance.choice((Role.VIEWER, Role.MODERATOR)),
        test=chance.random() < 0.2, twelve_hours=chance.random() < 0.2, deadline=0.05,
    )  # fmt: skip
    if chance.random() < 0.1:
        assert msgspec.json.decode(msgspec.json.encode(template), type=Template) == template
    world = _world(chance)
    result = await evaluate(template, execution, world)
    assert time.monotonic() - began < MOST_SECONDS, "it took too long"
    _check(result, template, words)
    hosts = [re.split("[/?#]", str(asked[1]).partition("://")[2])[0] for asked in world.asked if asked[0] == "fetch"]
    assert not any("evil" in host for host in hosts), "a viewer chose whom to ask"
    if execution.test or execution.command_role < Role.MODERATOR:
        assert not [asked for asked in world.asked if asked[0] == "keep"]
    return result


def _world(chance: random.Random) -> ImaginedWorld:
    questions = ("stream", "fetch", "script", "standing", "person", "counter", "change_counter", "kept", "song")
    return ImaginedWorld(
        pages={"https://x.test/": chance.choice(_BITS) * chance.choice((1, 5, 90_000))},
        texts={"greeting": random_words(chance), "grace": "/ban x"},
        away=frozenset(chance.sample(questions, 2)) if chance.random() < 0.2 else frozenset(),
        slow=frozenset(chance.sample(questions, 1)) if chance.random() < 0.02 else frozenset(),
    )


def _check(result: Result, template: Template, words: str) -> None:
    assert len(result.text) <= LIMITS[template.dialect]
    assert result.text == result.text.strip()
    assert not any(ord(character) < 32 or "\ud800" <= character <= "\udfff" for character in result.text)
    if result.verbatim_start:
        # Then the first word is the author's, to its end.
        assert result.text[0] in "!."
        first = result.text.split(" ")[0]
        assert _begun(result).startswith(first.removesuffix("…"))
    if result.style != "normal":
        assert _visible(_own(result)).lower().startswith(("/me ", "/announce"))
    for _, printed in result.failures:
        assert len(printed) <= 120
    assert all(part.origin >= Origin.AUTHOR for part in result.parts)
    assert len(result.actions) <= 2
    assert result.lookups <= 20
    if not words.strip() and all(isinstance(part, Literal) for part in template.parts):
        assert result.origin is Origin.AUTHOR


def _begun(result: Result) -> str:
    """The author's beginning without what is invisible and without a style."""
    own = _visible(_own(result))
    return _visible(re.sub(r"^/(me|announce\w*) ", "", own, flags=re.IGNORECASE))


def _visible(text: str) -> str:
    return "".join(dropwhile(invisible, text))


def _own(result: Result) -> str:
    """What the author wrote before anybody else's words."""
    own = ""
    for part in result.parts:
        if part.origin is not Origin.AUTHOR and part.text:
            break
        own += part.text
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", own)
