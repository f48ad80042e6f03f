"""Forms on Discord: a button, pages of five fields, checked, for one person alone."""

from __future__ import annotations

from typing import Any

import pytest

from discord_module_flask.tests.conftest import Server
from flask_core.contracts import router
from flask_core.contracts.module import EXECUTE
from flask_core.datamodels import (
    Argument,
    ArgumentKind,
    CommandCard,
    Form,
    FormField,
    Invocation,
    Manifest,
    Reply,
)
from flask_core.operations import Caller
from flask_core.testing.fake_discord import FakeMember
from flask_core.testing.installation import until

_FIELDS = (
    FormField("weight", "Weight", "number", required=True),
    FormField("colour", "Colour", "select", choices=("blue", "green")),
    *(FormField(f"more{number}", f"More {number}") for number in range(10)),
)


class Survey:
    """A module that asks for twelve things; `taken` is what it was given."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.taken: list[dict[str, Any]] = []

    form = Form("About fish", _FIELDS, "survey done", "Tell us.")

    async def introduce(self) -> None:
        """From now on `!survey` shows the form."""
        module = self.server.inst.fake("survey")

        @module.offers(EXECUTE)
        async def execute(asked: Invocation, _: Caller) -> Reply:
            if asked.command == "survey":
                return Reply(actions=(self.form,))
            self.taken.append(asked.arguments)
            return Reply.chat("Thank you.")

        number = Argument("weight", ArgumentKind.DECIMAL, required=False)
        rest = tuple(Argument(field.name, required=False) for field in _FIELDS[1:])
        cards = (
            CommandCard("survey", "Ask.", "!survey"),
            CommandCard("survey done", "Take.", "!survey done <weight>", arguments=(number, *rest), hidden=False),
        )
        manifest = Manifest("survey", "1", "interaction", "http://127.0.0.1:1", "one", commands=cards)
        await module.client.call("router", router.INTRODUCE, router.Introduction("survey", manifest))

    async def asked(self) -> str:
        """Dee wants the form; the button's id."""
        said = await self.server.answer(self.server.dee, "!survey")
        assert said["content"] == "**About fish**\nTell us."
        return str(said["components"][0]["components"][0]["custom_id"])

    async def does(self, who: FakeMember, kind: int, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A click (3) or a page that is sent (5), and what Discord is told to show."""
        before = len(self.server.discord.callbacks)
        await self.server.discord.interact(self.server.guild, who, kind, data, **more)
        await until(lambda: len(self.server.discord.callbacks) > before)
        return self.server.discord.callbacks[-1]

    async def fills_in(self, opened: dict[str, Any], **values: str) -> dict[str, Any]:
        """Dee fills in a page and sends it."""
        parts = []
        for one in opened["data"]["components"]:
            control = one["component"]
            value = values.get(control["custom_id"], control.get("value", ""))
            given = {"values": [value] if value else []} if control["type"] == 3 else {"value": value}
            filled = {"type": control["type"], "custom_id": control["custom_id"], **given}
            parts.append({"type": 18, "component": filled})
        data = {"custom_id": opened["data"]["custom_id"], "components": parts}
        return await self.does(self.server.dee, 5, data)


def _button(shown: dict[str, Any]) -> str:
    return str(shown["data"]["components"][0]["components"][0]["custom_id"])


@pytest.fixture
async def survey(server: Server) -> Survey:
    made = Survey(server)
    await made.introduce()
    return made


@pytest.mark.promise("discord.13")
async def test_twelve_fields_are_three_pages_and_a_bad_number_comes_back(survey: Survey) -> None:
    opened = await survey.does(survey.server.dee, 3, {"custom_id": await survey.asked()})
    assert (opened["type"], opened["data"]["title"]) == (9, "About fish (1/3)")
    shown = await survey.fills_in(opened, weight="heavy", colour="green")
    assert (shown["data"]["content"], shown["data"]["flags"]) == ("Page 1 of 3 is kept.", 64)
    for _ in range(2):
        opened = await survey.does(survey.server.dee, 3, {"custom_id": _button(shown)})
        shown = await survey.fills_in(opened, more4="four")
    assert shown["data"]["content"] == "Weight: write a number."
    again = await survey.does(survey.server.dee, 3, {"custom_id": _button(shown)})
    controls = [one["component"] for one in again["data"]["components"]]
    assert controls[0]["value"] == "heavy"
    assert [one["default"] for one in controls[1]["options"]] == [False, True]
    shown = await survey.fills_in(again, weight="4.5", colour="green")
    assert (shown["type"], shown["data"]["flags"]) == (5, 64)
    await until(lambda: survey.server.discord.edited, "the answer")
    assert survey.server.discord.edited[0]["content"] == "Thank you."
    assert survey.taken == [{"weight": 4.5, "colour": "green", "more4": "four"}]
    over = await survey.does(survey.server.dee, 3, {"custom_id": again["data"]["custom_id"]})
    assert over["data"]["content"] == "This form was sent already, or its time is over."


@pytest.mark.promise("discord.13")
async def test_nobody_else_opens_or_sends_it(survey: Survey) -> None:
    button = await survey.asked()
    shown = await survey.does(survey.server.ann, 3, {"custom_id": button})
    assert shown["data"]["content"] == "This form is for somebody else."
    sent = await survey.does(survey.server.ann, 5, {"custom_id": button, "components": []})
    assert sent["data"]["content"] == "This form is for somebody else."


@pytest.mark.promise("discord.14")
async def test_a_made_up_button_is_refused(survey: Survey) -> None:
    button = await survey.asked()
    form_id = button.split(":")[1]
    for forged in (button.replace(":0:", ":2:"), f"form:{form_id}:0:00000000", "form", "other:1:2:3", ""):
        shown = await survey.does(survey.server.dee, 3, {"custom_id": forged})
        assert shown["data"]["content"] == "This button is not one of the bot's."


async def _offers(survey: Survey, kind: Any, count: int) -> dict[str, Any]:
    """Dee is shown a choice of colours; the message."""
    colours = tuple(f"colour {number}" for number in range(count))
    survey.form = Form("Fish", (FormField("colour", "Which colour?", kind, choices=colours),), "survey done")
    return await survey.server.answer(survey.server.dee, "!survey")


async def test_few_choices_are_buttons_and_one_click_is_the_answer(survey: Survey) -> None:
    said = await _offers(survey, "radio", 3)
    assert said["content"] == "**Fish**\nWhich colour?"
    buttons = said["components"][0]["components"]
    assert [one["label"] for one in buttons] == ["colour 0", "colour 1", "colour 2"]
    message = {"id": said["id"], "content": said["content"], "flags": 0}
    refused = await survey.does(survey.server.ann, 3, {"custom_id": buttons[1]["custom_id"]})
    assert refused["data"]["content"] == "This form is for somebody else."
    shown = await survey.does(survey.server.dee, 3, {"custom_id": buttons[1]["custom_id"]}, message=message)
    assert shown["type"] == 7
    assert (shown["data"]["content"], shown["data"]["components"]) == ("**Fish**\nWhich colour?\n✓ colour 1", [])
    assert (await survey.server.says(2))[-1]["content"] == "Thank you."
    assert survey.taken == [{"colour": "colour 1"}]
    over = await survey.does(survey.server.dee, 3, {"custom_id": buttons[0]["custom_id"]})
    assert over["data"]["content"] == "This form was sent already, or its time is over."


@pytest.mark.promise("discord.14")
async def test_more_choices_are_menus_and_what_is_no_choice_is_refused(survey: Survey) -> None:
    said = await _offers(survey, "select", 30)
    menus = [row["components"][0] for row in said["components"]]
    assert [len(one["options"]) for one in menus] == [25, 5]
    assert menus[1]["placeholder"] == "Which colour?: colour 25 – colour 29"
    for values in ([], ["30"], ["-1"], ["x"]):
        refused = await survey.does(survey.server.dee, 3, {"custom_id": menus[0]["custom_id"], "values": values})
        assert refused["data"]["content"] == "This button is not one of the bot's."
    await survey.does(survey.server.dee, 3, {"custom_id": menus[1]["custom_id"], "values": ["27"]})
    await until(lambda: survey.taken, "the choice")
    assert survey.taken == [{"colour": "colour 27"}]


async def test_several_may_be_chosen_at_once_and_hidden_questions_have_hidden_answers(survey: Survey) -> None:
    said = await _offers(survey, "multiselect", 4)
    (menu,) = said["components"][0]["components"]
    assert (menu["min_values"], menu["max_values"]) == (1, 4)
    message = {"id": said["id"], "content": "", "flags": 64}
    data = {"custom_id": menu["custom_id"], "values": ["0", "3"]}
    await survey.does(survey.server.dee, 3, data, message=message)
    assert (await survey.server.says(2))[-1]["flags"] == 64
    assert survey.taken == [{"colour": "colour 0,colour 3"}]


async def test_a_choice_beside_other_fields_is_a_page(survey: Survey) -> None:
    survey.form = Form(
        "Fish", (FormField("colour", "Colour", "select", choices=("a",)), FormField("b", "B")), "survey done"
    )
    said = await survey.server.answer(survey.server.dee, "!survey")
    assert said["components"][0]["components"][0]["label"] == "Open form"
