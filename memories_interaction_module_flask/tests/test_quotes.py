"""Conversations about quotes, links and notes."""

from __future__ import annotations

import asyncio

import pytest

from flask_core.datamodels import Account, CommunityRef, RepliedTo
from flask_core.errors import Conflict
from flask_core.testing.chat import ChatDriver
from memories_interaction_module_flask.models import By, NewMemory
from memories_interaction_module_flask.tests.conftest import World

MOD = {"role": "moderator", "user": "ben"}


@pytest.mark.promise("memories.1")
async def test_numbers_never_move(chat: ChatDriver) -> None:
    for number, text in enumerate(("ship it", "works here", "it depends"), start=1):
        assert await chat.say(f'!quote add "{text}" by Grace', **MOD) == f"Saved as quote #{number}."
    assert await chat.say("!quote delete 2", **MOD) == "Deleted #2. Undo: !quote restore 2"
    assert await chat.say("!addquote something new", **MOD) == "Saved as quote #4."
    assert await chat.say("!quote 2") == "There is no #2."
    assert await chat.say("!quote restore 2", **MOD) == "#2 is back."
    assert await chat.say("!quote 2") == '#2: "works here" — Grace, 11 Mar 2026'


@pytest.mark.promise("memories.2")
async def test_two_hundred_adds_at_once_get_two_hundred_numbers(world: World) -> None:
    by = By("member-ben", "ben", True)
    new = [NewMemory(2, "quote", f"quote number {n}") for n in range(200)]
    made = await asyncio.gather(*(world.memories.entries.add(one, by) for one in new))
    assert sorted(memory.number for memory in made) == list(range(1, 201))


@pytest.mark.promise("memories.3")
async def test_adding_is_for_moderators_and_the_label(chat: ChatDriver) -> None:
    refusal = "Only moderators can do that."
    assert await chat.say("!quote add hello") == refusal
    assert await chat.say("!quote add hello", labels=("memories",)) == "Saved as quote #1."
    assert await chat.say("!quote add world", role="moderator", labels=()) == "Saved as quote #2."
    assert await chat.say("!quote add again", labels=()) == refusal


@pytest.mark.promise("memories.4")
async def test_the_same_text_is_kept_once_per_community(world: World) -> None:
    chat = world.chat
    await chat.say("!quote add ship it", **MOD)
    assert await chat.say('!quote add "Ship   IT!"', **MOD) == "That is already #1."
    chat.community = CommunityRef(3, "Otters")
    assert await chat.say("!quote add Ship it!", **MOD) == "Saved as quote #1."


@pytest.mark.promise("memories.5")
@pytest.mark.parametrize("platform", ["twitch", "discord", "slack"])
async def test_a_reply_saves_the_message_with_its_author(world: World, platform: str) -> None:
    replied = RepliedTo("m1", Account("77", "grace", "Grace"), "first, make it work")
    world.chat.channel = f"{platform}:1:1"
    assert await world.chat.say("!quote add", reply_to=replied, **MOD) == "Saved as quote #1."
    kept = await world.memories.entries.show(2, "quote", 1)
    assert (kept.content, kept.author, kept.author_account) == ("first, make it work", "Grace", f"{platform}:77")


@pytest.mark.promise("memories.6")
async def test_votes_change_and_count_once_per_person(chat: ChatDriver) -> None:
    await chat.say("!quote add ship it", **MOD)
    assert await chat.say("!quote vote 1 up", user="dee") == "#1 has 1 point."
    assert await chat.say("!quote + 1", user="dee") == "#1 has 1 point."
    assert await chat.say("!quote vote 1", user="dee-on-discord", member_id="member-dee") == "#1 has 1 point."
    assert await chat.say("!quote - 1", user="dee") == "#1 has -1 point."
    assert await chat.say("!quote vote 1 none", user="dee") == "#1 has 0 points."
    assert await chat.say("!quote vote 1", **MOD) == "Votes on one's own entries do not count here."


async def test_votes_at_once_all_count(world: World) -> None:
    await world.chat.say("!quote add ship it", **MOD)
    votes = world.memories.votes
    await asyncio.gather(*(votes.vote(2, "quote", 1, f"member-{n}", 1) for n in range(20)))
    assert (await world.memories.entries.show(2, "quote", 1)).votes == 20


async def test_links_and_notes(chat: ChatDriver) -> None:
    assert await chat.say('!link add "The guide" https://example.org/guide how to raid', **MOD) == "Saved as link L1."
    assert await chat.say("!link L1") == "L1 The guide: https://example.org/guide (how to raid)"
    assert await chat.say('!note add "Raid rules" "be kind" #raid', **MOD) == "Saved as note N1."
    assert await chat.say("!note N1") == "N1 Raid rules: be kind"
    assert await chat.say("!notes raid") == "N1 Raid rules"
    assert await chat.say("!memories") == "L1 The guide · N1 Raid rules"
    assert await chat.say("!memories get L1") == "L1 The guide: https://example.org/guide (how to raid)"
    assert await chat.say("!link delete 1", **MOD) == "Deleted L1. Undo: !link restore L1"
    assert await chat.say("!links") == "Nothing is kept here yet."


