"""Many messages at once: who is hit, who is spared, and what undoing lifts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from flask_core.contracts import community, module, nukes
from flask_core.datamodels import Action, Chat, MessageType, Moderate, Role
from flask_core.errors import Conflict, Gone, InvalidInput, NotFound
from flask_core.operations import Caller
from flask_core.testing.installation import until
from router_module_flask.delivering.repository import Outbox
from router_module_flask.tests.conftest import Town

MOD = {"moderator": True}


async def chat(town: Town, *lines: tuple[str, str]) -> None:
    """(who, what) one after another, all of it recorded."""
    for user, text in lines:
        await town.recorded(await town.write(text, user))


async def order(town: Town, text: str) -> str:
    """Max the moderator writes; the bot's words to that."""
    before = len(town.said)
    await town.write(text, "max", **MOD)
    said = await until(lambda: [d.action for d in town.said[before:] if isinstance(d.action, Chat)])
    return str(said[0].text)


def acts(town: Town, *operations: str) -> list[tuple[str, str]]:
    """What was done on the platform, as (operation, account)."""
    done = [d.action for d in town.said if isinstance(d.action, Moderate)]
    return [(act.operation, act.target) for act in done if not operations or act.operation in operations]


async def raid(town: Town) -> None:
    """Two spammers among four people; Mona, who moderates on the platform, warns."""
    await chat(
        town, ("spam1", "get FREE skins here"), ("dee", "hello all"), ("spam2", "frее  ｓｋｉｎｓ"), ("eve", "beer")
    )  # fmt: skip
    await town.recorded(await town.write("do not fall for free skins!", "mona", **MOD))


@pytest.mark.promise("router.16")
async def test_a_nuke_hits_who_matched_and_its_undo_lifts_that(town: Town) -> None:
    await raid(town)
    said = await order(town, '!nuke "free skins"')
    assert said == "Nuke #1: 2 messages, 2 accounts timed out for 10 m. 1 account spared. Undo: !nuke undo 1"
    await until(lambda: len(acts(town)) == 4)
    assert sorted(acts(town)) == [
        ("delete", "spam1"), ("delete", "spam2"), ("timeout", "spam1"), ("timeout", "spam2"),
    ]  # fmt: skip
    assert await order(town, "!nuke undo 1") == "Nuke #1 is undone: 2 accounts free again."
    await until(lambda: len(acts(town, "unban")) == 2)
    assert sorted(acts(town, "unban")) == [("unban", "spam1"), ("unban", "spam2")]
    assert await order(town, "!nuke undo 1") == "Nuke #1 was undone already."
    assert await order(town, "!nuke undo") == "There is no nuke to undo here."
    assert await order(town, "!nuke undo 9") == "No nuke #9 here."


@pytest.mark.promise("router.16")
async def test_an_assigned_moderator_is_spared_too(town: Town) -> None:
    await chat(town, ("eve", "free skins"), ("spam1", "free skins"))
    found = await town.portal.client.call(
        "community", community.MEMBERS, community.ListMembers(town.community_id, q="eve"), acting=town.owner
    )
    role = community.SetRole(town.community_id, found.items[0].id, Role.MODERATOR)
    await town.portal.client.call("community", community.SET_ROLE, role, acting=town.owner)
    assert "1 account banned. 1 account spared." in await order(town, '!nuke "free skins" ban 1h')
    await until(lambda: acts(town, "ban"))
    assert acts(town, "ban") == [("ban", "spam1")]


@pytest.mark.promise("router.16")
async def test_what_somebody_else_did_is_not_lifted(town: Town) -> None:
    await chat(town, ("spam1", "free skins"), ("spam2", "free skins"), ("spam3", "free skins"))
    # A moderator was faster with one of them, by hand.
    await town.happens(MessageType.TIMEOUT, "spam3")
    assert "3 messages, 2 accounts timed out" in await order(town, '!nuke "free skins"')
    await until(lambda: len(acts(town, "timeout")) == 2)
    assert sorted(acts(town, "timeout")) == [("timeout", "spam1"), ("timeout", "spam2")]
    # Our own time-out comes back from the platform; after that somebody bans one of them for good.
    await town.happens(MessageType.TIMEOUT, "spam1", data={"own_action": True})
    await town.happens(MessageType.BAN, "spam2")
    said = await order(town, "!nuke undo")
    assert said == "Nuke #1 is undone: 1 account free again. 1 account had more since and stay as they are."
    await until(lambda: acts(town, "unban"))
    assert acts(town, "unban") == [("unban", "spam1")]


async def test_what_a_later_nuke_did_stays_with_that_one(town: Town) -> None:
    await chat(town, ("spam1", "free skins"))
    await order(town, '!nuke "free skins"')
    await chat(town, ("spam1", "buy gold"))
    await order(town, '!nuke "buy gold" ban')
    await until(lambda: acts(town, "ban"))
    assert "0 accounts free again. 1 account had more since" in await order(town, "!nuke undo 1")
    assert await order(town, "!nuke undo 2") == "Nuke #2 is undone: 1 account free again."


