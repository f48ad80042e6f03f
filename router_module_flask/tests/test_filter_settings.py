"""Filters as moderators set them: in chat, over HTTP, and what is refused."""

from __future__ import annotations

import asyncio

import pytest

from flask_core.contracts import community, module, router
from flask_core.contracts import filters as contract
from flask_core.datamodels import CommandCard, Cooldowns, Invocation, Manifest, Reply, Role
from flask_core.errors import Forbidden, InvalidInput, NotFound
from flask_core.operations import Acting, Caller
from flask_core.testing.installation import until
from router_module_flask.moderation.filters.chat_words import change_of, told
from router_module_flask.moderation.filters.kinds import KINDS
from router_module_flask.moderation.filters.options import options_of
from router_module_flask.tests.conftest import Town
from router_module_flask.tests.street import Street


@pytest.fixture
def street(town: Town) -> Street:
    """The town with its filters."""
    return Street(town)


def view(name: str) -> contract.Filter:
    """A filter that nobody touched."""
    kind = KINDS[name]
    return contract.Filter(kind.name, kind.title, kind.help, options=options_of(kind, kind.values()))


async def test_a_moderator_sets_a_filter_in_one_line(street: Street) -> None:
    async def ask(text: str) -> str:
        return await street.town.ask(text, user=f"mo{len(street.town.said)}", moderator=True)

    assert await ask("!filter caps show") == (
        "caps off: letters 10; percent 70; warn → 5m → 60m → 24h; exempt moderator."
    )
    assert await ask('!filter caps on percent=50 ladder=warn,10m role=vip silent=yes message="hush, {user}"') == (
        "caps on: letters 10; percent 50; warn → 10m; exempt vip; silent."
    )
    assert await ask("!filter links on allow=youtube.com,twitch.tv platforms=twitch") == (
        "links on: allow youtube.com, twitch.tv; deny none; only_denied no; hidden yes; warn → 5m → 60m → 24h;"
        " exempt moderator or label links; in twitch."
    )
    assert "allow twitch.tv, example.org; deny" in await ask("!filter links off allow=-youtube.com,+example.org")
    assert await ask("!filter caps show percent=3") == "To change it: !filter caps on percent=3"
    assert await ask("!filter caps on loudness=3") == (
        "caps has no loudness. It has: letters, percent, role, label, ladder, message, silent, channels, platforms."
    )
    assert await ask("!filter jokes on") == "Usage: !filter <name> on|off|show [key=value …]"
    assert await street.town.ask("!filter caps off", user="dee") == (
        "Only moderators can do that. You are viewer here."
    )
    assert not await street.passes("THIS IS VERY LOUD")


async def test_a_change_is_written_down_with_before_and_after(street: Street) -> None:
    await street.set("caps", values={"percent": 50})
    await street.set("caps", enabled=False, ladder=("ban",))
    database = street.town.inst.services["router"].database
    rows = await database.read(lambda tx: tx.rows("SELECT actor, action, target, said FROM audit ORDER BY id"))
    assert rows == [
        ("person-ann", "filter.change", "caps", "enabled: off → on; percent: 70 → 50"),
        ("person-ann", "filter.change", "caps", "enabled: on → off; ladder: warn, 5m, 60m, 24h → ban"),
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"values": {"percent": 101}}, "The filter cannot be set like that."),
        ({"values": {"loudness": 1}}, "The filter cannot be set like that."),
        ({"ladder": ()}, "A ladder has 1 to 8 steps."),
        ({"ladder": ("15d",)}, "A step is delete, warn, ban, or a time from 1s to 14d such as 5m."),
        ({"exempt_role": "viewer"}, "Were viewers exempt, nobody would be left. Choose a higher role."),
        ({"exempt_role": "king"}, "Write one of these roles"),
        ({"platforms": ("irc",)}, "Platforms are twitch, discord, slack, console."),
        ({"channels": ("here",)}, "A channel is written platform:server:channel."),
        ({"message": "x" * 301}, "Write at most 300 characters."),
        ({"exempt_label": "x" * 101}, "A label has at most 100 characters."),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    street: Street, fields: dict[str, object], sentence: str
) -> None:
    asked = contract.PutFilter(street.town.community_id, "caps", 0, enabled=True, **fields)  # type: ignore[arg-type]
    refusal = await street.refused(contract.PUT_FILTER, asked)
    assert refusal.message.startswith(sentence)
    assert await street.passes("THIS IS VERY LOUD")


async def test_whoever_is_slower_is_told(street: Street) -> None:
    await street.set("caps")
    stale = contract.PutFilter(street.town.community_id, "caps", 0, enabled=False)
    refusal = await street.refused(contract.PUT_FILTER, stale)
    assert (refusal.code, refusal.details["version"]) == ("stale", 1)


async def test_only_moderators_of_the_community_look_and_set(street: Street) -> None:
    town = street.town
    viewer = Acting("person-vic", town.owner.signed_in_at, town.community_id, Role.VIEWER, name="Vic")
    asked = router.CommunityId(town.community_id)
    for operation, request in (
        (contract.FILTERS, asked),
        (contract.HELD, asked),
        (contract.OFFENCES, contract.ListOffences(town.community_id)),
        (contract.PUT_FILTER, contract.PutFilter(town.community_id, "caps", 0, enabled=True)),
        (contract.TRY_TEXT, contract.TryText(town.community_id, "x")),
    ):
        with pytest.raises((Forbidden, NotFound)):
            await town.portal.client.call("router", operation, request, acting=viewer)
    other = await town.portal.client.call(
        "community", community.CREATE, community.CreateCommunity("Walruses"), acting=viewer
    )
    with pytest.raises((Forbidden, NotFound)):
        await town.portal.client.call("router", contract.FILTERS, router.CommunityId(other.id), acting=town.owner)


