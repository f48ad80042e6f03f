"""A community's own commands on their pages."""

from __future__ import annotations

from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours


async def test_a_command_is_added_tried_changed_and_brought_back(house: House) -> None:
    own = f"{house.here}/commands/own"
    assert "No commands of our own yet." in await house.page(own)
    where = await house.send(own, on=f"{own}/new", kind="text", name="!Hug", body="$(user) hugs $(1)", enabled="yes")
    assert where.endswith("?saved=1")
    one = where.partition("?")[0]
    assert "Saved. It holds from the next line on." in await house.page(where)
    await house.until_live("hug")
    assert await house.say("!hug Ben") == "Dee hugs Ben"
    tried = await house.send(f"{own}/preview", 200, on=one, id=one.rpartition("/")[2], name="hug", body="$(user) waves")
    for words in ("Grace waves", "Ben waves", "Ann waves", "$(user) waves</textarea>"):
        assert words in tried
    await house.send(one, on=one, version="1", name="hug", body="$(user) waves", role="vip", cooldown_channel="9")
    seen = await house.page(one)
    assert "$(user) hugs $(1) → $(user) waves" in seen
    stale = await house.send(one, 409, on=one, version="1", name="hug", body="Mine")
    assert "Saved: $(user) waves" in stale
    assert "Mine</textarea>" in stale
    gone = await house.send(f"{one}/delete", on=one)
    assert "!hug is in the bin for 30 days." in await house.page(gone)
    assert "<code>!hug</code>" in await house.page(f"{own}?state=bin")
    await house.send(f"{one}/restore", on=f"{own}?state=bin")
    assert "vip" in await house.page(own)


async def test_what_is_refused_comes_back_with_what_was_typed(house: House) -> None:
    own = f"{house.here}/commands/own"
    taken = await house.send(own, 409, on=f"{own}/new", kind="text", name="quote", body="My quote", cost="7")
    assert "is a command of memories and stays one" in taken
    assert "My quote</textarea>" in taken
    assert 'value="7"' in taken
    deep = "$(upper " * 12 + "x" + ")" * 12
    assert "At character" in await house.send(f"{own}/preview", 200, on=f"{own}/new", name="x", body=deep)
    assert "A cooldown has 0 to" in await house.send(
        own, 400, on=f"{own}/new", kind="text", name="x", body="y", cooldown_channel="long"
    )
    await house.page(f"{own}/77", 404)


async def test_an_alias_has_a_tab_of_its_own(house: House) -> None:
    own = f"{house.here}/commands/own"
    assert "No aliases yet." in await house.page(f"{own}?kind=alias")
    await house.send(own, on=f"{own}/new?kind=alias", kind="alias", name="q", body="!quote", enabled="yes")
    assert "!quote" in await house.page(f"{own}?kind=alias")
    await house.until_live("q")
    assert await house.say("!q") == await house.say("!quote")


async def test_a_command_is_switched_off_and_on(house: House) -> None:
    own = f"{house.here}/commands/own"
    one = (await house.send(own, on=f"{own}/new", kind="text", name="hug", body="Hug!", enabled="yes")).partition("?")[
        0
    ]
    await house.send(f"{one}/off", on=own, version="1")
    assert '<span class="badge">off</span>' in await house.page(own)
    await house.send(f"{one}/on", on=own, version="2")
    assert '<span class="badge">off</span>' not in await house.page(own)
    assert "cannot be done with a command" in await house.send(f"{one}/paint", 400, on=own)


async def test_everybody_may_see_what_there_is_unless_the_community_minds(house: House) -> None:
    own, open_to_all = f"{house.here}/commands/own", f"{house.here}/command-page"
    stranger = house.stranger()
    assert "no commands of its own yet" in await stranger.page(open_to_all)
    for name, role in (("hug", "viewer"), ("mods", "moderator")):
        await house.send(own, on=f"{own}/new", kind="text", name=name, body="a secret", role=role, enabled="yes")
    seen = await stranger.page(open_to_all)
    assert "!hug" in seen
    assert "!mods" not in seen
    assert "a secret" not in seen
    settings = f"{house.here}/modules/alias"
    numbers = {"default_cooldown_channel": "5", "default_cooldown_member": "0"}
    await house.send(settings, version="0", http_hosts="one.test two.test", **numbers)
    assert 'value="one.test two.test"' in await house.page(settings)
    await stranger.page(open_to_all, 404)


async def test_viewers_see_names_and_no_texts(house: House) -> None:
    own = f"{house.here}/commands/own"
    made = await house.send(own, on=f"{own}/new", kind="text", name="hug", body="a secret", enabled="yes")
    dee = await (await Neighbours.of(house)).becomes("Dee", "twitch", "viewer")
    seen = await dee.page(own)
    assert "!hug" in seen
    assert "a secret" not in seen
    assert "a secret" not in await dee.page(made.partition("?")[0])
    refused = await dee.send(own, 403, on=own, kind="text", name="mine", body="Mine")
    assert "Only moderators can change commands." in refused


async def test_counters_and_texts_are_set_and_forgotten(house: House) -> None:
    counters = f"{house.here}/commands/counters"
    assert "Nothing is counted yet." in await house.page(counters)
    await house.send(f"{counters}/set", on=counters, name="deaths", value="41")
    assert await house.say("!counter deaths") == "deaths: 41"
    await house.send(f"{counters}/screen", on=counters, name="deaths", on_screen="yes")
    assert "Take deaths off the screen" in await house.page(counters)
    said = await house.send(f"{counters}/set", 400, on=counters, name="lives", value="many")
    assert "A counter is a whole number." in said
    assert 'value="lives"' in said
    await house.send(f"{counters}/keep-text", on=counters, name="motto", value="go on")
    assert "go on" in await house.page(counters)
    await house.send(f"{counters}/forget-text", on=counters, name="motto")
    await house.send(f"{counters}/forget", on=counters, name="deaths")
    assert "Nothing is counted yet." in await house.page(counters)
    assert "cannot be done with a counter" in await house.send(f"{counters}/paint", 400, on=counters)