@pytest.mark.promise("memories.15")
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("javascript:alert(1)", "begins with http"),
        ("http://", "names a host"),
        ("ftp://example.org", "begins with http"),
        ("https://me:secret@example.org", "name or password"),
        ("https://example.org/" + "x" * 2_000, "at most 2000"),
    ],
)
async def test_addresses_that_are_none_are_refused(chat: ChatDriver, url: str, reason: str) -> None:
    assert reason in await chat.say(f'!link add "x" {url}', **MOD)


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("!quote 7", "There is no #7."),
        ("!quote", 'No quotes yet. Add one: !quote add "text" by Name'),
        ("!quote vote", "Usage: !quote vote <entry> [how]"),
        ("!quote vote 1 sideways", "Vote up, down or none."),
        ("!quote search x", "Search for at least 2 characters."),
        ("!quote search nothing", "Nothing with these words."),
        ("!memories get X9", "Name an entry by its number: 12, L4 or N7."),
        ("!quote top 3", "Nothing is kept here yet."),
        ("!quote suggest hello", "Suggestions are off here. Ask a moderator to add it."),
    ],
)
async def test_refusals_say_what_to_do(chat: ChatDriver, line: str, reply: str) -> None:
    assert await chat.say(line) == reply


async def test_texts_have_limits(chat: ChatDriver) -> None:
    assert await chat.say("!quote add " + "x" * 501, **MOD) == "This is 501 characters long; at most 500 are kept here."
    assert await chat.say('!quote add ""', **MOD) == (
        'Write the text: !quote add "text" by Name, or reply to a message with !quote add.'
    )


async def test_authors_edit_their_own_for_a_while(world: World) -> None:
    chat = world.chat
    label = {"labels": ("memories",), "user": "dee"}
    await chat.say("!quote add teh typo by Grace", **label)
    assert await chat.say("!quote edit 1 the typo", user="dee") == "#1: teh typo → the typo"
    assert await chat.say("!quote by 1 Ada", **MOD) == "#1: Grace → Ada"
    assert await chat.say("!quote edit 1 mine now", user="eve") == (
        "Only moderators can change #1, or its author within 15 minutes."
    )
    world.later(minutes=16)
    assert (await chat.say("!quote edit 1 too late", user="dee")).startswith("Only moderators can change #1")


async def test_suggestions_wait_for_a_moderator(world: World) -> None:
    chat = world.chat
    await world.memories.settings.write(2, {"suggestions": True}, 0)
    assert await chat.say("!quote suggest ship it", user="dee") == "Thank you, suggestion #1 waits for a moderator."
    assert await chat.say("!quote 1") == "There is no #1."
    assert await chat.say("!quote approve 1", **MOD) == "#1 is in."
    assert await chat.say("!quote approve 1", **MOD) == "#1 is not waiting for a decision."
    for number in range(5):
        await chat.say(f"!quote suggest number {number}", user="cy")
    assert await chat.say("!quote suggest one more", user="cy") == "5 of your suggestions wait already."
    assert await chat.say("!quote reject 2", **MOD) == "#2 is rejected."


@pytest.mark.promise("memories.17")
async def test_search_ignores_accents_and_ranks_alike_everywhere(chat: ChatDriver) -> None:
    await chat.say("!quote add Musik ist für alle da by Bach", **MOD)
    await chat.say("!quote add alle Musik", **MOD)
    await chat.say("!quote add nothing here by fur trader", **MOD)
    assert await chat.say("!quote search fur") == '#1 "Musik ist für alle da" — Bach · #3 "nothing here" — fur trader'
    assert (await chat.say("!quote search alle musik")).startswith('#2 "alle Musik" · #1')
    assert await chat.say("!quote für") == '#1: "Musik ist für alle da" — Bach, 11 Mar 2026'


@pytest.mark.promise("memories.18")
async def test_chance_does_not_repeat_itself(chat: ChatDriver) -> None:
    for number in range(3):
        await chat.say(f"!quote add number {number}", **MOD)
    assert len({await chat.say("!quote") for _ in range(30)}) == 3
    for number in range(3, 10):
        await chat.say(f"!quote add number {number}", **MOD)
    said = [await chat.say("!quote") for _ in range(60)]
    for index in range(5, 60):
        assert said[index] not in said[index - 5 : index]


async def test_lists_are_paged_and_sorted(chat: ChatDriver) -> None:
    for number in range(7):
        await chat.say(f"!quote add number {number} by Ada", **MOD)
    await chat.say("!quote + 3", user="dee")
    assert (await chat.say("!quote top")).startswith('#3 (1) "number 2" — Ada · #1')
    assert (await chat.say("!quote top")).endswith("(+2 more)")
    assert (await chat.say("!quote by Ada")).endswith("(+2 more)")
    assert await chat.say("!quote count") == "7 quotes."
    assert await chat.say("!memories quote 2") == '#6 "number 5" — Ada · #7 "number 6" — Ada'


