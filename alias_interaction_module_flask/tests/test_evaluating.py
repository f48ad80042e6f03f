"""What happens around the variables: limits, order, once, and whose words begin a line."""

from __future__ import annotations

import asyncio

import pytest

from alias_interaction_module_flask.evaluator.values import Origin
from alias_interaction_module_flask.tests.imagined_world import ImaginedWorld
from alias_interaction_module_flask.tests.texts import said
from flask_core.datamodels import PlatformRequest, Role


def _asked(world: ImaginedWorld, question: str) -> list[tuple[object, ...]]:
    return [asked[1:] for asked in world.asked if asked[0] == question]


async def test_everything_is_asked_once() -> None:
    world = ImaginedWorld()
    result = await said("$(points) $(points.rank) $(reputation) $(points ada) $(points ADA)", world=world)
    assert result.text == "50 5/283 12 1200 1200"
    assert _asked(world, "standing") == [("grace",), ("ada",)]
    assert result.lookups == 4


async def test_look_ups_are_under_way_together() -> None:
    class Meeting(ImaginedWorld):
        """Nobody is answered before five have asked."""

        arrived = 0
        everybody = asyncio.Event()

        async def _asks(self, *question: object) -> None:
            self.arrived += 1
            if self.arrived == 5:
                self.everybody.set()
            await self.everybody.wait()

    text = "$(song) $(quote) $(points) $(repeat 2 $(title)) $(if $(event.next) = x | a | b)"
    result = await said(text, world=Meeting())
    assert result.text == "Ice Ice Baby #3 ship it 50 Sliding on ice Sliding on ice b"


@pytest.mark.promise("alias.17")
async def test_what_does_not_answer_costs_one_variable() -> None:
    world = ImaginedWorld(away=frozenset({"stream"}))
    result = await said("Hi $(user), $(twitch penguins) and $(points) points", world=world)
    assert result.text == "Hi Grace, [twitch: not answering] and 50 points"
    assert result.failures == (("twitch", "[twitch: not answering]"),)


async def test_at_the_deadline_what_is_missing_prints_its_error() -> None:
    world = ImaginedWorld(slow=frozenset({"song", "fetch", "change_counter"}))
    result = await said("$(user) $(upper $(song)) ${urlfetch https://x.test/} $(count)", world=world, deadline=0.05)
    assert result.text == "Grace [SONG: TIMEOUT] [urlfetch: timeout] [count: timeout]"


