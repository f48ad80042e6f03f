"""Home, members, modules with their settings, commands and traces of a community."""

from __future__ import annotations

import pytest

from flask_core.contracts import module, router
from flask_core.datamodels import CommandCard, Cooldowns, Invocation, Manifest, Reply
from flask_core.operations import Caller
from flask_core.testing.installation import until
from portal_module_flask.tests.house import House


async def test_members_get_roles_and_bans(house: House) -> None:
    await house.say("!ping", who="Cy")
    members = f"{house.here}/members"
    html = await house.page(f"{members}?q=cy")
    member = html.split(f"{members}/")[-1].split("/")[0]
    await house.send(f"{members}/{member}/role", on=members, role="vip")
    assert "Cy</strong>" in await house.page(f"{members}?role=vip")
    assert "People appear here when they write" in await house.page(f"{members}?role=admin&q=cy")
    assert "vip, moderator, admin" in await house.send(f"{members}/{member}/role", 400, on=members, role="king")
    assert await house.send(f"{members}/{member}/ban", on=members, reason="loud") == f"{members}?status=banned"
    assert await house.say("!ping", who="Cy") == ""
    await house.send(f"{members}/{member}/unban", on=f"{members}?status=banned")
    assert "Cy</strong>" not in await house.page(f"{members}?status=banned")
    assert "explains one" in await house.say("!help", who="Cy")


async def test_modules_are_switched_on_their_page(house: House) -> None:
    modules = f"{house.here}/modules"
    listed = await house.page(modules)
    for name in ("memories", "browser_source"):
        assert f'action="{modules}/{name}/switch"' in listed
    for name in ("router", "identity", "community"):
        assert f'action="{modules}/{name}/switch"' not in listed
    await house.send(f"{modules}/memories/switch", on=modules, enabled="no")
    assert "Off here" in await house.page(modules)
    assert await house.say("!quote") == "memories is off here."
    await house.send(f"{modules}/memories/switch", on=modules, enabled="yes")
    assert "Off here" not in await house.page(modules)


async def test_commands_are_listed_and_searched(house: House) -> None:
    commands = f"{house.here}/commands"
    assert "<code>!quote" in await house.page(commands)
    assert "<code>!ticker" not in await house.page(f"{commands}?q=quote")
    assert "Nothing called “giveaway”.</p>" in await house.page(f"{commands}?q=giveaway")
    assert 'Did you mean <a href="?q=quote">quote</a>?' in await house.page(f"{commands}?q=!quots")


@pytest.mark.promise("portal.13")
async def test_the_second_to_save_hears_that_settings_changed(house: House) -> None:
    path = f"{house.here}/modules/memories"
    where = await house.send(path, version="0", own_edit_minutes="30")
    assert "Saved." in await house.page(where)
    said = await house.send(path, 409, version="0", own_edit_minutes="40")
    assert "Somebody changed these settings meanwhile." in said
    assert 'value="40"' in said
    assert "Saved: 30<" in said
    assert 'value="30"' in await house.page(path)
    version = said.split('name="version" value="')[1].split('"')[0]
    wrong = await house.send(path, 400, version=version, own_edit_minutes="many")
    assert "write a number" in wrong
    assert 'value="many"' in wrong
    await house.send(path, version=version, own_edit_minutes="40")
    assert 'value="40"' in await house.page(path)


async def test_a_module_that_is_not_there_has_no_page(house: House) -> None:
    assert "No module is called giveaways." in await house.page(f"{house.here}/modules/giveaways", 400)
    assert "There is nothing to set here." in await house.page(f"{house.here}/modules/community")


@pytest.mark.promise("portal.24")
async def test_a_new_module_has_its_switch_its_form_and_its_help(house: House) -> None:
    karma, kept = house.inst.fake("karma"), [module.Settings({"shout": False, "word": "karma"}, 0)]

    @karma.offers(module.EXECUTE)
    async def execute(_: Invocation, __: Caller) -> Reply:
        return Reply.chat("Dee has 0 karma.")

    @karma.offers(module.GET_SETTINGS)
    async def get(_: module.CommunityOnly, __: Caller) -> module.Settings:
        return kept[-1]

    @karma.offers(module.PUT_SETTINGS)
    async def put(asked: module.PutSettings, _: Caller) -> module.Settings:
        kept.append(module.Settings(asked.document, asked.version + 1))
        return kept[-1]

    await karma.client.call("router", router.INTRODUCE, router.Introduction("karma", KARMA))
    path = f"{house.here}/modules/karma"
    assert path in await house.page(f"{house.here}/modules")
    assert "Count who is kind." in await house.page(f"{house.here}/commands?q=karma")
    form = await house.page(path)
    for field in (
        'type="checkbox" name="shout"',
        'name="word" value="karma"',
        "<option>loud</option>",
        'value="gifts"',
    ):
        assert field in form
    assert "<code>!karma</code>" in form
    await house.send(path, version="0", shout="on", word="thanks", tone="loud", counts="gifts", factor="1.5")
    document = {"shout": True, "word": "thanks", "tone": "loud", "counts": ["gifts"], "factor": 1.5}
    assert kept[-1].document == document
    form = await house.page(path)
    assert 'name="shout" checked' in form
    assert "<option selected>loud</option>" in form
    assert "Saved:" not in form
    refused = await house.send(path, 400, version="1", word="", tone="calm", counts="words", factor="much")
    for kept in ("Saved: on<", "Saved: thanks<", "Saved: loud<", "Saved: gifts<", 'value="much"', "Saved: 1.5<"):
        assert kept in refused
    assert "not answering" not in await house.say("!karma")


KARMA = Manifest(
    name="karma", version="1", kind="interaction", base_url="http://127.0.0.1:1", instance="one",
    description="Kindness, counted.",
    commands=(CommandCard("karma", "Count who is kind.", "!karma", cooldowns=Cooldowns()),),
    settings_schema={
        "properties": {
            "shout": {"type": "boolean"},
            "word": {"type": "string", "default": "karma"},
            "tone": {"enum": ["calm", "loud"]},
            "counts": {"type": "array", "items": {"enum": ["words", "gifts"]}},
            "factor": {"type": "number", "default": 1},
        }
    },
)  # fmt: skip


async def test_home_says_which_part_is_away_and_goes_on(house: House) -> None:
    home = await house.page(f"{house.here}/home")
    assert "Playground <span" in home
    assert "Nobody has written yet." in home
    await house.say("!ping")
    assert "!ping" in await house.page(f"{house.here}/home")
    house.inst.runtime.modules.pop("router")
    home = await house.page(f"{house.here}/home")
    assert home.count("The router module is not answering right now.") == 2
    assert "Playground <span" in home
    await until(lambda: "community" in house.inst.runtime.modules)