async def test_what_the_platform_refused_needs_no_lifting(town: Town) -> None:
    await chat(town, ("spam1", "free skins"))
    answers: list[module.Deliveries] = []

    @town.inst.fake("portal").offers(module.DELIVER)
    async def refuse(asked: module.Deliveries, _: object) -> module.DeliveryResults:
        answers.append(asked)
        return module.DeliveryResults(
            tuple(module.DeliveryResult(one.id, module.DeliveryStatus.UNSUPPORTED) for one in asked.items)
        )

    await town.router.chatting.nukes.make(nukes.MakeNuke(town.community_id, "text", "free skins"), "max")
    await until(lambda: answers)
    await town.router.deliveries.settle()
    undone = await town.router.chatting.nukes.undo(town.community_id, 1, "max")
    assert (undone.lifted, undone.left) == (0, 0)


async def test_what_waits_for_the_platform_is_called_off(town: Town) -> None:
    await chat(town, ("spam1", "free skins"))
    asked: list[Action] = []

    @town.inst.fake("portal").offers(module.DELIVER)
    async def later(given: module.Deliveries, _: object) -> module.DeliveryResults:
        asked.extend(one.action for one in given.items)
        status = module.DeliveryStatus.RATE_LIMITED
        return module.DeliveryResults(
            tuple(module.DeliveryResult(one.id, status, retry_after=60) for one in given.items)
        )

    await town.router.chatting.nukes.make(nukes.MakeNuke(town.community_id, "text", "free skins"), "max")
    await until(lambda: len(asked) == 2)
    await town.router.deliveries.settle()
    await town.router.chatting.nukes.undo(town.community_id, 1, "max")
    await town.router.deliveries.settle()
    database = town.inst.services["router"].database
    rows = await database.read(lambda tx: tx.rows("SELECT idempotency_key, state FROM deliveries ORDER BY id"))
    states = {key.partition(f"nuke:{town.community_id}:1:")[2]: state for key, state in rows}
    assert states == {"0": "cancelled", "1": "waiting", "0:undo": "waiting"}
    due = await Outbox(database).claim_due(datetime.now(UTC) + timedelta(seconds=90))
    assert "timeout" not in [one.delivery.action.operation for one in due]


async def test_undoing_meets_a_time_out_on_its_way(town: Town) -> None:
    """It comes back with a limit when it was called off already: it is not tried again."""
    await chat(town, ("spam1", "free skins"))
    going, undone = asyncio.Event(), asyncio.Event()

    @town.inst.fake("portal").offers(module.DELIVER)
    async def slowly(given: module.Deliveries, _: object) -> module.DeliveryResults:
        going.set()
        await undone.wait()
        status = module.DeliveryStatus.RATE_LIMITED
        return module.DeliveryResults(
            tuple(module.DeliveryResult(one.id, status, retry_after=1) for one in given.items)
        )

    await town.router.chatting.nukes.make(nukes.MakeNuke(town.community_id, "text", "free skins"), "max")
    await going.wait()
    await town.router.chatting.nukes.undo(town.community_id, 1, "max")
    undone.set()
    await town.router.deliveries.settle()
    database = town.inst.services["router"].database
    state = await database.read(
        lambda tx: tx.value("SELECT state FROM deliveries WHERE idempotency_key = ?", f"nuke:{town.community_id}:1:0")
    )
    assert state == "cancelled"


async def test_being_looked_at_is_no_sign_of_life(town: Town) -> None:
    await chat(town, ("spam1", "free skins"))
    asked: list[community.ContextItem] = []
    real = town.inst.services["community"]
    answer = real.endpoints._handlers[community.CONTEXT.key][1]

    async def overhear(given: community.ContextRequest, caller: Caller) -> community.ContextAnswer:
        asked.extend(given.items)
        found: community.ContextAnswer = await answer(given, caller)
        return found

    real.endpoints._handlers[community.CONTEXT.key] = (community.CONTEXT, overhear)
    preview = nukes.MakeNuke(town.community_id, "text", "free skins", dry_run=True)
    await town.router.chatting.nukes.make(preview, "max")
    (trace,) = await town.router.traces.newest(town.community_id)
    assert [one.seen_at for one in asked] == [trace.occurred_at]


@pytest.mark.parametrize(
    ("typed", "hit"),
    [
        ("!nuke links delete", ["lin"]),
        ("!nuke fr?e*sk delete 10m", ["spa"]),
        ("!nuke ＳＫＩＮＳ delete", ["spa"]),
        ('!nuke "what?" delete', ["ask"]),
    ],
)
async def test_what_is_looked_for(town: Town, typed: str, hit: list[str]) -> None:
    await chat(
        town, ("lin", "see example . com now"), ("spa", "fr3e s free cs skins"), ("ask", "so what?"), ("ok", "none.")
    )  # fmt: skip
    assert await order(town, typed) == "Nuke #1: 1 message of 1 account."
    await until(lambda: len(acts(town)) == len(hit))
    assert acts(town) == [("delete", user) for user in hit]
    with pytest.raises(Conflict, match="cannot come back"):
        await town.router.chatting.nukes.undo(town.community_id, 1, "max")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("!nuke *", "That would hit everybody. Write at least two characters."),
        ("!nuke free skins", 'Usage: !nuke <"text"|pattern|links> [5m] [delete|timeout|ban]'),
        ("!nuke spam 100d", "A nuke reaches back 1 s to 72 h."),
        ("!nuke nobodysaidthis 90s", "Nothing to hit in the last 90 s."),
    ],
)
async def test_what_cannot_be_is_told(town: Town, typed: str, said: str) -> None:
    assert await order(town, typed) == said
    assert acts(town) == []