async def test_a_world_that_breaks_is_no_reason_to_raise(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(ImaginedWorld):
        async def points_name(self) -> str:
            raise ZeroDivisionError

    assert (await said("$(user) has $(pointsname)", world=Broken())).text == "Grace has [pointsname: not answering]"
    assert "a look-up failed" in caplog.text


async def test_a_world_that_gives_up_by_itself_costs_one_variable() -> None:
    class Tired(ImaginedWorld):
        async def points_name(self) -> str:
            raise TimeoutError

        async def queue_length(self) -> int:
            raise asyncio.CancelledError

        async def change_counter(self, name: str, *, add: int = 0, set_to: int | None = None) -> int:
            raise TimeoutError

    result = await said("$(user) $(pointsname) $(queue.length) $(count)", world=Tired())
    assert result.text == "Grace [pointsname: timeout] [queue.length: not answering] [count: timeout]"


async def test_an_execution_fetches_thinks_and_asks_only_so_much() -> None:
    world = ImaginedWorld(pages={f"https://x.test/{n}": str(n) for n in range(9)})
    text = " ".join(f"$(urlfetch https://x.test/{n})" for n in range(6))
    assert (await said(text, world=world)).text == "0 1 2 3 4 [urlfetch: too many fetches]"
    text = " ".join(f"$(eval {n})" for n in range(4))
    assert (await said(text)).text == "0 1 2 [eval: too many scripts]"
    assert (await said("$(ai a) $(ai b) $(ai a)")).text == "You asked: a [ai: only once] You asked: a"
    text = " ".join(f"$(points p{n})" for n in range(11))
    result = await said(text)
    assert result.text.split(" ")[:9] == ["0"] * 9
    assert result.failures == (("points", "[points: too many look-ups]"),) * 2


async def test_counters_count_in_the_order_in_which_they_stand() -> None:
    world = ImaginedWorld()
    result = await said(
        "${count a} ${repeat 1 '${count a} ${title}'} ${if} ${count a +10} ${getcount a}", "", "streamelements", world
    )
    assert result.text == "1 2 Sliding on ice ${if} 12 12"
    assert _asked(world, "change_counter") == [("a", 1, None), ("a", 1, None), ("a", 10, None)]
    assert result.counters == {"a": 12}


async def test_a_test_changes_nothing() -> None:
    world = ImaginedWorld()
    result = await said(
        "$(count) $(count deaths +1) $(getcount deaths) $(var greeting = hey) $(var greeting) $(settitle x)",
        world=world, test=True, command_role=Role.MODERATOR,
    )  # fmt: skip
    assert result.text == "1 42 42 hey hey x"
    assert world.counters == {"deaths": 41}
    assert world.texts == {"greeting": "Good evening"}
    assert not _asked(world, "change_counter")
    assert not _asked(world, "keep")


async def test_the_platform_is_asked_once_whatever_the_text() -> None:
    result = await said("$(settitle one) $(settitle two) $(setgame Tetris)", command_role=Role.MODERATOR, role="viewer")
    assert result.text == "one one Tetris"
    assert result.actions == (
        PlatformRequest("set_title", {"text": "one"}),
        PlatformRequest("set_category", {"name": "Tetris"}),
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('$(settitle "Hello  there")', "Hello  there"),
        ('$(settitle The "best"  run | so far)', 'The "best"  run | so far'),
        ("$(settitle $(query))", "'$(count)'  \"x"),
    ],
)
async def test_a_title_is_what_was_written(text: str, title: str) -> None:
    result = await said(text, "'$(count)'  \"x", command_role=Role.MODERATOR)
    assert result.actions == (PlatformRequest("set_title", {"text": title}),)


async def test_only_commands_of_moderators_change_anything() -> None:
    result = await said("$(settitle x) $(var a = b)", command_role=Role.VIP, role="owner")
    assert result.actions == ()
    assert result.kept == {}
    assert result.text == "[settitle: only in commands of moderators] [var: only in commands of moderators]"


@pytest.mark.parametrize(
    ("text", "words", "origins"),
    [
        ("hi $(user)", "", ["author", "viewer"]),
        ("$(upper hi) $(upper $(1)) $(upper $(quote))", "x", ["author", "author", "viewer", "author", "external"]),
        ("$(urlfetch https://x.test/)", "", ["author"]),
        ("$(eval 1)$(title)$(points)", "", ["external", "external", "author"]),
        ("$(if $(1) | a | b)", "x", ["viewer"]),
        ("$(math $(1))", "1", ["viewer"]),
        ("$(args|nobody)", "", ["author"]),
        ("$(time nowhere)$(time $(1))", "x", ["author", "viewer"]),
    ],
)
async def test_every_part_remembers_whose_words_it_is_made_of(text: str, words: str, origins: list[str]) -> None:
    result = await said(text, words)
    assert [part.origin.word for part in result.parts] == origins
    assert result.origin == max(part.origin for part in result.parts)


