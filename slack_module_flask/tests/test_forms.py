"""Forms: a button, a modal, and one answer of the member that was asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flask_core.contracts.module import EXECUTE, Delivery, DeliveryStatus
from flask_core.contracts.router import INTRODUCE, Introduction
from flask_core.datamodels import (
    Account,
    Argument,
    ArgumentKind,
    CommandCard,
    Form,
    FormField,
    Invocation,
    Manifest,
    Reply,
)
from flask_core.testing.installation import until
from slack_module_flask.modals import suggestions, values_of, view_of
from slack_module_flask.tests.conftest import GENERAL, Town

BEN = Account("T1.U2", "ben", "Ben")
ALL_KINDS = Form(
    "A form with a long, long title",
    (
        FormField("text", "Text", required=True), FormField("more", "More", "textarea"),
        FormField("one", "One", "select", choices=("a", "b")),
        FormField("some", "Some", "multiselect", choices=("a", "b", "c")),
        FormField("radio", "Radio", "radio", choices=("x", "y")), FormField("yes", "Yes?", "checkbox"),
        FormField("boxes", "Boxes", "checkbox", choices=("p", "q")), FormField("number", "Number", "number"),
        FormField("mail", "Mail", "email"), FormField("url", "Address", "url"), FormField("day", "Day", "date"),
        FormField("hour", "Hour", "time"),
        FormField("long", "Long", "select", choices=tuple(f"choice {number}" for number in range(300))),
    ),
    "event make",
    "Tell us <!channel>",
)  # fmt: skip
TYPED: dict[str, Any] = {
    "f0": {"value": {"value": "hello"}}, "f1": {"value": {"value": "a\r\nb"}},
    "f2": {"value": {"selected_option": {"value": "1"}}},
    "f3": {"value": {"selected_options": [{"value": "0"}, {"value": "2"}]}},
    "f4": {"value": {"selected_option": {"value": "0"}}}, "f5": {"value": {"selected_options": [{"value": "0"}]}},
    "f6": {"value": {"selected_options": []}}, "f7": {"value": {"value": "3"}},
    "f8": {"value": {"value": "ann@a.example"}}, "f9": {"value": {"value": "https://a.example"}},
    "f10": {"value": {"selected_date": "2026-11-26"}}, "f11": {"value": {"selected_time": "18:30"}},
    "f12": {"value": {"selected_option": {"value": "299"}}},
}  # fmt: skip


def test_every_kind_of_field_has_its_input() -> None:
    view = view_of(ALL_KINDS, "id.check")
    kinds = [block["element"]["type"] for block in view["blocks"][1:]]
    assert kinds == [
        "plain_text_input", "plain_text_input", "static_select", "multi_static_select", "radio_buttons", "checkboxes",
        "checkboxes", "number_input", "email_text_input", "url_text_input", "datepicker", "timepicker",
        "external_select",
    ]  # fmt: skip
    assert len(view["title"]["text"]) <= 24
    assert view["blocks"][0]["text"]["text"] == "Tell us &lt;!channel&gt;"


def test_what_is_typed_comes_back_as_values() -> None:
    values, wrong = values_of(ALL_KINDS, {"values": TYPED})
    assert wrong == {}
    assert values == {
        "text": "hello", "more": "a\nb", "one": "b", "some": "a, c", "radio": "x", "yes": "yes", "number": "3",
        "mail": "ann@a.example", "url": "https://a.example", "day": "2026-11-26", "hour": "18:30",
        "long": "choice 299",
    }  # fmt: skip


def test_what_is_wrong_is_said_at_its_field() -> None:
    typed = {"f0": {}, "f2": {"value": {"selected_option": {"value": "9"}}}, "f7": {"value": {"value": "many"}}}
    _, wrong = values_of(ALL_KINDS, {"values": typed})
    assert set(wrong) == {"f0", "f2", "f7"}
    assert "number" in wrong["f7"]


def test_a_long_list_is_searched() -> None:
    found = suggestions(ALL_KINDS, "f12", "CHOICE 29")
    assert [option["text"]["text"] for option in found][:2] == ["choice 29", "choice 290"]
    assert suggestions(ALL_KINDS, "f99", "") == []


async def events_module(town: Town) -> list[Invocation]:
    """A module whose command `event make` takes a form."""
    ran: list[Invocation] = []
    module = town.inst.fake("calendar")

    @module.offers(EXECUTE)
    async def execute(invocation: Invocation, _: object) -> Reply:
        ran.append(invocation)
        return Reply.chat("The event is made.", private=True)

    arguments = (Argument("title"), Argument("guests", ArgumentKind.INTEGER, required=False))
    card = CommandCard("event make", "Make an event", "!event make <title> [guests]", arguments=arguments)
    manifest = Manifest("calendar", "1", "interaction", "http://127.0.0.1:1", "i", commands=(card,))
    await module.client.call("router", INTRODUCE, Introduction("calendar", manifest))
    return ran


FORM = Form("New event", (FormField("title", "Title", required=True), FormField("guests", "Guests", "number")),
            "event make")  # fmt: skip


async def sent_form(town: Town) -> dict[str, Any]:
    """The button that Ben got."""
    (done,) = await town.deliver(Delivery(1, "calendar:ex:0", GENERAL, FORM, town.community_id, account=BEN))
    assert done.status is DeliveryStatus.DONE
    said = town.slack.said[-1]
    assert (said["ephemeral"], said["user"]) == (True, "U2")
    button: dict[str, Any] = said["blocks"][1]["elements"][0]
    return button


async def opened(town: Town, button: dict[str, Any], user: str = "U2") -> dict[str, Any]:
    await town.slack.deliveries.click(town.team, "C1", user, {"action_id": button["action_id"]})
    view: dict[str, Any] = await until(lambda: town.slack.views and town.slack.views[-1], "the modal")
    return view


@pytest.mark.promise("slack.12")
async def test_a_form_opens_at_the_click_and_its_values_run_the_command(town: Town) -> None:
    ran = await events_module(town)
    # However long the module took: the trigger is the click's.
    view = await opened(town, await sent_form(town))
    wrong = await submitted(town, view, "party", "many")
    assert wrong["response_action"] == "errors"
    assert set(wrong["errors"]) == {"f1"}
    assert ran == []
    assert await submitted(town, view, "party", "3") == {"response_action": "clear"}
    (invocation,) = await until(lambda: ran, "the command")
    assert invocation.arguments == {"title": "party", "guests": 3}
    await until(lambda: any(said.get("text") == "The event is made." for said in town.slack.said), "the answer")


async def submitted(town: Town, view: dict[str, Any], title: str, guests: str, user: str = "U2") -> Any:
    import json

    values = {"f0": {"value": {"value": title}}, "f1": {"value": {"value": guests}}}
    told = await town.slack.deliveries.submit(town.team, user, view, values)
    assert told.taken
    return json.loads(told.answer or "{}")


@pytest.mark.promise("slack.13")
async def test_a_form_is_for_one_member_and_its_id_cannot_be_made_up(town: Town) -> None:
    ran = await events_module(town)
    button = await sent_form(town)
    await town.slack.deliveries.click(town.team, "C1", "U1", {"action_id": button["action_id"]})
    await until(lambda: any("somebody else" in str(said.get("text")) for said in town.slack.said), "the refusal")
    await town.slack.deliveries.click(town.team, "C1", "U2", {"action_id": button["action_id"][:-1] + "!"})
    await until(lambda: any("not one of ours" in str(said.get("text")) for said in town.slack.said), "the refusal")
    assert town.slack.views == []
    view = await opened(town, button)
    for user, metadata in (("U1", view["private_metadata"]), ("U2", "another.0000000000000000")):
        refused = await submitted(town, {**view, "private_metadata": metadata}, "party", "3", user)
        assert refused["response_action"] == "errors"
    assert ran == []


async def test_a_form_counts_once(town: Town) -> None:
    ran = await events_module(town)
    button = await sent_form(town)
    view = await opened(town, button)
    assert (await submitted(town, view, "party", "3"))["response_action"] == "clear"
    assert "sent already" in (await submitted(town, view, "again", "3"))["errors"]["f0"]
    await until(lambda: ran)
    assert [invocation.arguments["title"] for invocation in ran] == ["party"]


async def test_a_press_of_another_button_is_an_event(town: Town) -> None:
    await town.slack.deliveries.click(town.team, "C1", "U2", {"action_id": "poll:vote", "value": "2"})
    traces = await town.settled(1)
    assert [trace.message_type for trace in traces] == ["interaction"]


async def test_a_long_list_is_answered_to_slack(town: Town, tmp_path: Path) -> None:
    import json

    form = Form("Pick", (ALL_KINDS.fields[-1],), "event make")
    (done,) = await town.deliver(Delivery(1, "calendar:ex:0", GENERAL, form, town.community_id, account=BEN))
    assert done.status is DeliveryStatus.DONE
    view = await opened(town, town.slack.said[-1]["blocks"][1]["elements"][0])
    asked = {"type": "block_suggestion", "view": view, "block_id": "f0", "action_id": "value", "value": "299"}
    told = await town.slack.deliveries.interaction(town.team, "U2", asked)
    assert [option["value"] for option in json.loads(told.answer)["options"]] == ["299"]


async def test_a_form_shows_on_the_home_tab_until_it_is_sent(town: Town) -> None:
    await sent_form(town)
    await town.event("app_home_opened", user="U2", tab="home")
    await until(lambda: town.slack.homes, "the tab")
    assert "New event" in str(town.slack.homes[0]["view"])
