"""Installing workspaces: who may, tokens that are renewed and taken back, channels, the tile and the manifest."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest
import pytest_asyncio
import yaml

from flask_core.contracts import slack
from flask_core.contracts.module import Delivery, DeliveryStatus
from flask_core.datamodels import Chat, Role
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from flask_core.operations import Acting
from flask_core.testing.installation import until
from slack_module_flask.config import Config
from slack_module_flask.events import READERS
from slack_module_flask.scopes import BOT_EVENTS, BOT_SCOPES
from slack_module_flask.tests.conftest import GENERAL, Town, living
from slack_module_flask.tests.manifest_limits import LIMITS
from slack_module_flask.wiring import Slack, wire

BOB = Acting("person-bob", datetime.now(UTC), role=Role.OWNER, name="Bob")


@pytest_asyncio.fixture
async def several(tmp_path: Path) -> AsyncIterator[Town]:
    """An installation without a token of its own: workspaces come by OAuth, and their tokens end."""
    async with living(f"sqlite://{tmp_path}/t.db", SLACK_BOT_TOKEN="") as town:
        yield town


async def begin(town: Town) -> str:
    """The state that Ann's browser carries to Slack."""
    begun = await town.ask(slack.START, slack.StartInstall(town.community_id))
    asked = parse_qs(urlsplit(begun.url).query)
    assert asked["redirect_uri"] == ["https://bot.example/connect/slack/callback"]
    assert set(asked["scope"][0].split(",")) == set(BOT_SCOPES)
    return asked["state"][0]


async def install(town: Town, installer: str = "U1") -> slack.Installed:
    state = await begin(town)
    finish = slack.FinishInstall(state, town.slack.code(town.team, installer))
    made: slack.Installed = await town.ask(slack.FINISH, finish)
    return made


async def test_an_administrator_installs_a_workspace_and_attaches_a_channel(several: Town) -> None:
    assert (await several.status()).reason == "Install the app in a workspace."
    assert await install(several) == slack.Installed("T1", "Penguins", several.community_id)
    listed = await several.ask(slack.CHANNELS, slack.WorkspaceOf("T1", several.community_id))
    assert [(one.name, one.is_member, one.attached) for one in listed.items] == [("general", True, False)]
    await several.ask(slack.ATTACH, slack.ChannelOf("T1", "C1", several.community_id))
    tested = await several.ask(slack.TEST, slack.ChannelOf("T1", "C1", several.community_id))
    assert tested.channel == "#general"
    assert (await several.answer("!commands", "U2"))["channel"] == "C1"
    status = await several.status()
    assert [step.state for step in status.steps] == ["ok"] * 6
    assert (status.connected, status.reason, status.workspaces[0].channels) == (True, "", 1)


@pytest.mark.promise("slack.18")
async def test_a_state_is_good_once_and_for_one_person(several: Town) -> None:
    state = await begin(several)
    asked = slack.FinishInstall(state, several.slack.code(several.team, "U1"))
    with pytest.raises(InvalidInput, match="not begun here"):
        await several.ask(slack.FINISH, asked, BOB)
    with pytest.raises(InvalidInput, match="not begun here"):
        await several.ask(slack.FINISH, asked)
    state = await begin(several)
    first = slack.FinishInstall(state, several.slack.code(several.team, "U1"))
    await several.ask(slack.FINISH, first)
    with pytest.raises(InvalidInput, match="not begun here"):
        await several.ask(slack.FINISH, slack.FinishInstall(state, several.slack.code(several.team, "U1")))


@pytest.mark.promise("slack.18")
async def test_who_does_not_administer_the_workspace_connects_nothing(several: Town) -> None:
    with pytest.raises(Forbidden, match="owner or administrator"):
        await install(several, "U2")
    assert several.slack.revoked == [several.team.bot_token]
    assert (await several.status()).workspaces == ()


async def test_a_state_that_is_too_old_is_none(several: Town) -> None:
    state = await begin(several)
    old = datetime.now(UTC) - timedelta(seconds=1)
    await several.inst.services["slack"].database.write(
        lambda tx: tx.run("UPDATE install_states SET expires_at = ?", old)
    )
    with pytest.raises(InvalidInput, match="too long ago"):
        await several.ask(slack.FINISH, slack.FinishInstall(state, several.slack.code(several.team, "U1")))


