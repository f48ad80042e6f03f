"""Lines in other languages."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from ai_interaction_module_flask.languages import split_target
from ai_interaction_module_flask.markers import marked
from ai_interaction_module_flask.tests.pond import Pond
from flask_core.auth import utc_now
from flask_core.contracts import ai, translations
from flask_core.datamodels import Account, Chat, General, RepliedTo, Role
from flask_core.errors import InvalidInput, TooMany
from flask_core.operations import Acting
from flask_core.testing.fake_openai import Failure

SPANISH = "Hola a todos, qué tal están hoy"


def translates(pond: Pond, words: str = "Hello everyone, how are you") -> None:
    """The model says these words and all markers that it was given."""

    def says(body: dict[str, Any]) -> str:
        line = body["messages"][-1]["content"].split("\n")[1]
        return " ".join([words, *re.findall(r"\[\[\d+\]\]", line)])

    pond.model.says = says


async def translated(pond: Pond, text: str, user: str = "dee", **options: Any) -> str:
    invocation = pond.invocation(text, user, command="translate", **options)
    reply = await pond.execute(msgspec.structs.replace(invocation, arguments={"text": text}))
    return "\n".join(action.text for action in reply.actions if isinstance(action, Chat))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("spanish hello there", ("es", "hello there", False)),
        ("es hello there", ("es", "hello there", False)),
        ("Español hola", ("es", "hola", False)),
        ("to it ciao", ("it", "ciao", False)),
        ("it is cold", ("", "it is cold", False)),
        ("no problem", ("", "no problem", False)),
        ("to klingon hello", ("", "hello", True)),
        ("fr", ("fr", "", False)),
        ("hello there", ("", "hello there", False)),
    ],
)
def test_a_language_may_come_first(text: str, found: tuple[str, str, bool]) -> None:
    assert split_target(text) == found


@pytest.mark.promise("ai.19")
def test_all_markers_come_back_once_or_nothing_does() -> None:
    line = marked("Hola @ann mira https://x.example/a :wave: !discord <:fish:1> Kappa <@U1> [[7]]", {"Kappa"})
    assert line.text == "Hola [[0]] mira [[1]] [[2]] [[3]] [[4]] [[5]] [[6]] [[7]]"
    assert line.letters == 8
    back = "[[7]] look [[1]] [[0]] hello [[2]] [[3]] [[4]] [[5]] [[6]]"
    assert line.restored(back) == "[[7]] look https://x.example/a @ann hello :wave: !discord <:fish:1> Kappa <@U1>"
    for wrong in ("hello", back + " [[0]]", back.replace("[[3]]", "[[9]]"), back.replace("[[0]]", "@ann")):
        assert line.restored(wrong) is None


async def test_who_asks_gets_a_translation(pond: Pond) -> None:
    translates(pond)
    assert await pond.ask(f"!translate {SPANISH}") == "[es→en] Hello everyone, how are you"
    assert await pond.ask("!tr german hello everybody, how are you", "eve") == "[en→de] Hello everyone, how are you"
    assert "into German" in pond.model.systems()[1]
    assert await pond.ask("!tr this already is what I want", "fay") == "That already is English."
    assert (await pond.ask("!tr to klingon hello", "gil")).startswith("I don't know that language. I know ar, bg,")
    assert (await pond.ask("!tr", "hal")).startswith("Usage: !translate [to] <text>")
    assert len(pond.model.asked) == 2
    usage = await pond.as_person(ai.USAGE, ai.UsageOf(pond.here))
    assert [(row.kind, row.answers) for row in usage.rows] == [("translation", 2)]
    # Two translations are less than one answer, which is rounded up.
    assert (await pond.as_person(ai.STATUS, ai.OfCommunity(pond.here))).answers == 1


async def test_a_reply_is_translated(pond: Pond) -> None:
    translates(pond)
    said = RepliedTo("m1", Account("eve", "eve", "Eve"), f"{SPANISH} @dee")
    assert await translated(pond, "", reply_to=said) == "[es→en] Hello everyone, how are you @dee"
    assert await translated(pond, "fr", reply_to=said) == "[es→fr] Hello everyone, how are you @dee"


@pytest.mark.promise("ai.19")
async def test_a_translation_without_its_marks_is_dropped(pond: Pond) -> None:
    pond.model.says = lambda _: "Hello everyone"
    assert await translated(pond, f"{SPANISH} @ann") == "I could not translate that."
    (row,) = (await pond.as_person(ai.ANSWERS, ai.AnswersOf(pond.here))).items
    assert (row.outcome, row.reason) == ("refused", "markers")
    pond.model.says = lambda body: body["messages"][0]["content"]
    assert await translated(pond, SPANISH, "eve") == "I could not translate that."
    pond.model.failures = [Failure(500)]
    assert await translated(pond, SPANISH, "fay") == "The AI is not answering right now."


@pytest.mark.promise("ai.19")
async def test_a_channel_is_translated_and_nothing_else_costs_a_call(pond: Pond) -> None:
    translates(pond)
    assert await pond.silent(SPANISH)
    assert await pond.ask("!ai translate on english", "mod", moderator=True) == (
        "I translate other languages into English in this channel."
    )
    assert await pond.ask(f"{SPANISH} @ann Kappa") == "[es] Hello everyone, how are you @ann"
    # The same line is remembered for a day.
    assert await pond.ask(f"{SPANISH} @ann Kappa", "eve") == "[es] Hello everyone, how are you @ann"
    assert len(pond.model.asked) == 1
    for line in (
        "good evening to everybody here",
        "hola",
        "https://hola.example/buenos/dias/amigos",
        "@ann @ben @cat :wave:",
    ):
        assert await pond.silent(line), line
    assert await pond.silent("Buenas noches a todos mis amigos", "rob", bot=True)
    assert len(pond.model.asked) == 1
    assert await pond.ask("!ai translate off", "mod2", moderator=True) == (
        "I translate nothing on my own in this channel."
    )
    assert await pond.silent("Buenas noches a todos mis amigos")
    assert len(pond.model.asked) == 1


async def test_what_is_shown_besides(pond: Pond) -> None:
    translates(pond)
    await pond.choose(translation={"languages": ["en", "es"], "overlay": True})
    await pond.ask("!ai translate on", "mod", moderator=True)
    await pond.ask(SPANISH)
    (shown,) = [one.action for one in pond.town.shown]
    assert isinstance(shown, General)
    assert (shown.template, shown.duration) == ("caption", 5)
    assert shown.data == {
        "text": "Hello everyone, how are you", "original": SPANISH, "language": "en", "speaker": "Dee",
    }  # fmt: skip


async def test_twenty_lines_a_minute_are_translated(pond: Pond) -> None:
    translates(pond)
    await pond.ask("!ai translate on", "mod", moderator=True)
    said = [await pond.run(f"{SPANISH} {'ja' * n}", f"user{n}", command="") for n in range(22)]
    assert [bool(one) for one in said] == [True] * 20 + [False] * 2


async def test_what_fails_is_silent_where_nobody_asked(pond: Pond) -> None:
    await pond.ask("!ai translate on", "mod", moderator=True)
    pond.model.says = lambda _: "Hello"
    assert await pond.silent(f"{SPANISH} @ann")
    pond.model.failures = [Failure(500)]
    assert await pond.silent(SPANISH, "eve")


async def test_programs_translate(pond: Pond) -> None:
    translates(pond, "Hello")
    alias = pond.inst.client("alias")

    async def translate(text: str, to: str = "en", **more: Any) -> tuple[str, str, str]:
        found = await alias.call("ai", translations.TRANSLATE, translations.Translate(pond.here, text, to, **more))
        return found.text, found.source, found.provider

    assert await translate(SPANISH) == ("Hello", "es", "openai")
    assert await translate(SPANISH) == ("Hello", "es", "cache")
    assert await translate("hola", source="spanish") == ("Hello", "es", "openai")
    assert await translate("good evening to everybody here") == ("good evening to everybody here", "en", "")
    with pytest.raises(InvalidInput):
        await translate(SPANISH, "klingon")
    pond.town.people["dee"] = "person-dee"
    await pond.ask("!ai hello", "dee")
    await pond.choose(budget={"answers": 500, "tokens": 200_000, "per_member": 1})
    dee = Acting("person-dee", utc_now(), pond.here, Role.VIEWER, name="Dee")
    for n in range(3):
        await pond.as_person(translations.TRANSLATE, translations.Translate(pond.here, f"{SPANISH} {n}", "en"), dee)
    with pytest.raises(TooMany, match="3 translations"):
        await pond.as_person(translations.TRANSLATE, translations.Translate(pond.here, f"{SPANISH} 4", "en"), dee)