@pytest.mark.promise("alias.3")
@pytest.mark.parametrize(
    ("text", "words", "platform", "line"),
    [
        ("$(query)", "/ban grace", "twitch", ("/ban grace", "normal", "", False)),
        ("$(query)", "!settitle x", "twitch", ("!settitle x", "normal", "", False)),
        ("$(query)", ".ban grace", "twitch", (".ban grace", "normal", "", False)),
        ("$(query)", "/me waves", "twitch", ("/me waves", "normal", "", False)),
        ("!$(query)", "settitle x", "twitch", ("!settitle x", "normal", "", False)),
        ("!$(query)title x", "set", "twitch", ("!settitle x", "normal", "", False)),
        ("!settitle $(query)", "x", "twitch", ("!settitle x", "normal", "", True)),
        ("/ban $(query)", "grace", "twitch", ("/ban grace", "normal", "", False)),
        ("/m$(query)", "e waves", "twitch", ("/me waves", "normal", "", False)),
        ("/me$(query)", "  waves", "twitch", ("/mewaves", "normal", "", False)),
        ("/me waves", "", "twitch", ("waves", "me", "", False)),
        ("/ME waves", "", "slack", ("waves", "me", "", False)),
        ("  /me waves", "", "twitch", ("waves", "me", "", False)),
        ("/me $(query)", "/ban grace", "twitch", ("/ban grace", "me", "", False)),
        ("/me !x", "", "twitch", ("!x", "me", "", True)),
        ("/announce hi", "", "twitch", ("hi", "announce", "", False)),
        ("/announcepurple hi", "", "twitch", ("hi", "announce", "purple", False)),
        ("/announcered hi", "", "twitch", ("/announcered hi", "normal", "", False)),
        ("/announcegreen hi", "", "discord", ("hi", "normal", "", False)),
        ("$(1)!x", "\u200b", "twitch", ("!x", "normal", "", False)),
        ("$(query)", "\U000e0000/ban x", "twitch", ("/ban x", "normal", "", False)),
        ("$(query)", "\u200b\u3164 \u2800/ban x", "twitch", ("/ban x", "normal", "", False)),
        ("$(if $(1) | !a | !b)", "", "twitch", ("!b", "normal", "", True)),
        ("$(if $(1) | !a | !b)", "x", "twitch", ("!a", "normal", "", False)),
        ("$(pick !raffle)", "", "twitch", ("!raffle", "normal", "", True)),
    ],
)
async def test_nobody_but_the_author_begins_a_line(
    text: str, words: str, platform: str, line: tuple[str, str, str, bool]
) -> None:
    result = await said(text, words, platform=platform)
    assert (result.text, result.style, result.color, result.verbatim_start) == line


@pytest.mark.parametrize(("dialect", "longest"), [("nightbot", 500), ("streamelements", 500), ("waddle", 1_000)])
async def test_a_line_is_cut_between_words(dialect: str, longest: int) -> None:
    text = (await said("$(touser) " + "penguin " * 200, "", dialect)).text
    assert text.endswith("penguin…")
    assert longest - 8 <= len(text) <= longest
    assert len((await said("x" * 1_500, "", dialect)).text) == longest


async def test_a_line_is_one_line() -> None:
    result = await said("a\r\n\nb $(1)\x00\x07\u2028c\ud800", "x")
    assert result.text == "a b x c\ufffd"


async def test_nothing_to_say_is_told() -> None:
    assert (await said("$(query) ", "")).notes == ("empty",)
    assert (await said("$(query) ", "x")).notes == ()


async def test_what_was_expanded_is_not_read_again() -> None:
    world = ImaginedWorld(pages={"https://x.test/": "$(count) ${settitle x} {user}"}, texts={"greeting": "$(count)"})
    result = await said(
        "$(query) ${urlfetch https://x.test/} $(var greeting) $(upper $(query))", "$(count) {user}", world=world
    )
    assert result.text == "$(count) {user} $(count) ${settitle x} {user} $(count) $(COUNT) {USER}"
    assert not _asked(world, "change_counter")


async def test_chance_is_the_same_for_the_same_execution() -> None:
    text = "$(random 1-1000000) $(random 1-1000000) $(repeat 2 $(random 1-1000000)) $(8ball)"
    first, again = await said(text), await said(text)
    other = await said(text, execution_id="execution-2")
    assert first.text == again.text != other.text
    assert len(set(first.text.split()[:3])) == 3


async def test_pages_are_told_who_asks() -> None:
    world = ImaginedWorld(pages={"https://x.test/": "hi"})
    await said(
        "$(urlfetch https://x.test/)", "", "nightbot", world, send_caller=True, response_url="https://bot.test/r"
    )
    assert _asked(world, "fetch")[0][1] == {
        "WaddleBot-Channel": "name=penguins&displayName=Penguins&provider=twitch&providerId=7",
        "WaddleBot-User": "name=grace&displayName=Grace&provider=twitch&providerId=101&userLevel=everyone",
        "Nightbot-Channel": "name=penguins&displayName=Penguins&provider=twitch&providerId=7",
        "Nightbot-User": "name=grace&displayName=Grace&provider=twitch&providerId=101&userLevel=everyone",
        "Nightbot-Response-Url": "https://bot.test/r",
    }
    world = ImaginedWorld(pages={"https://x.test/": "hi"})
    await said("$(urlfetch https://x.test/)", world=world)
    assert list(_asked(world, "fetch")[0][1]) == ["WaddleBot-Channel"]  # type: ignore[call-overload]


