"""Streamers who move in from Nightbot and StreamElements."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from alias_interaction_module_flask.tests.moving import Move, finish, moving
from alias_interaction_module_flask.tests.payloads import nightbot_command
from flask_core.contracts import alias, alias_imports, community, filters, rules, timers
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, NotReady, Unavailable


@pytest_asyncio.fixture
async def move(database_url: str) -> AsyncIterator[Move]:
    async with moving(database_url) as made:
        yield made


async def router(move: Move, operation: Any, request: Any) -> Any:
    acting = move.street.acting()
    return await move.street.portal.client.call("router", operation, request, acting=acting)


def only_commands(move: Move, number: int) -> None:
    bot = move.nightbot
    bot.commands = [nightbot_command(n) for n in range(1, number + 1)]
    bot.default, bot.timers, bot.filters, bot.regulars, bot.playlist = [], [], [], [], []


@pytest.mark.promise("alias.9")
async def test_sixty_commands_come_once_and_changes_on_either_side_are_told_apart(move: Move) -> None:
    only_commands(move, 60)
    first = await move.connect()
    assert first.statuses == {"ok": 60}
    assert (await move.apply(first)).outcomes == {"created": 60}
    again = await move.connect()
    assert again.statuses == {"unchanged": 60}
    assert (await move.apply(again)).outcomes == {"unchanged": 60}
    move.nightbot.commands[6]["message"] = "another text at the source"
    third = await move.connect()
    assert third.statuses == {"unchanged": 59, "ok": 1}
    assert (await move.apply(third)).outcomes == {"unchanged": 59, "updated": 1}
    (seventh,) = await move.own("word7")
    assert seventh.body == "another text at the source"
    # Now on both sides.
    await move.ask(alias.PUT, alias.PutOwn(move.here, seventh.id, seventh.version, body="edited here"))
    move.nightbot.commands[6]["message"] = "edited there"
    fourth = await move.connect()
    assert fourth.statuses == {"unchanged": 59, "conflict": 1}
    (row,) = await move.rows(fourth, status="conflict")
    assert [row.base, row.ours, row.translated] == [
        f"!word7 (viewer, 5 s, 0 s) {text}" for text in ("another text at the source", "edited here", "edited there")
    ]
    assert (await move.apply(fourth)).outcomes == {"unchanged": 59, "skipped": 1}
    assert [command.body for command in await move.own("word7")] == ["edited here"]


async def test_what_changed_only_here_stays_as_it_is(move: Move) -> None:
    only_commands(move, 2)
    await move.apply(await move.connect())
    (first,) = await move.own("word1")
    await move.ask(alias.PUT, alias.PutOwn(move.here, first.id, first.version, body="edited here"))
    assert (await move.connect()).statuses == {"unchanged": 2}


@pytest.mark.promise("alias.10")
async def test_a_channels_name_is_enough_to_look_and_nothing_is_written(move: Move) -> None:
    one = await move.start("streamelements", channel="Grace")
    assert one.phase == "preview"
    lurk = await move.row(one, "lurk")
    assert [sample.caller for sample in lurk.samples] == ["Grace: !lurk", "Linus: !lurk @Ada hello", "Ada: !lurk 42"]
    assert lurk.samples[0].output.startswith("Grace is lurking")
    # Hidden ones are seen by the channel's own token only, and nothing of all this is here yet.
    assert not [row for row in await move.rows(one, kind="command") if row.name == "offline"]
    assert await move.own() == []
    assert not any("Authorization" in call for call in move.elements.calls)
    assert (await router(move, timers.TIMERS, timers.TimersOf(move.here))).items == ()


async def test_a_channel_that_is_not_there_is_told(move: Move) -> None:
    one = await move.start("streamelements", channel="nobody")
    assert (one.phase, one.error) == ("failed", "StreamElements knows no such channel. Is the name right?")
    with pytest.raises(InvalidInput, match="name of the channel"):
        await move.start("streamelements", channel="../bot")
    with pytest.raises(InvalidInput, match="no JWT"):
        await move.start("streamelements", token="secret")


async def test_the_channels_token_brings_everything(move: Move) -> None:
    one = await move.start("streamelements", token=move.elements.token)
    assert one.phase == "preview"
    assert await move.secrets() == 0
    done = await move.apply(one)
    assert done.failed == ()
    offline = (await move.own("offline"))[0]
    assert (offline.when, offline.role, offline.style, offline.source) == (
        "offline", Role.MODERATOR, "whisper", "streamelements",
    )  # fmt: skip
    # What has to be looked at first is there, and off.
    assert [command.enabled for command in await move.own("between")] == [False]


@pytest.mark.promise("alias.11")
async def test_levels_of_streamelements_become_roles(move: Move) -> None:
    one = await move.start("streamelements", token=move.elements.token)
    admins, between = await move.row(one, "admins"), await move.row(one, "between")
    assert (admins.role, admins.status) == (Role.ADMIN, "ok")
    assert (between.role, between.status) == (Role.ADMIN, "review")


@pytest.mark.promise("alias.21")
async def test_tokens_are_gone_when_the_import_ends(move: Move) -> None:
    one = await move.connect()
    assert one.phase == "preview"
    assert (await move.secrets(), move.nightbot.tokens, move.nightbot.refreshes) == (0, {}, {})
    assert len(move.nightbot.revoked) == 2
    # A token that is refused ends it too.
    refused = await move.start("streamelements", token="aaaa.bbbb.cccc")
    assert (refused.phase, refused.error) == (
        "failed", "StreamElements does not take this token. Copy the token again, it expires.",
    )  # fmt: skip
    assert await move.secrets() == 0
    with pytest.raises(NotReady, match="Connect Nightbot first"):
        await move.start("nightbot")


async def test_a_state_is_good_once_and_for_who_began(move: Move) -> None:
    asked = await move.ask(alias_imports.CONNECT, alias_imports.ImportsOf(move.here))
    back = finish(move.nightbot.go(asked.url))
    with pytest.raises(InvalidInput, match="not begun here"):
        await move.ask(alias_imports.FINISH, back, "ben")
    with pytest.raises(InvalidInput, match="not begun here"):
        await move.ask(alias_imports.FINISH, back)
    asked = await move.ask(alias_imports.CONNECT, alias_imports.ImportsOf(move.here))
    state = finish(move.nightbot.go(asked.url)).state
    with pytest.raises(InvalidInput, match="does not take this code"):
        await move.ask(alias_imports.FINISH, alias_imports.FinishConnect("another", state))


async def test_only_admins_of_this_community_import(move: Move) -> None:
    for who in ("ben", "dee"):
        with pytest.raises(Forbidden):
            await move.start("streamelements", who, channel="grace")
    one = await move.start("streamelements", channel="grace")
    asked = community.CreateCommunity("Otters next door")
    other = await move.street.portal.client.call("community", community.CREATE, asked, acting=_of(move, None))
    with pytest.raises(NotFound):
        await move.street.portal.client.call(
            "alias", alias_imports.GET, alias_imports.ImportOf(other.id, one.id), acting=_of(move, other.id)
        )


def _of(move: Move, community_id: int | None) -> Any:
    return msgspec.structs.replace(move.street.acting(), community_id=community_id)


async def test_what_comes_in_pages_comes_whole(move: Move) -> None:
    only_commands(move, 1)
    move.nightbot.regulars = [
        {"_id": f"r{n}", "name": f"p{n}", "displayName": f"P{n}", "provider": "twitch", "providerId": str(n)}
        for n in range(1, 251)
    ]
    one = await move.connect()
    assert one.kinds == {"command": 1, "regular": 250}
    assert [call for call in move.nightbot.calls if "regulars" in call] == [
        f"/1/regulars?limit=100&offset={offset}" for offset in (0, 100, 200)
    ]


@pytest.mark.promise("alias.7")
async def test_a_name_of_a_module_is_never_taken_by_an_import(move: Move) -> None:
    only_commands(move, 1)
    move.nightbot.commands = [nightbot_command(n, name=name) for n, name in enumerate(("!Weather", "!WEATHER", "!cmd"))]
    one = await move.connect()
    assert one.statuses == {"conflict": 3}
    row = (await move.rows(one))[0]
    assert row.choices == ("skip", "rename")
    with pytest.raises(Conflict, match="Choose one of: skip, rename"):
        await move.choose(one, row, "replace")
    with pytest.raises(Conflict):
        await move.choose(one, row, "rename", name="weather")
    renamed = await move.choose(one, row, "rename", name="!Forecast")
    assert renamed.name == "forecast"
    done = await move.apply(one)
    assert done.outcomes == {"created": 1, "skipped": 2}
    assert [command.name for command in await move.own()] == ["forecast"]


async def test_a_command_that_is_there_can_be_kept_replaced_or_stand_beside(move: Move) -> None:
    only_commands(move, 3)
    for number in (1, 2, 3):
        await move.street.write(f"!cmd add word{number} ours", "ann")
        await move.street.live(f"word{number}")
    one = await move.connect()
    assert one.statuses == {"conflict": 3}
    await move.choose(one, await move.row(one, "word1"), "replace")
    await move.choose(one, await move.row(one, "word2"), "rename", name="other2")
    assert (await move.apply(one)).outcomes == {"updated": 1, "created": 1, "skipped": 1}
    assert {command.name: command.body for command in await move.own()} == {
        "word1": "text number 1", "word2": "ours", "word3": "ours", "other2": "text number 2",
    }  # fmt: skip


@pytest.mark.promise("alias.18")
async def test_an_import_is_taken_back_but_for_what_was_changed_since(move: Move) -> None:
    only_commands(move, 4)
    await move.street.write("!cmd add word1 ours", "ann")
    await move.street.live("word1")
    move.nightbot.timers = [
        {"_id": "t1", "name": "hello", "message": "Hello!", "interval": "*/15 * * * *", "lines": 2, "enabled": True}
    ]
    move.nightbot.filters = [{"_type": "caps", "enabled": True, "length": 5, "limit": 33, "exemptUserLevel": "regular"}]
    before = await router(move, filters.FILTER, filters.FilterOf(move.here, "caps"))
    one = await move.connect()
    await move.choose(one, await move.row(one, "word1"), "replace")
    await move.choose(one, await move.row(one, "word2"), "rename", name="other2")
    done = await move.apply(one)
    assert done.outcomes == {"updated": 2, "created": 4}
    caps = await router(move, filters.FILTER, filters.FilterOf(move.here, "caps"))
    assert (caps.enabled, caps.ladder, caps.exempt_role) == (False, ("warn", "5s"), "regular")
    (third,) = await move.own("word3")
    await move.ask(alias.PUT, alias.PutOwn(move.here, third.id, third.version, body="edited since"))
    undone = await move.undo(done)
    assert undone.phase == "undone"
    written = await move.street.service.database.read(
        lambda tx: tx.rows("SELECT action, target, became FROM audit WHERE action LIKE 'import%' ORDER BY id")
    )
    assert written == [(f"import.{did}", "nightbot", "4 created, 2 updated") for did in ("applied", "undone")]
    assert [(failure.name, failure.said) for failure in undone.kept] == [
        ("word3", "It was changed since, so it stays.")
    ]
    assert {command.name: command.body for command in await move.own()} == {"word1": "ours", "word3": "edited since"}
    assert (await router(move, timers.TIMERS, timers.TimersOf(move.here))).items == ()
    caps = await router(move, filters.FILTER, filters.FilterOf(move.here, "caps"))
    assert (caps.ladder, caps.exempt_role, caps.options) == (before.ladder, before.exempt_role, before.options)
    with pytest.raises(Conflict):
        await move.undo(undone)


async def test_timers_filters_rules_and_regulars_go_where_they_belong(move: Move) -> None:
    one = await move.connect()
    done = await move.apply(one)
    assert done.failed == (), done.failed
    found = (await router(move, timers.TIMERS, timers.TimersOf(move.here))).items
    assert {timer.name: timer.enabled for timer in found} == {
        "discord-link": True, "shop": False, "song": True, "odd": False,
    }  # fmt: skip
    assert not any(one.enabled for one in (await router(move, filters.FILTERS, alias.CommunityId(move.here))).items)
    known = (await router(move, rules.LIST, rules.ListRules(move.here))).items
    assert [(rule.pattern, rule.enabled, rule.dry_run) for rule in known if "nitro" in rule.pattern] == [
        (r"(?i)fr[e3]{2}\s*nitro", False, True)
    ]
    members = await move.street.portal.client.call(
        "community", community.MEMBERS, community.ListMembers(move.here, role="regular"), acting=move.street.acting()
    )
    assert sorted(member.name for member in members.items) == ["Linus", "alan"]
    # Words without a sign run the command from now on.
    await move.street.live("good_bot")
    assert await move.street.ask("Good bot") == "thank you, Dee"


async def test_everything_of_an_import_with_all_kinds_is_taken_back(move: Move) -> None:
    done = await move.apply(await move.connect())
    undone = await move.undo(done)
    assert (undone.phase, undone.kept) == ("undone", ())
    assert await move.own() == []
    assert (await router(move, timers.TIMERS, timers.TimersOf(move.here))).items == ()
    assert (await router(move, rules.LIST, rules.ListRules(move.here))).items == ()
    members = await move.street.portal.client.call(
        "community", community.MEMBERS, community.ListMembers(move.here, role="regular"), acting=move.street.acting()
    )
    assert members.items == ()
    # And it can be brought again; that filters were set once is seen.
    again = await move.connect()
    assert again.statuses["conflict"] == done.statuses.get("conflict", 0) + 5
    asked = alias_imports.ChooseAll(move.here, again.id, "conflict", "replace")
    assert (await move.ask(alias_imports.CHOOSE_ALL, asked)).id == again.id
    assert (await move.apply(again)).outcomes == done.outcomes


async def test_what_is_exported_is_brought_again_elsewhere_and_changes_nothing_here(move: Move) -> None:
    await move.apply(await move.connect())
    exported = await move.ask(alias.EXPORT, alias.CommunityId(move.here))
    text = msgspec.json.encode(exported).decode()
    one = await move.start("file", file=text)
    assert one.origin == "file"
    assert one.statuses == {"unchanged": len(exported.commands) + len(exported.counters)}


async def test_a_file_of_another_bot_counts_as_that_bot(move: Move) -> None:
    only_commands(move, 3)
    dump = json.dumps({"commands": move.nightbot.commands})
    one = await move.start("file", file=dump)
    assert one.origin == "nightbot"
    await move.apply(one)
    assert (await move.connect()).statuses == {"unchanged": 3}


@pytest.mark.promise("alias.6")
async def test_a_circle_that_came_by_import_stops_with_a_sentence(move: Move) -> None:
    only_commands(move, 1)
    move.nightbot.commands = [
        nightbot_command(1, name="!round", alias="!about", message=""),
        nightbot_command(2, name="!about", alias="!round", message=""),
    ]
    done = await move.apply(await move.connect())
    assert done.outcomes == {"created": 2}
    await move.street.live("round")
    assert "round" in await move.street.ask("!round")


async def test_what_is_away_keeps_its_rows_waiting_and_the_import_goes_on_by_itself(move: Move) -> None:
    one = await move.connect()
    modules = move.street.inst.runtime.modules
    router_module = modules["router"]
    real, away = router_module.serve, {"now": True}

    async def serve(key: tuple[str, str], token: str, body: bytes) -> bytes:
        if away["now"] and "/timers" in key[1]:
            raise Unavailable("The router module is not answering right now.")
        answer: bytes = await real(key, token, body)
        return answer

    router_module.serve = serve  # type: ignore[method-assign]
    await move.ask(alias_imports.APPLY, alias_imports.ImportOf(move.here, one.id))

    async def waits() -> bool:
        return (await move.view(one.id)).outcomes.get("waiting") == 4

    await move.street.until(waits)
    assert (await move.view(one.id)).phase == "applying"
    assert await move.own("hug")
    away["now"] = False
    # Its time has come.
    sql = "UPDATE imports SET claimed_until = due_at, claimed_by = ''"
    await move.street.service.database.write(lambda tx: tx.run(sql))
    done = await move.settled(one.id)
    assert done.failed == ()
    assert len((await router(move, timers.TIMERS, timers.TimersOf(move.here))).items) == 4


async def test_a_script_that_a_variable_replaces_can_be_left_behind(move: Move) -> None:
    one = await move.connect()
    roll = await move.row(one, "roll")
    assert roll.simpler == "$(random 1-6)"
    chosen = await move.choose(one, roll, "accept", simpler=True)
    assert chosen.body == "$(random 1-6)"
    assert [sample.output for sample in chosen.samples if not 1 <= int(sample.output) <= 6] == []
    await move.apply(one)
    (kept,) = await move.own("roll")
    assert (kept.body, kept.dialect, kept.original) == (
        "$(random 1-6)", "waddle", "!roll $(eval Math.floor(Math.random()*6)+1)",
    )  # fmt: skip


async def test_a_bot_that_wants_patience_gets_it_and_the_import_goes_on_where_it_was(move: Move) -> None:
    only_commands(move, 3)
    asked = await move.ask(alias_imports.CONNECT, alias_imports.ImportsOf(move.here))
    back = finish(move.nightbot.go(asked.url))
    move.nightbot.limited = [1.0]
    begun = await move.ask(alias_imports.FINISH, back)

    async def told() -> bool:
        return "asked too often" in (await move.view(begun.import_id)).error

    await move.street.until(told)
    sql = "UPDATE imports SET claimed_until = due_at, claimed_by = '' WHERE phase = 'fetching'"

    async def done() -> bool:
        # Its time has come, as often as it is told to wait.
        await move.street.service.database.write(lambda tx: tx.run(sql))
        return (await move.view(begun.import_id)).phase == "preview"

    await move.street.until(done)
    assert (await move.view(begun.import_id)).statuses == {"ok": 3}
    assert [call for call in move.nightbot.calls if call == "/1/commands/default"] == ["/1/commands/default"]


async def test_scripts_that_never_end_cost_samples_and_not_the_page(move: Move) -> None:
    only_commands(move, 1)
    move.nightbot.commands = [nightbot_command(n, message="$(eval while(true){})") for n in range(1, 9)]
    rows = await move.rows(await move.connect())
    assert len(rows) == 8
    assert rows[-1].samples == ()


async def test_what_an_attempt_made_and_could_not_tell_is_not_made_twice_and_is_taken_back(move: Move) -> None:
    only_commands(move, 1)
    move.nightbot.timers = [
        {"_id": "t1", "name": "hello", "message": "Hello!", "interval": "*/15 * * * *", "lines": 2, "enabled": True}
    ]
    move.nightbot.filters = [{"_type": "caps", "enabled": True, "length": 5, "limit": 33, "exemptUserLevel": "regular"}]
    one = await move.connect()
    # A process made the timer and died; and somebody set the filter up in the meantime.
    settings = timers.TimerSettings(900, ("Hello!",), lines=2, lines_within=300)
    await router(move, timers.ADD_TIMER, timers.AddTimer(move.here, "hello", settings))
    await router(move, filters.PUT_FILTER, filters.PutFilter(move.here, "caps", 0, ladder=("ban",)))
    done = await move.apply(one)
    assert done.outcomes == {"created": 2, "failed": 1}
    assert [failure.said for failure in done.failed] == ["This filter was set up here meanwhile."]
    assert (await router(move, filters.FILTER, filters.FilterOf(move.here, "caps"))).ladder == ("ban",)
    await move.undo(done)
    assert (await router(move, timers.TIMERS, timers.TimersOf(move.here))).items == ()