def replica(town: Town) -> Slack:
    """Slack's module a second time, beside the same database and shared state."""
    service = town.inst.services["slack"]
    assert isinstance(service.config, Config)
    registry = service.metrics.registry
    from prometheus_client import CollectorRegistry

    service.metrics.registry = CollectorRegistry()
    try:
        return wire(service, service.config)
    finally:
        service.metrics.registry = registry


@pytest.mark.promise("slack.19")
async def test_two_replicas_renew_a_token_once(several: Town) -> None:
    several.slack.token_seconds = 1_800
    await install(several)
    await until(lambda: "users.list" in several.slack.calls)
    several.slack.refreshes = 0
    several.slack.token_seconds = 43_200
    soon = datetime.now(UTC) + timedelta(minutes=30)
    await several.inst.services["slack"].database.write(lambda tx: tx.run("UPDATE workspaces SET expires_at = ?", soon))
    replicas = [replica(several), replica(several)]
    await asyncio.gather(*(one.workspaces.call("T1", "auth.test") for one in replicas for _ in range(3)))
    assert several.slack.refreshes == 1
    await asyncio.gather(*(one.api.close() for one in replicas))


@pytest.mark.promise("slack.2")
async def test_the_same_event_at_two_replicas_is_one_event(town: Town) -> None:
    other = replica(town)
    payload = town.slack.deliveries.wrapped(town.team, town.slack.deliveries.message("C1", "U2", "!commands"), "Ev77")
    first = town.inst.services["slack"]
    assert first.config
    await asyncio.gather(
        *(other.intake.take("events_api", payload, again=bool(n)) for n in range(3)), one_of(town, payload)
    )
    assert [trace.text for trace in await town.settled(1)] == ["!commands"]
    await other.close()


async def one_of(town: Town, payload: dict[str, object]) -> None:
    from flask_core.testing.fake_slack_deliveries import body_of, signed_headers

    body = body_of("events_api", payload)
    assert (await town.post(signed_headers(body), body))[0] == 200


@pytest.mark.promise("slack.20")
async def test_the_manifest_lists_what_the_code_uses(town: Town) -> None:
    for mode in ("socket", "http"):
        view = await town.ask(slack.MANIFEST, slack.ManifestOf(mode))
        made = view.manifest
        assert made["oauth_config"]["scopes"]["bot"] == list(BOT_SCOPES)
        events = made["settings"]["event_subscriptions"]
        assert events["bot_events"] == list(BOT_EVENTS)
        assert ("request_url" in events) is (mode == "http")
        assert made["settings"]["socket_mode_enabled"] is (mode == "socket")
        assert yaml.safe_load(view.yaml) == made
        jsonschema.validate(made, LIMITS)
        assert view.link.startswith("https://api.slack.com/apps?new_app=1&manifest_json=%7B")
    heard = {name.split(".")[0] for name in BOT_EVENTS}
    assert set(READERS) <= heard
    assert view.missing_scopes == {}


async def test_missing_rights_are_named(tmp_path: Path) -> None:
    async with living(f"sqlite://{tmp_path}/t.db") as town:
        town.team.scopes.discard("reactions:read")
        await replica_begins(town)
        status = await town.status()
        assert "reactions:read" in status.reason
        view = await town.ask(slack.MANIFEST, slack.ManifestOf())
        assert view.missing_scopes == {"T1": ("reactions:read",)}


async def replica_begins(town: Town) -> None:
    other = replica(town)
    await other.upkeep.begin()
    await other.close()


@pytest.mark.promise("slack.21")
async def test_who_takes_the_app_out_takes_its_tokens_at_once(town: Town) -> None:
    assert (await town.event("app_uninstalled")).statuses == [200]
    rows = await town.inst.services["slack"].database.read(
        lambda tx: tx.rows("SELECT state, bot_token, refresh_token FROM workspaces")
    )
    assert list(rows[0]) == ["uninstalled", "", ""]
    assert (await town.say("!commands", "U2")).statuses == [200]
    (refused,) = await town.deliver(Delivery(1, "router:1", GENERAL, Chat("hello"), 2))
    assert refused.status is DeliveryStatus.NOT_PERMITTED
    assert town.slack.said == []
    assert "taken out" in (await town.status()).reason