@pytest.mark.promise("alias.14")
async def test_pages_that_fail_say_so_as_their_authors_know_it() -> None:
    world = ImaginedWorld(pages={"https://x.test/": "y" * 401})
    long, gone = "$(urlfetch https://x.test/)", "$(urlfetch https://x.test/gone)"
    assert (await said(long, "", "nightbot", world)).text == "[urlfetch: response too long]"
    assert (await said(gone, "", "nightbot", world)).text == "[urlfetch: 404 Not Found]"
    assert (await said(gone, "", "streamelements", world)).text == "Unable to make request"
    assert (await said(long, "", "streamelements", world)).text == "y" * 401


@pytest.mark.parametrize(
    ("text", "words", "url"),
    [
        ("$(urlfetch https://x.test/$(query))", "a/b?c#d", "https://x.test/a%2Fb%3Fc%23d"),
        ("$(urlfetch https://x.test/a/$(query))", "../b", None),
        ("$(urlfetch https://x.test/?q=$(querystring))", "a b&c", "https://x.test/?q=a%20b%26c"),
        ("$(urlfetch https://x.test/$(lower $(query)))", "A B", "https://x.test/a%20b"),
        ("$(urlfetch https://x.test?q=$(1))", "@evil.test", "https://x.test?q=%40evil.test"),
        ("$(urlfetch https://x.test$(query))", "", None),
        ("$(urlfetch https://x.test$(query))", ".evil.test", None),
        ("$(urlfetch https://x.test:$(query)/)", "8080", None),
        ("$(urlfetch $(query)://x.test/)", "http", None),
        ("$(urlfetch https://$(querystring)/)", "evil.test", None),
        ("$(urlfetch $(query))", "https://evil.test/", None),
        ("$(urlfetch $(urlfetch https://x.test/))", "", None),
        ("$(urlfetch https:\\\\x.test\\$(1))", "a", None),
        ("$(urlfetch file:///etc/passwd)", "", None),
        ("$(urlfetch https://user@$(1)/)", "evil.test", None),
        ("$(urlfetch https://$(channel).test/)", "", "https://penguins.test/"),
    ],
)
async def test_only_the_author_says_where_an_address_leads(text: str, words: str, url: str | None) -> None:
    world = ImaginedWorld(pages={"https://x.test/": "https://evil.test/"})
    result = await said(text, words, world=world)
    inner = [asked[0] for asked in _asked(world, "fetch") if "$(urlfetch $(urlfetch" not in text]
    assert inner == ([] if url is None else [url])
    assert ("[urlfetch: bad address]" in result.text) == (url is None)


@pytest.mark.parametrize(
    ("words", "script"),
    [
        (
            '";"!settitle x"//',
            '"\\x22\\x3b\\x22\\x21\\x73\\x65\\x74\\x74\\x69\\x74\\x6c\\x65\\x20\\x78\\x22\\x2f\\x2f"+',
        ),
        ("1); while(1){} (", '"1\\x29\\x3b'),
    ],
)
async def test_what_viewers_type_is_no_code(words: str, script: str) -> None:
    world = ImaginedWorld()
    await said('$(eval "$(query)"+$(1)+`$(query)`)', words, world=world)
    assert str(_asked(world, "script")[0][0]).startswith(script)


async def test_a_missing_word_is_null_in_a_script_and_nothing_elsewhere() -> None:
    assert (await said("$(1)|$(eval [$(1), '$(2)', $(query)])", "")).text.startswith("|[ null , '\\x6e\\x75\\x6c\\x6c'")


async def test_origins_have_words() -> None:
    assert [origin.word for origin in Origin] == ["author", "viewer", "external"]
