"""What a text learns of people's roles, of Twitch, of a model, and of services outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alias_interaction_module_flask.tests.conftest import START, World
from alias_interaction_module_flask.tests.outside import outside
from alias_interaction_module_flask.tests.telling import channels, on_air, said
from flask_core.contracts import ai, community, identity, twitch_lookups
from flask_core.datamodels import Chat, Role
from flask_core.errors import (
    Forbidden,
    NotFound,
    NotReady,
    ServiceError,
    TooMany,
    Unavailable,
    UnknownOutcome,
    UpstreamFailed,
)


class NotSetUp(ServiceError):
    """As the module ai says it."""

    status = 503
    code = "not_ready"


def grace_is_known(world: World, role: Role = Role.VIP, *accounts: tuple[str, str]) -> None:
    """Identity knows her on the platform of the channel, and community what she may do."""

    def resolve(asked: identity.ResolveName) -> identity.Resolved:
        if asked.text != "grace":
            raise NotFound("Nobody.")
        return identity.Resolved(asked.platform, "9", "grace", "Grace")

    told = tuple(community.MemberAccount(*account) for account in accounts)
    world.others.answers[identity.ResolveName] = resolve
    world.others.answers[community.AccountOf] = lambda asked: (
        community.AccountRole(role, "member-9", told) if asked.user_id == "9" else community.AccountRole()
    )


def follows(world: World, follower: str = "77") -> list[twitch_lookups.FollowQuery]:
    """One account follows the channel 7 for a year; what is asked."""
    asked = list[twitch_lookups.FollowQuery]()

    def follow(query: twitch_lookups.FollowQuery) -> twitch_lookups.FollowFacts:
        asked.append(query)
        since = START - timedelta(days=365) if (query.channel, query.user) == ("7", follower) else None
        return twitch_lookups.FollowFacts(since)

    world.others.answers[twitch_lookups.FollowQuery] = follow
    return asked


async def test_the_level_of_others_is_their_role_here(world: World) -> None:
    grace_is_known(world)
    assert await said(world, "$(user.level) $(user.level grace) $(user.level nobody)") == "100 400 100"
    del world.others.answers[community.AccountOf]
    assert await said(world, "$(user grace): $(user.level grace)") == "Grace: [user.level: not answering]"


async def test_who_follows_is_asked_for_the_linked_account(world: World) -> None:
    channels(world, "console:2:main", "twitch:7:7")
    grace_is_known(world, Role.VIEWER, ("console", "9"), ("twitch", "77"))
    asked = follows(world)
    assert await said(world, "$(followage grace)") == "1 year"
    assert asked == [twitch_lookups.FollowQuery("7", "77")]
    follows(world, follower="78")
    assert await said(world, "$(followage grace)") == "not following"


async def test_a_name_that_was_never_seen_here_is_looked_up_at_twitch(world: World) -> None:
    channels(world, "twitch:7:7")
    grace_is_known(world)
    on_air(world)
    asked = follows(world, follower="7")
    assert await said(world, "$(followage @Penguins)") == "1 year"
    assert await said(world, "$(followage stranger)") == "[followage: no such user]"
    assert len(asked) == 1


async def test_somebody_of_the_same_name_is_not_guessed(world: World) -> None:
    channels(world, "twitch:7:7")
    grace_is_known(world)
    on_air(world)
    asked = follows(world)
    assert await said(world, "$(followage grace)") == "[followage: no Twitch account is linked]"
    assert await said(world, "$(followage)") == "[followage: no Twitch account is linked]"
    assert asked == []


async def test_a_community_without_a_twitch_channel_has_no_followers(world: World) -> None:
    grace_is_known(world, Role.VIEWER, ("twitch", "77"))
    channels(world, "discord:1:2")
    assert await said(world, "$(followage grace)") == "[followage: no Twitch channel here]"


async def test_followers_that_may_not_be_read_are_not_guessed(world: World) -> None:
    grace_is_known(world, Role.VIEWER, ("twitch", "77"))

    def lacking(_: twitch_lookups.FollowQuery) -> twitch_lookups.FollowFacts:
        raise NotReady("The channel lacks the right moderator:read:followers.")

    world.others.answers[twitch_lookups.FollowQuery] = lacking
    channels(world, "twitch:7:7")
    assert await said(world, "$(followage grace)") == "[followage: followers may not be read]"


def emotes(world: World, **names: tuple[str, ...]) -> None:
    """The channel 7 has emotes at these services; the others are away."""

    def told(asked: twitch_lookups.ChannelEmoteQuery) -> twitch_lookups.EmoteList:
        if asked.source not in names:
            raise Unavailable("Away.")
        return twitch_lookups.EmoteList(tuple(twitch_lookups.Emote(name, name) for name in names[asked.source]))

    world.others.answers[twitch_lookups.ChannelEmoteQuery] = told


async def test_emotes_are_those_of_the_communitys_twitch_channel(world: World) -> None:
    channels(world, "console:2:main", "twitch:7:7")
    emotes(world, twitch=("annHi",), bttv=("monkaS", "KKona"), ffz=())
    assert await said(world, "$(twitchemotes) $(bttvemotes) [$(ffzemotes)]") == "annHi monkaS KKona []"
    assert await said(world, "$(7tvemotes)") == "[7tvemotes: not answering]"
    assert await said(world, "[$(1.emote)]", "KKona") == "[KKona]"
    assert await said(world, "[$(1.emote)]", "Kappa") == "[]"
    emotes(world)
    assert await said(world, "$(random.emote)") == "[random.emote: not answering]"


async def test_without_a_channel_there_are_no_emotes(world: World) -> None:
    channels(world, "discord:1:2")
    assert await said(world, "[$(7tvemotes)$(random.emote)]") == "[]"


async def test_the_model_answers_for_who_uses_the_command(world: World) -> None:
    asked = list[ai.AskForCommand]()

    def answer(question: ai.AskForCommand) -> ai.CommandAnswer:
        asked.append(question)
        return ai.CommandAnswer("/ban everybody")

    world.others.answers[ai.AskForCommand] = answer
    await world.say("!cmd add x $(ai Say hello to $(query))")
    assert await world.runs("x", "grace") == "/ban everybody"
    spoken = next(action for action in world.chat.actions if isinstance(action, Chat))
    assert (spoken.verbatim_start, spoken.origin) == (False, "external")
    assert [(one.prompt, one.name, one.member_id, one.role) for one in asked] == [
        ("Say hello to grace", "dee", "member-dee", Role.VIEWER)
    ]
    assert asked[0].execution_id
    assert asked[0].channel.startswith("console:")


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (TooMany("Ready in 34 s.", retry_after=33.6), "(AI limit, again in 34 s)"),
        (TooMany("That was all the AI for today; it resets at 00:00 UTC."),
         "(That was all the AI for today; it resets at 00:00 UTC)"),
        (NotSetUp("AI isn't set up here yet."), ""), (Forbidden("AI is switched off here."), ""),
        (Unavailable("The ai module is not answering right now."), ""),
        (UnknownOutcome("The ai module is not answering right now."), "[ai: not answering]"),
        (UpstreamFailed("The AI is not answering right now."), "[ai: not answering]"),
    ],
)  # fmt: skip
async def test_without_an_answer_of_the_model(world: World, refusal: ServiceError, told: str) -> None:
    def refuse(_: ai.AskForCommand) -> ai.CommandAnswer:
        raise refusal

    world.others.answers[ai.AskForCommand] = refuse
    assert await said(world, "<$(ai hello)>") == f"<{told}>"


async def test_services_outside_are_asked_for_the_community(world: World) -> None:
    async with outside() as there:
        around = replace(world.parts.around, sources=there.sources)
        running = world.parts.alias.running
        world.chat.service = replace(
            world.parts.alias, running=replace(running, texts=replace(running.texts, around=around))
        )
        there.tracks = {"name": "Blue", "artist": {"#text": "Joni Mitchell"}, "url": "https://x.test"}
        sky = "Singapore: Clear, 50 F (10 C), wind NW 5 MPH, humidity 40%"
        assert await said(world, "$(weather $(query))", "Singapore") == sky
        assert await said(world, "$(weather Atlantis)") == "[weather: no such place]"
        assert await said(world, '$(lastfm grace "{{title}}, {{artist}}")') == "Blue, Joni Mitchell"
        assert await said(world, "$(tft euw Grace Hopper#EUW)") == "Grace Hopper#EUW's current rank: Unranked"


async def test_what_is_not_set_up_says_so(world: World) -> None:
    assert await said(world, "$(lastfm grace)") == "[lastfm: not set up on this server]"
    assert await said(world, "$(steam grace)") == "[steam: not set up on this server]"
    assert await said(world, "$(leagueoflegends a#1 euw)") == "[leagueoflegends: not set up on this server]"
    assert await said(world, "$(tft a#1 euw)") == "[tft: not set up on this server]"
