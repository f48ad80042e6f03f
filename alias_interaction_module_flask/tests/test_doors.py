"""What the portal and other modules ask of alias."""

from __future__ import annotations

import pytest

from alias_interaction_module_flask.tests.street import Street
from flask_core.contracts import alias as contract
from flask_core.contracts import community, module
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale


async def added(street: Street, name: str, body: str = "Hello", **fields: object) -> contract.CommandView:
    asked = contract.AddOwn(street.community_id, "text", name, body, **fields)  # type: ignore[arg-type]
    made: contract.CommandView = await street.call(contract.ADD, asked)
    return made


async def test_a_command_is_made_changed_binned_and_brought_back(street: Street) -> None:
    made = await added(street, "!Hug", "$(user) hugs $(nonsense)", role=Role.VIP, cooldown_member=7)
    assert (made.name, made.role, made.cooldown_channel, made.cooldown_member) == ("hug", Role.VIP, 5, 7)
    assert made.warnings == ("$(nonsense) means nothing and stays as it is.",)
    one = contract.OwnOf(street.community_id, made.id)
    changed = await street.call(
        contract.PUT, contract.PutOwn(street.community_id, made.id, 1, body="Bye", enabled=False)
    )
    assert (changed.version, changed.body, changed.enabled, changed.role) == (2, "Bye", False, Role.VIP)
    with pytest.raises(Stale) as stale:
        await street.call(contract.PUT, contract.PutOwn(street.community_id, made.id, 1, body="Other"))
    assert stale.value.details["current"]["body"] == "Bye"
    assert await street.call(contract.DELETE, one) is None
    with pytest.raises(NotFound):
        await street.call(contract.DELETE, one)
    binned = await street.call(contract.LIST, contract.ListOwn(street.community_id, state="bin"))
    assert [view.name for view in binned.items] == ["hug"]
    assert (await street.call(contract.RESTORE, one)).version == 4
    history = await street.call(contract.HISTORY, one)
    assert [step.did for step in history.items] == ["restore", "remove", "edit", "add"]
    assert history.items[2].changes == {"body": ("$(user) hugs $(nonsense)", "Bye"), "enabled": ("yes", "no")}
    assert history.items[0].editor_name == "Ann"


@pytest.mark.promise("alias.7")
@pytest.mark.parametrize("name", ["weather", "!WEATHER", "Cmd"])
async def test_a_modules_name_is_refused_here_too(street: Street, name: str) -> None:
    with pytest.raises(Conflict, match="stays one"):
        await added(street, name)
    free = await added(street, "free")
    with pytest.raises(Conflict, match="stays one"):
        await street.call(contract.PUT, contract.PutOwn(street.community_id, free.id, 1, name=name))


@pytest.mark.promise("alias.8")
async def test_another_communitys_command_does_not_exist(street: Street) -> None:
    made = await added(street, "hug")
    other = await street.portal.client.call(
        "community", community.CREATE, community.CreateCommunity("Otters of test"), acting=street.acting()
    )
    for operation in (contract.GET, contract.DELETE, contract.RESTORE, contract.HISTORY):
        with pytest.raises(NotFound):
            await street.call(operation, contract.OwnOf(other.id, made.id))
    with pytest.raises(NotFound):
        await street.call(contract.PUT, contract.PutOwn(other.id, made.id, 1, body="Theirs"))


async def test_viewers_see_what_they_may_use_and_no_texts(street: Street) -> None:
    await added(street, "hug", "a secret text")
    await added(street, "mods", role=Role.MODERATOR)
    await added(street, "gone", enabled=False)
    await added(street, "quiet", hidden=True)
    seen = await street.call(contract.LIST, contract.ListOwn(street.community_id), "eve")
    assert [(view.name, view.body) for view in seen.items] == [("hug", "")]
    assert (await street.call(contract.LIST, contract.ListOwn(street.community_id, q="secret"), "eve")).items == ()
    assert seen.may_edit is False
    full = await street.call(contract.LIST, contract.ListOwn(street.community_id, q="SECRET"))
    assert [(view.name, view.body) for view in full.items] == [("hug", "a secret text")]
    assert full.may_edit is True
    mine = contract.AddOwn(street.community_id, "text", "mine", "Hello")
    with pytest.raises(Forbidden):
        await street.call(contract.ADD, mine, "eve")
    everybody = await street.portal.client.call("alias", contract.LIST, contract.ListOwn(street.community_id))
    assert [view.name for view in everybody.items] == ["hug"]
    chosen = module.PutSettings(street.community_id, {"public_command_page": False}, 0)
    await street.call(module.PUT_SETTINGS, chosen)
    with pytest.raises(NotFound):
        await street.portal.client.call("alias", contract.LIST, contract.ListOwn(street.community_id))


async def test_a_preview_shows_whose_words_are_said_and_changes_nothing(street: Street) -> None:
    text = "$(user) on $(provider): $(query) $(count) $(lastseen ann)"
    asked = contract.AskPreview(street.community_id, text, words="hey there", name="hug")
    seen = await street.call(contract.PREVIEW, asked)
    assert seen.output.startswith("Grace on twitch: hey there 1")
    assert [(part.origin, part.variable) for part in seen.parts[:3]] == [
        ("viewer", "user"), ("author", ""), ("author", "provider"),
    ]  # fmt: skip
    assert (await street.call(contract.COUNTERS, contract.CommunityId(street.community_id))).items == ()
    deep = contract.AskPreview(street.community_id, "Hi " + "$(upper " * 12 + "x" + ")" * 12)
    with pytest.raises(InvalidInput) as refused:
        await street.call(contract.PREVIEW, deep)
    assert refused.value.details["column"] > 3
    with pytest.raises(Forbidden):
        await street.call(contract.PREVIEW, asked, "eve")


async def test_everything_is_taken_along(street: Street) -> None:
    await added(street, "hug")
    await street.call(contract.PUT_COUNTER, contract.PutCounter(street.community_id, "Deaths", change=3))
    await street.call(contract.PUT_COUNTER, contract.PutCounter(street.community_id, "deaths", on_screen=True))
    await street.call(contract.PUT_VARIABLE, contract.PutVariable(street.community_id, "motto", "go"))
    taken = await street.call(contract.EXPORT, contract.CommunityId(street.community_id))
    assert [view.name for view in taken.commands] == ["hug"]
    assert taken.counters == (contract.CounterView("Deaths", 3, on_screen=True),)
    assert taken.variables == (contract.VariableView("motto", "go"),)
    with pytest.raises(InvalidInput):
        await street.call(contract.PUT_COUNTER, contract.PutCounter(street.community_id, "deaths", value=1, change=1))
    await street.call(contract.DELETE_COUNTER, contract.CounterOf(street.community_id, "DEATHS"))
    with pytest.raises(NotFound):
        await street.call(contract.COUNTER, contract.CounterOf(street.community_id, "deaths"))