async def test_a_text_is_tried_against_filters_that_are_on_and_off(street: Street) -> None:
    await street.set("links", ladder=("10m",))
    tried = contract.TryText(street.town.community_id, "BUY FOLLOWERS AT EXAMPLE . COM", first=True)
    hits = (await street.ask(contract.TRY_TEXT, tried)).items
    assert [(hit.filter, hit.enabled, hit.does) for hit in hits] == [
        ("first_message", False, ""),
        ("links", True, "deleted, timed out for 10m"),
        ("caps", False, ""),
    ]
    assert (await street.refused(contract.TRY_TEXT, contract.TryText(tried.community_id, "x" * 10_001))).status == 400
    assert await street.offences() == []


@pytest.mark.promise("router.24")
async def test_offences_and_held_texts_are_given_out_joined_and_erased(street: Street) -> None:
    town = street.town
    for name in ("caps", "first_message", "links"):
        await street.set(name)
    for user in ("dee", "eve", "eve"):
        await street.line("THIS IS VERY LOUD", user=user)
    await street.line("see example.com", user="dee")
    await street.line("buy followers", user="gus")
    page = await street.ask(contract.OFFENCES, contract.ListOffences(town.community_id))
    ids = {one.name: one.member_id for one in page.items}
    people = town.inst.client("identity")
    merge = module.MergeMembers("m1", town.community_id, ids["Dee"], ids["Eve"])
    receipt = await town.inst.client("community").call("router", module.MERGE, merge)
    assert (receipt.counts["offences"], receipt.counts["offence_events"]) == (2, 2)
    assert sorted(await street.offences()) == [("Dee", "links", 1, 1), ("Eve", "caps", 3, 3)]
    eve = module.PersonAccounts("r1", (("console", "eve"),), (ids["Eve"],), "person-eve")
    tables = (await people.call("router", module.EXPORT, eve)).tables
    assert [(row["filter"], row["standing"]) for row in tables["offences"]] == [("caps", 3), ("links", 1)]
    counts = (await people.call("router", module.ERASE, eve)).counts
    assert (counts["offences"], counts["offence_events"], counts["held_messages"]) == (2, 4, 0)
    database = town.inst.services["router"].database
    gus = await database.read(lambda tx: tx.value("SELECT member_id FROM held_messages"))
    him = module.PersonAccounts("r2", (("console", "gus"),), (gus,), "person-gus")
    tables = (await people.call("router", module.EXPORT, him)).tables
    assert [row["text"] for row in tables["held_messages"]] == ["buy followers"]
    assert (await people.call("router", module.ERASE, him)).counts["held_messages"] == 1
    ended = module.CommunityOnly(town.community_id)
    counts = (await town.inst.client("community").call("router", module.ERASE_COMMUNITY, ended)).counts
    assert counts["filters"] == 3


@pytest.mark.promise("router.4")
async def test_a_long_answer_does_not_keep_the_next_line_in_chat(street: Street) -> None:
    ai, asked, thought = street.town.inst.fake("ai"), asyncio.Event(), asyncio.Event()
    think = CommandCard("think", "Think.", "!think", cooldowns=Cooldowns(), timeout=30)
    manifest = Manifest("ai", "1", "interaction", "", "one", commands=(think,))
    await ai.client.call("router", router.INTRODUCE, router.Introduction("ai", manifest))

    @ai.offers(module.EXECUTE)
    async def execute(_: Invocation, __: Caller) -> Reply:
        asked.set()
        await thought.wait()
        return Reply.chat("42")

    await street.set("links")
    await street.town.write("!think", user="ann")
    await asked.wait()
    assert await street.does("see example.com") == "delete"
    assert "42" not in street.words
    thought.set()
    await until(lambda: street.words == "42")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("percent", "Settings are written key=value"),
        ("percent=x", "percent is a number from 0 to 99."),
        ("percent=100", "percent goes from 0 to 99."),
        ("silent=maybe", "silent is yes or no."),
    ],
)
def test_wrong_words_are_answered_with_right_ones(line: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change_of(view("caps"), 1, line, enabled=True)
    assert refusal.value.message.startswith(sentence)


def test_lists_and_choices_are_written_with_commas() -> None:
    asked = change_of(view("words"), 1, 'words="bad word,worse*" packs=spam,scams label=none', enabled=None)
    assert asked.values == {"words": ("bad word", "worse*"), "packs": ("spam", "scams")}
    assert (asked.exempt_label, asked.enabled) == ("", None)
    with pytest.raises(InvalidInput, match="packs can be insults, scams, spam, swearing"):
        change_of(view("words"), 1, "packs=jokes", enabled=None)
    assert change_of(view("words"), 1, "words=all", enabled=None).values == {"words": ()}


def test_long_lists_are_told_in_short() -> None:
    many = contract.Option("allow", "Allowed", "list", [f"{n}.com" for n in range(9)])
    assert "allow 0.com, 1.com, 2.com, 3.com, 4.com (+4 more);" in told(
        contract.Filter("links", "Links", "", options=(many,), ladder=("warn",))
    )
