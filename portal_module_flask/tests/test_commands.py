"""Commands and chat settings on their pages, and how busy the house is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flask_core.contracts import claims, external, router
from flask_core.datamodels import CommandCard, Manifest
from flask_core.errors import Forbidden
from flask_core.operations import Acting
from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours


async def test_an_admin_changes_a_command_on_its_page(house: House) -> None:
    commands, page = f"{house.here}/commands", f"{house.here}/commands/quote"
    assert f'href="{page}"' in await house.page(commands)
    shown = await house.page(page)
    assert "as declared (viewer)" in shown
    assert "None ticked: everywhere." in shown
    where = await house.send(page, version="0", rename="Wisdom", role="vip", member="2m", channel="", everywhere="0")
    saved = await house.page(where)
    assert "Saved. It holds from the next line on." in saved
    assert "<h1><code>!wisdom</code></h1>" in saved
    assert 'value="wisdom"' in saved
    assert "<option selected>vip</option>" in saved
    assert 'name="member" value="120"' in saved
    assert "!wisdom" in await house.page(commands)
    assert await house.say("!wisdom") == "Only vips can do that. You are viewer here."


async def test_a_commands_form_that_is_refused_keeps_what_was_typed(house: House) -> None:
    page = f"{house.here}/commands/ping"
    wrong = await house.send(page, 400, version="0", rename="pong", role="", member="soon")
    assert "A cooldown is written 30s, 5m or 2h, up to 24h." in wrong
    assert 'value="soon"' in wrong
    assert 'value="pong"' in wrong
    taken = await house.send(page, 409, version="0", rename="help", role="")
    assert "!help belongs to the module router already." in taken
    await house.send(page, version="0", rename="pong", role="")
    late = await house.send(page, 409, version="0", rename="bounce", role="")
    assert "Somebody changed this command meanwhile." in late
    assert 'value="bounce"' in late
    version = late.split('name="version" value="')[1].split('"')[0]
    await house.send(
        page, version=version, rename="bounce", role="", channels=f"console:{house.community_id}:playground"
    )
    assert " checked>" in await house.page(page)
    assert (await house.say("!bounce")).startswith("Pong.")
    assert "No command is called !chess." in await house.page(f"{house.here}/commands/chess", 404)


async def test_a_third_partys_command_has_a_page_of_its_own(house: House) -> None:
    dice = Manifest("dice", "1", "interaction", "", "", commands=(CommandCard("roll", "Roll a die.", "#roll"),))
    market = house.inst.client("marketplace")
    executor = external.Webhook("https://dice.example.com/run", "x" * 40)
    await market.call("router", external.REGISTER, external.ExternalModule("dice", dice, executor))
    await market.call("router", router.ENABLE, router.PutEnablement(house.community_id, "dice", True))
    assert f'href="{house.here}/commands/%23roll"' in await house.page(f"{house.here}/commands")
    await house.send(f"{house.here}/commands/%23roll", version="0", rename="throw", role="")
    assert "<h1><code>#throw</code></h1>" in await house.page(f"{house.here}/commands/%23roll")
    told = await house.page("/operator/modules/dice")
    assert "called by webhook" in told
    assert "they are called at their address" in told


async def test_moderators_look_at_a_command_and_viewers_at_the_list(house: House) -> None:
    neighbours = await Neighbours.of(house)
    ben = await neighbours.becomes("Ben", "discord", "moderator")
    shown = await ben.page(f"{house.here}/commands/ping")
    assert "Declared by the module" in shown
    assert "What is different here" not in shown
    dee = await neighbours.becomes("Dee", "twitch", "viewer")
    assert f"{house.here}/commands/ping" not in await dee.page(f"{house.here}/commands")
    assert "Only moderators can see that." in await dee.page(f"{house.here}/commands/ping", 403)
    assert "Chat settings" not in await ben.page(f"{house.here}/home")


async def test_the_chats_settings_are_chosen_on_a_form(house: House) -> None:
    page = f"{house.here}/settings/chat"
    shown = await house.page(page)
    for label in ("One more prefix", "Refusals", "Moderator channel", "Other bots may use commands in"):
        assert label in shown
    here = f"console:{house.community_id}:playground"
    assert f'<option value="{here}"' in shown
    fields = {"unknown_command": "pointer", "refusals": "reply", "moderators_skip_cooldowns": "on"}
    where = await house.send(page, version="0", prefix="?", moderator_channel=here, bots_allowed_in=here, **fields)
    saved = await house.page(where)
    assert "Saved." in saved
    assert f'<option value="{here}" selected>' in saved
    assert f'value="{here}" checked>' in saved
    assert (await house.say("?ping")).startswith("Pong.")
    assert await house.say("?pign") == "There is no such command here. !commands lists what you may use."
    wrong = await house.send(page, 400, version="1", prefix="/", moderator_channel="", **fields)
    assert "A prefix has one to three signs" in wrong
    assert 'value="/"' in wrong
    assert "Saved: ?<" in wrong


async def test_operators_see_who_looks_after_what(house: House) -> None:
    assert "No trigger shares work here." in await house.page("/operator/claims")
    twitch = house.inst.client("twitch")
    channels = tuple(claims.Resource(f"twitch:channel:{number}", live=number == 7) for number in range(60))
    await twitch.call("router", claims.PUT_RESOURCES, claims.PutResources("twitch:channel", channels))
    await twitch.call("router", claims.CLAIM, claims.ClaimSome("twitch:channel", "replica-one"))
    shown = await house.page("/operator/claims?kind=twitch:channel")
    assert "60 channels, shards and sockets · 5 looked after · 0 parked." in shown
    assert shown.index("twitch:channel:7<") < shown.index("twitch:channel:0<")
    assert shown.count("<code>replica-one</code>") == 5
    assert "51–60 of 60" in await house.page("/operator/claims?kind=twitch:channel&page=2")
    assert "No trigger shares work here." in await house.page("/operator/claims?kind=slack:socket")


async def test_operators_see_events_deliveries_and_modules(house: House) -> None:
    await house.say("!ping")
    shown = await house.page("/operator/events")
    assert "Everything was worked on." in shown
    assert "of 5000" in shown
    assert "No platform's budget is used up" in shown
    assert "portal" in shown.split("Deliveries of the last hour")[1]
    told = await house.page("/operator/modules/memories")
    assert "No process was heard of" not in told
    assert 'href="/operator/modules/memories"' in await house.page("/operator/health")
    await house.page("/operator/modules/chess", 404)
    neighbours = await Neighbours.of(house)
    ben = await neighbours.becomes("Ben", "discord", "moderator")
    for page in ("events", "claims", "modules/memories"):
        await ben.page(f"/operator/{page}", 403)


async def test_what_the_portal_shows_needs_an_operator_at_the_router_too(house: House) -> None:
    ann = await house.ann()
    nobody = Acting(ann.person_id, datetime.now(UTC), operator=False)
    client = house.inst.client("portal")
    assert (await client.call("router", claims.CLAIMS, claims.ListClaims(), acting=ann)).total == 0
    with pytest.raises(Forbidden, match="Only operators"):
        await client.call("router", claims.CLAIMS, claims.ListClaims(), acting=nobody)