async def test_a_retried_command_says_the_same_and_acts_once(chat: ChatDriver) -> None:
    first = await chat.say("!quote add ship it", execution_id="same", **MOD)
    again = await chat.say("!quote add ship it", execution_id="same", **MOD)
    assert first == again == "Saved as quote #1."
    assert await chat.say("!quote count") == "1 quote."


async def test_shown_quotes_appear_on_the_overlay_where_wanted(world: World) -> None:
    await world.memories.settings.write(2, {"show_on_overlay": ["quote"]}, 0)
    await world.chat.say("!quote add ship it", **MOD)
    await world.chat.say("!quote 1")
    assert [action.__struct_config__.tag for action in world.chat.actions] == ["chat", "general"]


async def test_the_bin_is_emptied_after_thirty_days(world: World) -> None:
    await world.chat.say("!quote add ship it", **MOD)
    await world.chat.say("!quote delete 1", **MOD)
    world.later(days=31)
    assert await world.memories.entries.sweep() == 1
    assert await world.chat.say("!quote restore 1", **MOD) == "There is no #1."
    assert await world.chat.say("!quote add ship it", **MOD) == "Saved as quote #2."


async def test_a_deleted_text_that_was_added_again_cannot_come_back(world: World) -> None:
    await world.chat.say("!quote add ship it", **MOD)
    await world.chat.say("!quote delete 1", **MOD)
    await world.chat.say("!quote add ship it", **MOD)
    assert await world.chat.say("!quote restore 1", **MOD) == "The same text was added again meanwhile."
    with pytest.raises(Conflict):
        await world.memories.entries.restore(2, "quote", 2, By("x", "x", True))


async def test_what_was_on_is_told_and_uses_are_counted(world: World) -> None:
    by = By("member-ben", "ben", True)
    await world.memories.entries.add(NewMemory(2, "quote", "ship it", author="Grace", context="Celeste"), by)
    for _ in range(2):
        assert await world.chat.say("!quote 1") == '#1: "ship it" — Grace, 11 Mar 2026 [Celeste]'
    uses = world.memories.entries.uses
    await uses.write()
    await uses.write()
    assert (await world.memories.entries.show(2, "quote", 1)).uses == 2
    used = await world.database.read(lambda tx: tx.value("SELECT last_used_at FROM memories"))
    assert used == world.now


async def test_every_field_can_be_changed_in_one_word(chat: ChatDriver) -> None:
    await chat.say("!quote add ship it", **MOD)
    await chat.say("!link add Guide https://example.org/a", **MOD)
    for line, reply in (
        ("1 author Grace Hopper", "#1: (nothing) → Grace Hopper"),
        ("1 tags #Fun old", "#1: (nothing) → fun old"),
        ('1 text "ship it now"', "#1: ship it → ship it now"),
        ("1 context Celeste", "#1: (nothing) → Celeste"),
        ("L1 title The guide", "L1: Guide → The guide"),
        ("L1 url https://example.org/b", "L1: https://example.org/a → https://example.org/b"),
        ("L1 url javascript:alert(1)", "An address begins with http:// or https://."),
        ("1 category Nothing", "There is no category Nothing."),
    ):
        assert await chat.say(f"!memories edit {line}", **MOD) == reply
    assert (await chat.say("!memories edit 1 author Eve", user="eve")).startswith("Only moderators can change #1")
    assert await chat.say("!quote 1") == '#1: "ship it now" — Grace Hopper, 11 Mar 2026 [Celeste]'


async def test_what_a_moderator_took_away_stays_away(world: World) -> None:
    chat = world.chat
    await world.memories.settings.write(2, {"suggestions": True}, 0)
    await chat.say("!quote suggest something rude", user="dee")
    assert await chat.say("!quote reject 1", **MOD) == "#1 is rejected."
    refusal = "Only moderators bring #1 back, or who deleted it."
    assert await chat.say("!quote restore 1", user="dee") == refusal
    await chat.say("!quote add mine", labels=("memories",), user="dee")
    await chat.say("!quote delete 2", user="dee")
    assert await chat.say("!quote restore 2", user="eve") == refusal.replace("1", "2")
    assert await chat.say("!quote restore 2", user="dee") == "#2 is back."
    assert await chat.say("!quote restore 2", user="dee") == "#2 is not in the bin."
    assert await chat.say("!quote restore 1", **MOD) == "#1 is back."


async def test_of_two_decisions_at_once_one_counts(world: World) -> None:
    await world.memories.settings.write(2, {"suggestions": True}, 0)
    await world.chat.say("!quote suggest hello", user="dee")
    decide = world.memories.entries.decide
    made = await asyncio.gather(
        decide(2, "quote", 1, approve=True), decide(2, "quote", 1, approve=False), return_exceptions=True
    )
    assert sum(isinstance(outcome, Conflict) for outcome in made) == 1
