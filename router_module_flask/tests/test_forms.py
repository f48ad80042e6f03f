"""Forms where the platform has none: a link for one member, and its values back as a command."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from flask_core.contracts import forms, module, router
from flask_core.datamodels import (
    Account,
    Argument,
    ArgumentKind,
    Chat,
    CommandCard,
    Cooldowns,
    Form,
    FormField,
    Invocation,
    MessageType,
    Reply,
    Role,
    Trigger,
)
from flask_core.errors import Forbidden
from flask_core.operations import Caller
from flask_core.testing.installation import until
from router_module_flask.delivering.addressing import module_for
from router_module_flask.tests.conftest import ECHO, Town
from router_module_flask.tests.fakes import World, chat_event

FORM = Form("New event", (FormField("title", "Title", required=True), FormField("guests", "Guests", "number")), "make")
MAKE = CommandCard(
    "make", "Make an event.", "!make <title> [guests]", cooldowns=Cooldowns(member=60), role=Role.MODERATOR,
    arguments=(Argument("title"), Argument("guests", ArgumentKind.INTEGER, required=False)),
)  # fmt: skip


async def asked_for(town: Town, *, url: str = "https://bot.example.com/f/t0ken") -> list[forms.MakeForm]:
    """The echo module asks for a form and takes it; what portal was asked to show."""
    shown: list[forms.MakeForm] = []
    manifest = msgspec.structs.replace(ECHO, commands=(*ECHO.commands, MAKE))
    await town.echo.client.call("router", router.INTRODUCE, router.Introduction("echo", manifest))

    async def execute(asked: Invocation, _: Caller) -> Reply:
        town.runs.append(asked)
        if asked.command == "make":
            return Reply.chat(f"Made {asked.arguments['title']} for {asked.arguments.get('guests', 0)}.")
        return Reply((FORM,))

    town.echo.endpoints._handlers.pop(module.EXECUTE.key)
    town.echo.offers(module.EXECUTE)(execute)

    @town.portal.offers(forms.MAKE)
    async def make(asked: forms.MakeForm, _: Caller) -> forms.MadeForm:
        shown.append(asked)
        return forms.MadeForm(datetime.now(UTC), url, url and f"{url}-public")

    return shown


@pytest.mark.promise("router.23")
async def test_a_form_becomes_a_private_link_for_the_member(town: Town) -> None:
    shown = await asked_for(town)
    said = await town.ask("!echo", moderator=True)
    assert said == "New event: please fill this in within 30 minutes: https://bot.example.com/f/t0ken"
    assert town.said[-1].action.private
    (asked,) = shown
    assert (asked.module, asked.channel, asked.account.user_id, asked.form) == ("echo", town.channel, "dee", FORM)


async def test_where_nobody_can_whisper_the_link_asks_for_a_sign_in(town: Town) -> None:
    await asked_for(town)
    town.refuses = module.DeliveryStatus.UNSUPPORTED
    said = await town.ask("!echo", moderator=True)
    assert said.startswith("New event: I cannot whisper here. Sign in as yourself")
    assert said.endswith("-public")
    assert "t0ken " not in said


async def test_what_was_filled_in_runs_the_command_once_with_its_values(town: Town) -> None:
    shown = await asked_for(town)
    await town.ask("!echo", moderator=True)
    submitted = forms.Submitted("echo", "make", {"title": "Raid night", "guests": "12"})
    filled = forms.FilledIn("f1", town.channel, shown[0].account, submitted)
    for new in (True, False):
        assert await town.portal.client.call("router", forms.FILLED_IN, filled) == forms.Arrived(new)
    await until(lambda: town.said[1:])
    assert [said.action.text for said in town.said[1:]] == ["Made Raid night for 12."]
    assert (town.runs[-1].trigger, town.runs[-1].event.message_type) == (Trigger.COMMAND, MessageType.MODAL_SUBMIT)
    with pytest.raises(Forbidden):
        await town.inst.client("ai").call("router", forms.FILLED_IN, filled)


async def test_whoever_fills_it_in_needs_the_role_of_the_command(town: Town) -> None:
    await asked_for(town)
    submitted = forms.Submitted("echo", "make", {"title": "Raid night"})
    filled = forms.FilledIn("f2", town.channel, Account("ben", "ben", "Ben"), submitted)
    await town.portal.client.call("router", forms.FILLED_IN, filled)
    await until(lambda: town.said)
    assert town.said[-1].action.text == "Only moderators can do that. You are viewer here."


async def test_without_address_or_portal_that_is_said(town: Town) -> None:
    await asked_for(town, url="")
    assert await town.ask("!echo") == "This needs a form, and this bot has no public address for one."
    town.portal.endpoints._handlers.pop(forms.MAKE.key)
    assert await town.ask("!echo") == "This needs a form, and the portal is not answering right now."


@pytest.mark.parametrize(
    "given", [{"module": "memories", "command": "quote", "values": {"number": "seven"}}, "nonsense", {"module": 5}]
)
async def test_a_form_that_cannot_be_read_runs_nothing(given: object) -> None:
    world = World()
    event = msgspec.structs.replace(chat_event("", data={"form": given}), message_type=MessageType.MODAL_SUBMIT)
    await world.happens(event)
    assert (world.outcome, world.modules.asked) == ("usage", [])


async def test_a_form_of_nobody_is_heard_and_nothing_else() -> None:
    world = World()
    for data in ({}, {"form": {"module": "gone", "command": "x", "values": {}}}):
        event = msgspec.structs.replace(chat_event("", data=data), message_type=MessageType.MODAL_SUBMIT)
        assert await world.happens(event) == ""
        assert world.outcome == "plain"


def test_platforms_that_have_forms_show_them_themselves() -> None:
    assert module_for(FORM, "discord:1:2") == "discord"
    assert module_for(FORM, "twitch:1:1") is None
    assert module_for(Chat("hi"), "twitch:1:1") == "twitch"
