"""Admins change commands, switches and settings: by HTTP, in chat, and the marketplace for its own modules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from flask_core.contracts import commands, community, external, module, router
from flask_core.datamodels import CommandCard, Cooldowns, Manifest, Role
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale
from flask_core.operations import Acting
from router_module_flask.tests.conftest import Town
from router_module_flask.tests.test_commands import becomes

DICE = Manifest("dice", "1", "interaction", "", "", commands=(CommandCard("roll", "Roll a die.", "#roll"),))


async def put(town: Town, path: str, version: int = 0, *, acting: Acting | None = None, **choice: Any) -> Any:
    asked = commands.PutCommand(town.community_id, path, commands.CommandChoice(**choice), version)
    return await town.portal.client.call("router", commands.PUT_COMMAND, asked, acting=acting or town.owner)


async def settings(town: Town, version: int, **document: Any) -> module.Settings:
    asked = module.PutSettings(town.community_id, document, version)
    return await town.portal.client.call("router", module.PUT_SETTINGS, asked, acting=town.owner)


async def audited(town: Town) -> list[tuple[str, str, str]]:
    database = town.inst.services["router"].database
    return await database.read(lambda tx: tx.rows("SELECT action, target, said FROM audit ORDER BY id"))


async def dice_here(town: Town) -> Any:
    """The marketplace brings a third party's module; its client."""
    market = town.inst.client("marketplace")
    executor = external.Webhook("https://dice.example.com/run", "x" * 40)
    await market.call("router", external.REGISTER, external.ExternalModule("dice", DICE, executor))
    return market


async def test_a_command_is_renamed_and_everybody_hears_of_it(town: Town) -> None:
    view = await put(town, "echo", rename="Say  It", member=30)
    assert (view.typed, view.card.usage, view.version) == ("!say it", "!say it [text]", 1)
    assert view.card.cooldowns == Cooldowns(member=30)
    assert await town.ask("!say it hello") == "Dee said !say it hello"
    assert town.runs[-1].command == "echo"
    assert (
        await town.ask("!help say it", user="ben")
        == "!say it [text]: Say it again. For everybody. Once in 30 s per member."
    )
    assert "!say it" in await town.ask("!commands echo", user="cy")
    assert ("command.change", "!echo", "rename say it, member 30.0") in await audited(town)


async def test_a_command_of_somebody_else_gives_its_name_to_nobody(town: Town) -> None:
    with pytest.raises(Conflict, match="!ping belongs to the module router already"):
        await put(town, "echo", rename="ping")
    await put(town, "echo", rename="say")
    with pytest.raises(Conflict, match="Another command is called say"):
        await put(town, "slow", rename="say")
    for name in ("!say", "a b c d e", "-x", "x" * 60):
        with pytest.raises(InvalidInput):
            await put(town, "slow", rename=name)
    assert (await put(town, "echo", 1, rename="echo")).choice == commands.CommandChoice()


async def test_who_was_slower_hears_what_is_there_now(town: Town) -> None:
    await put(town, "echo", role=Role.VIP)
    with pytest.raises(Stale) as refused:
        await put(town, "echo", role=Role.MODERATOR)
    assert refused.value.details == {"current": {"role": 3}, "version": 1}
    view = await put(town, "echo", 1)
    assert (view.card.role, view.version) == (Role.VIEWER, 2)


async def test_nobody_opens_what_was_kept_from_them(town: Town) -> None:
    with pytest.raises(InvalidInput, match="stays with admins"):
        await put(town, "module on", role=Role.MODERATOR)
    await becomes(town, "ada", Role.ADMIN)
    ada = Acting("person-ada", datetime.now(UTC), town.community_id, Role.ADMIN)
    with pytest.raises(Forbidden):
        await put(town, "echo", role=Role.OWNER, acting=ada)
    with pytest.raises(Forbidden):
        await put(town, "echo", role=Role.VIP, acting=Acting("person-eve", datetime.now(UTC), town.community_id))