@pytest.mark.promise("slack.22")
async def test_two_people_of_one_name_are_never_confused(town: Town) -> None:
    found = await town.ask_as_module(slack.USERS, slack.UserQuery("T1", login="Ann"))
    assert {(one.account, one.login) for one in found.items} == {("T1.U1", "ann"), ("T1.U3", "ann.other")}
    (one,) = (await town.ask_as_module(slack.USERS, slack.UserQuery("T1", id="U3"))).items
    assert (one.account, one.role) == ("T1.U3", Role.VIEWER)
    for user in ("U1", "U3"):
        await town.say("hello", user)
    speakers = await town.settled(2)
    assert len(speakers) == 2
    with pytest.raises(NotFound):
        await town.ask_as_module(slack.USERS, slack.UserQuery("T1", login="nobody"))


async def test_members_of_a_mapped_group_are_moderators(town: Town) -> None:
    town.team.groups["S1"] = ("helpers", ["U2"])
    await town.answer("!commands", "U1")
    await town.assign("T1.U1", Role.ADMIN)
    said = await town.answer("!slack groupmap set @helpers moderator", "U1")
    assert said["text"] == "Members of @helpers are moderators here."
    (ben,) = (await town.ask_as_module(slack.USERS, slack.UserQuery("T1", id="U2"))).items
    assert ben.role is Role.MODERATOR
    assert (await town.answer("!slack groupmap list", "U1"))["text"] == "@helpers: moderator."
    status = await town.answer("!slack status", "U2")
    assert status["text"].startswith("HTTPS; no right is missing; 0 events wait")
    assert re.search(r"; \d+ of 20 lines a second are free\.$", status["text"])
    assert (await town.answer("!slack groupmap off", "U1"))["text"].startswith("No user group counts")
    rows = await town.inst.services["slack"].database.read(
        lambda tx: list(tx.rows("SELECT action, target FROM audit WHERE action LIKE 'groupmap%' ORDER BY id"))
    )
    assert [tuple(row) for row in rows] == [("groupmap.set", "T1:@helpers:moderator"), ("groupmap.off", "T1")]


async def test_who_asks_while_slack_wants_the_bot_to_wait_hears_for_how_long(town: Town) -> None:
    await town.answer("!commands", "U1")
    await town.assign("T1.U1", Role.ADMIN)
    town.slack.errors["chat.postMessage"] = [7]
    await town.deliver(Delivery(1, "router:1", GENERAL, Chat("hello"), town.community_id))
    said = await town.command("slack status", "U1")
    assert re.search(r"Slack lets the bot speak again in [67] s\.$", said)


async def test_another_community_sees_nothing_of_a_workspace(town: Town) -> None:
    for operation, asked in (
        (slack.CHANNELS, slack.WorkspaceOf("T1", 99)),
        (slack.ATTACH, slack.ChannelOf("T1", "C1", 99)),
        (slack.SET_UP, slack.PutWorkspaceSettings("T1", 99, slack.WorkspaceSettings())),
    ):
        with pytest.raises((NotFound, Forbidden)):
            await town.ask(operation, asked)


async def test_the_last_community_that_leaves_gives_the_tokens_back(several: Town) -> None:
    await install(several)
    await several.ask(slack.REMOVE, slack.WorkspaceOf("T1", several.community_id))
    assert several.slack.revoked == [several.team.bot_token]
    assert (await several.status()).workspaces == ()


async def test_without_settings_the_module_lives_and_says_what_it_lacks(tmp_path: Path) -> None:
    nothing = dict.fromkeys(("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"), "")
    async with living(f"sqlite://{tmp_path}/t.db", **nothing) as town:
        status = await town.status()
        assert (status.connected, status.steps[0].state) == (False, "you")
        assert status.reason.startswith("Not connected: set SLACK_APP_TOKEN")
        assert (await town.post({}, b"{}"))[0] == 503
        with pytest.raises(Conflict, match="SLACK_CLIENT_ID"):
            await town.ask(slack.START, slack.StartInstall(town.community_id))
