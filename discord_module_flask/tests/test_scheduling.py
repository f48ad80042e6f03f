"""Events of a community stand in its server's list, once each, until they are cancelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from discord_module_flask.scheduling.repository import ScheduledRepository
from discord_module_flask.tests.conftest import Server
from discord_module_flask.tests.test_doing import do
from flask_core.contracts.module import DeliveryStatus
from flask_core.datamodels import PlatformRequest


def wish(act: str = "upsert", **more: Any) -> PlatformRequest:
    """What a calendar asks for."""
    return PlatformRequest("scheduled_event", {"act": act, "key": "calendar:7", **more})


async def test_an_event_comes_changes_and_goes(server: Server) -> None:
    times = {"starts_at": "2027-03-14T20:00:00+00:00", "place": "Twitch"}
    made = await do(server, wish(title="Raid night", **times))
    (event,) = server.guild.events.values()
    assert made.message_ids == (event["id"],)
    assert (event["name"], event["scheduled_end_time"]) == ("Raid night", "2027-03-14T21:00:00+00:00")
    assert event["entity_metadata"] == {"location": "Twitch"}
    assert server.discord.reasons[-1] == "asked by Dee"
    await do(server, wish(title="Raid evening", **times))
    assert [one["name"] for one in server.guild.events.values()] == ["Raid evening"]
    # Somebody took it out by hand; the next change puts it back.
    server.guild.events.clear()
    assert (await do(server, wish(title="Raid", **times))).status is DeliveryStatus.DONE
    assert len(server.guild.events) == 1
    await do(server, wish("cancel"))
    assert server.guild.events == {}
    assert (await do(server, wish("cancel"))).reason == "It was not there."


async def test_what_discord_has_not_and_what_is_no_event_is_told(server: Server) -> None:
    refused = await do(server, PlatformRequest("set_title", {"title": "x"}))
    assert (refused.status, refused.reason) == (
        DeliveryStatus.UNSUPPORTED, "On Discord the bot cannot do this: set_title.",
    )  # fmt: skip
    for arguments in (
        {}, {"title": "Raid"}, {"title": "Raid", "starts_at": "2027-03-14T20:00:00"},
        {"title": "Raid", "starts_at": "2027-03-14T20:00:00Z", "ends_at": "2027-03-14T19:00:00Z"},
    ):  # fmt: skip
        assert (await do(server, wish(**arguments))).status is DeliveryStatus.FAILED
    assert server.guild.events == {}


async def test_what_was_over_long_ago_is_forgotten(server: Server) -> None:
    now = datetime.now(UTC)
    repository = ScheduledRepository(server.inst.services["discord"].database)
    await repository.keep("1", "a", "11", now - timedelta(days=31))
    await repository.keep("1", "b", "12", now)
    await repository.forget(now)
    assert [await repository.find("1", key) for key in ("a", "b")] == ["", "12"]