async def test_links_are_what_the_filter_sees_as_links(town: Town) -> None:
    await chat(
        town, ("one", "shop.example.museum"), ("two", "example (dot) com"), ("three", "http://10.0.0.1/x"),
        ("four", "version 1.2.3 and co.uk"), ("five", "mail ann@example.com"),
    )  # fmt: skip
    assert await order(town, "!nuke links delete") == "Nuke #1: 3 messages of 3 accounts."
    await until(lambda: sorted(acts(town)) == [("delete", user) for user in ("one", "three", "two")])


async def test_asking_for_a_nuke_is_nothing_to_hit(town: Town) -> None:
    for _ in range(2):
        assert await order(town, '!nuke "free skins"') == "Nothing to hit in the last 5 m."


async def test_viewers_have_no_nukes(town: Town) -> None:
    assert await town.ask("!nuke spam") == "Only moderators can do that. You are viewer here."


async def test_only_what_is_recent_enough_and_here_is_hit(town: Town) -> None:
    await chat(town, ("old", "free skins"))
    database = town.inst.services["router"].database
    before = datetime.now(UTC) - timedelta(minutes=6)
    await database.write(lambda tx: tx.run("UPDATE messages SET occurred_at = ?", before))
    await chat(town, ("new", "free skins"))
    elsewhere = nukes.MakeNuke(town.community_id, "text", "free skins", channel="console:1:other", dry_run=True)
    assert (await town.router.chatting.nukes.make(elsewhere, "max")).messages == 0
    assert "1 message, 1 account" in await order(town, '!nuke "free skins"')


async def test_a_preview_does_nothing_and_the_same_key_acts_once(town: Town) -> None:
    await raid(town)
    asked = nukes.MakeNuke(town.community_id, "text", "free skins", dry_run=True, key="form-1")
    call = town.portal.client.call
    preview = await call("router", nukes.NUKE, asked, acting=town.owner)
    assert (preview.number, preview.messages, preview.accounts, preview.spared) == (0, 2, 2, 1)
    assert [(hit.speaker, hit.exempt) for hit in preview.hits] == [
        ("Mona", "moderator"), ("Spam2", ""), ("Spam1", ""),
    ]  # fmt: skip
    assert (await call("router", nukes.NUKES, nukes.ListNukes(town.community_id), acting=town.owner)).items == ()
    really = msgspec.structs.replace(asked, dry_run=False)
    made = [await call("router", nukes.NUKE, really, acting=town.owner) for _ in range(2)]
    assert [one.number for one in made] == [1, 1]
    await until(lambda: len(acts(town)) == 4)
    (listed,) = (await call("router", nukes.NUKES, nukes.ListNukes(town.community_id), acting=town.owner)).items
    assert (listed.words, listed.undoable, listed.actor) == ("free skins", True, "person-ann")
    undone = await call("router", nukes.UNDO, nukes.NukeOf(town.community_id, 1), acting=town.owner)
    assert undone == nukes.Undone(1, 2, 0)


async def test_after_a_day_a_nuke_stays(town: Town) -> None:
    await raid(town)
    await order(town, '!nuke "free skins"')
    town.router.chatting.nukes._now = lambda: datetime.now(UTC) + timedelta(hours=25)
    with pytest.raises(Gone):
        await town.portal.client.call("router", nukes.UNDO, nukes.NukeOf(town.community_id, 1), acting=town.owner)
    with pytest.raises(NotFound):
        await town.router.chatting.nukes.undo(town.community_id + 1, 1, "max")


async def test_accounts_in_hundreds_are_asked_about_in_batches(town: Town) -> None:
    now = datetime.now(UTC)
    rows = [
        (f"many:{n}", town.community_id, f"member-{n}", "free skins", f"m{n}", now, town.channel, f"user{n}", 0, False)
        for n in range(1_205)
    ]
    database = town.inst.services["router"].database
    await database.write(
        lambda tx: tx.many(
            "INSERT INTO messages (event_id, community_id, member_id, text, message_id, occurred_at, channel, user_id,"
            " platform_role, bot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    )
    made = await town.router.chatting.nukes.make(nukes.MakeNuke(town.community_id, "text", "free skins"), "max")
    assert (made.messages, made.accounts, made.cut) == (500, 500, True)
    await town.router.deliveries.settle()
    assert len(acts(town, "timeout")) == len(acts(town, "delete")) == 500


async def test_words_too_long_are_refused(town: Town) -> None:
    with pytest.raises(InvalidInput):
        await town.router.chatting.nukes.make(nukes.MakeNuke(town.community_id, "text", "x" * 201), "max")
