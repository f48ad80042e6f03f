"""What other modules tell in tests, and what a text says then."""

from __future__ import annotations

from datetime import timedelta

from alias_interaction_module_flask.tests.conftest import START, World
from flask_core.contracts import community, twitch, twitch_lookups
from flask_core.errors import NotFound


def channels(world: World, *keys: str) -> None:
    """The community's channels."""
    listed = tuple(community.Channel(key, 2, "Penguins") for key in keys)
    world.others.answers[community.CommunityId] = lambda _: community.ChannelList(listed)


def on_air(world: World, **facts: object) -> None:
    """Twitch knows the channel 7, and whose it is."""

    def user(asked: twitch.UserQuery) -> twitch.UserFacts:
        if asked.login not in {"", "penguins"}:
            raise NotFound("No such user.")
        return twitch.UserFacts(asked.id or "7", "penguins", "Penguins", START - timedelta(days=400))

    world.others.answers[twitch.UserQuery] = user
    world.others.answers[twitch_lookups.ChannelId] = lambda asked: twitch_lookups.ChannelFacts(
        asked.id, "penguins", "Penguins", **facts
    )


async def said(world: World, text: str, words: str = "") -> str:
    """What a command with this text says."""
    await world.say(f"!cmd add x {text}")
    told = await world.runs("x", words)
    await world.say("!cmd remove x")
    return told