@pytest.mark.parametrize("choice", [{"member": -1}, {"channel": 86_401}, {"everywhere": 1e12}, {"role": 9}])
async def test_what_no_command_can_have_is_refused(town: Town, choice: dict[str, float]) -> None:
    response = await by_http(
        town, "PUT", f"/api/v1/communities/{town.community_id}/commands/echo", choice=choice, version=0
    )
    assert response.status_code == 400
    with pytest.raises(NotFound):
        await put(town, "chess", member=3)
    with pytest.raises(InvalidInput, match="platform:server:channel"):
        await put(town, "echo", channels=("nowhere",))


async def by_http(town: Town, method: str, path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
    token = town.portal._tokens.issue("router", town.owner)
    client = town.inst.app("router").test_client()
    return await client.open(
        path, method=method, data=msgspec.json.encode(body) if body else None,
        headers={"Authorization": f"Bearer {token}", **(headers or {})},
    )  # fmt: skip


async def test_a_path_of_several_words_is_one_address(town: Town) -> None:
    response = await by_http(town, "GET", f"/api/v1/communities/{town.community_id}/commands/module%20on")
    assert (response.status_code, (await response.get_json())["typed"]) == (200, "!module on")


async def test_cooldowns_are_changed_in_chat(town: Town) -> None:
    await becomes(town, "ada", Role.ADMIN)
    assert await town.ask("!cooldown echo member 2m", user="ada") == "!echo: member 120 s."
    assert await town.ask("!echo hi") == "Dee said !echo hi"
    assert await town.ask("!echo hi") == "Ready in 120 s."
    await put(town, "echo", 1, rename="say", member=120)
    assert await town.ask("!cooldown !say global 0", user="ada") == "!say: global 0 s."
    assert await town.ask("!cooldown module list channel 24h", user="ada") == "!module list: channel 86400 s."
    assert await town.ask("!cooldown echo member 25h", user="ada") == "A cooldown lasts 24 hours at most."
    assert await town.ask("!cooldown ecco member 5s", user="ada") == "No command is called !ecco."
    usage = "Usage: !cooldown <command> member|global|channel <time>"
    for line in (
        "!cooldown echo",
        "!cooldown ' '",
        "!cooldown echo member soon",
        "!cooldown member 5s",
        "!cooldown echo weekly 5s",
    ):
        assert await town.ask(line, user="ada") == usage
    assert "Only admins can do that." in await town.ask("!cooldown echo member 5s", user="ben", moderator=True)


async def test_a_channel_list_hides_a_command_elsewhere(town: Town) -> None:
    await put(town, "echo", channels=("twitch:1:1",))
    assert await town.ask("!echo hi") == "!echo does not work in this channel."
    assert "!echo" not in await town.ask("!commands echo", user="ben")
    listed = await town.portal.client.call("router", router.COMMANDS, router.ListCommands(town.community_id, q="echo"))
    assert [known.card.channels for known in listed.items if known.typed == "!echo"] == [("twitch:1:1",)]


async def test_commands_are_sent_again_only_when_they_changed(town: Town) -> None:
    path = f"/api/v1/commands?community_id={town.community_id}"
    first = await by_http(town, "GET", path)
    tag = {"If-None-Match": first.headers["ETag"]}
    same = await by_http(town, "GET", path, tag)
    assert (same.status_code, await same.get_data()) == (304, b"")
    await put(town, "echo", rename="say")
    changed = await by_http(town, "GET", path, tag)
    assert changed.status_code == 200
    assert b"!say" in await changed.get_data()


async def test_the_marketplace_sets_terms_and_nobody_else(town: Town) -> None:
    market = await dice_here(town)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    given = router.PutEnablement(
        town.community_id, "dice", True, scopes=("chat:reply",), settings={"sides": 6}, renames={"roll": "throw"},
        entitled_until=until,
    )  # fmt: skip
    state = await market.call("router", router.ENABLE, given)
    assert (state.scopes, state.settings, state.renames, state.entitled_until) == (
        ("chat:reply",), {"sides": 6}, {"roll": "throw"}, until,
    )  # fmt: skip
    assert await town.ask("!commands dice") == "#throw"
    (named,) = await town.audit("module.names")
    assert (named.was, named.became) == ('{"#roll":""}', '{"#roll":"throw"}')
    for terms in ({"paused": "Unpaid."}, {"entitled_until": None}, {"scopes": ()}, {"settings": {}}):
        asked = router.PutEnablement(town.community_id, "dice", True, **terms)  # type: ignore[arg-type]
        with pytest.raises(Forbidden, match="The marketplace decides"):
            await town.portal.client.call("router", router.ENABLE, asked, acting=town.owner)
    off = router.PutEnablement(town.community_id, "dice", True, channels={town.channel: False})
    state = await town.portal.client.call("router", router.ENABLE, off, acting=town.owner)
    assert (state.channels, state.scopes) == ({town.channel: False}, ("chat:reply",))
    back = router.PutEnablement(town.community_id, "dice", True, channels={town.channel: None})
    assert (await town.portal.client.call("router", router.ENABLE, back, acting=town.owner)).channels == {}


@pytest.mark.promise("router.12")
async def test_a_module_whose_time_is_over_is_refused_and_not_listed(town: Town) -> None:
    market = await dice_here(town)
    over = router.PutEnablement(town.community_id, "dice", True, entitled_until=datetime.now(UTC))
    await market.call("router", router.ENABLE, over)
    assert await town.ask("#roll") == "dice is not paid for any more."
    assert await town.ask("!commands dice", user="ben") == "No module called dice has commands for you here."
    why = "dice is being looked at."
    paused = router.PutEnablement(town.community_id, "dice", True, paused=why, entitled_until=None)
    await market.call("router", router.ENABLE, paused)
    assert await town.ask("#roll", user="cy") == why
    one = await market.call("router", router.ENABLEMENT_OF, router.EnablementOf(town.community_id, "dice"))
    assert (one.enabled, one.paused, one.entitled_until) == (True, why, None)
    with pytest.raises(NotFound):
        await market.call("router", router.ENABLEMENT_OF, router.EnablementOf(town.community_id, "chess"))
    chess = router.PutEnablement(town.community_id, "dice", True, renames={"chess": "x"})
    with pytest.raises(NotFound):
        await market.call("router", router.ENABLE, chess)


async def test_settings_hold_for_the_next_line(town: Town) -> None:
    assert (await settings(town, 0, prefix="?", refusals="silent")).version == 1
    assert await town.ask("?echo hi") == "Dee said ?echo hi"
    event_id = await town.write("?module list")
    assert (await town.recorded(event_id)).outcome == "refused"
    assert (await town.recorded(event_id)).deliveries == ()
    assert ("settings.change", "router", "prefix, refusals") in await audited(town)
    with pytest.raises(Stale):
        await settings(town, 0, prefix="~")
    shown = await town.portal.client.call(
        "router", module.GET_SETTINGS, module.CommunityOnly(town.community_id), acting=town.owner
    )
    assert (shown.document["prefix"], shown.document["bots_allowed_in"], shown.version) == ("?", [], 1)


@pytest.mark.parametrize("prefix", ["/", ".x", "#", "a b", "@", "\u200b!", "ﬁ", "wxyz", 7])
async def test_a_prefix_that_means_something_else_is_refused(town: Town, prefix: Any) -> None:
    with pytest.raises(InvalidInput):
        await settings(town, 0, prefix=prefix)


async def test_channels_in_the_settings_are_the_communitys_own(town: Town) -> None:
    other = await town.portal.client.call(
        "community",
        community.CREATE,
        community.CreateCommunity("Otters"),
        acting=Acting("person-otto", datetime.now(UTC)),
    )
    theirs = f"console:{other.id}:main"
    await town.portal.client.call("community", community.ATTACH, community.AttachChannel(other.id, theirs, "Den"))
    for document in ({"moderator_channel": theirs}, {"bots_allowed_in": [theirs]}, {"moderator_channel": "nowhere"}):
        with pytest.raises(InvalidInput, match="channels of this community"):
            await settings(town, 0, **document)
    done = await settings(town, 0, moderator_channel=town.channel, bots_allowed_in=[town.channel])
    assert done.document["moderator_channel"] == town.channel


async def test_a_community_that_ended_leaves_no_choice_behind(town: Town) -> None:
    await put(town, "echo", rename="say")
    await settings(town, 0, prefix="?")
    ended = module.CommunityOnly(town.community_id)
    counts = (await town.inst.client("community").call("router", module.ERASE_COMMUNITY, ended)).counts
    assert (counts["command_overrides"], counts["community_settings"]) == (1, 1)
