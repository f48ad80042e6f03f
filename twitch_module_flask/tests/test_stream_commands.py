"""What people type about the stream, on Twitch and from Discord, and what the bot answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import pytest_asyncio

from flask_core.contracts import community, router
from flask_core.contracts.module import DELIVER, Deliveries, DeliveryResult, DeliveryResults, DeliveryStatus
from flask_core.datamodels import Account, Chat, Event, MessageType
from flask_core.operations import Caller
from flask_core.testing.installation import until
from twitch_module_flask.spans import age, position
from twitch_module_flask.tests.conftest import Stream
from twitch_module_flask.tests.helping import allow, eve

DISCORD = "discord:5:6"
NOW = datetime(2026, 11, 26, 20, tzinfo=UTC)
_ids = count()


class Guild:
    """Ann's community talks on Discord, too."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.said: list[str] = []

    async def open(self, community_id: int) -> None:
        """Its channel belongs to a community."""
        discord = self.stream.inst.fake("discord")

        @discord.offers(DELIVER)
        async def deliver(asked: Deliveries, _: Caller) -> DeliveryResults:
            self.said += [one.action.text for one in asked.items if isinstance(one.action, Chat)]
            return DeliveryResults(tuple(DeliveryResult(one.id, DeliveryStatus.DONE) for one in asked.items))

        attach = community.AttachChannel(community_id, DISCORD, "general")
        await self.stream.portal.client.call("community", community.ATTACH, attach, acting=self.stream.owner)

    async def answer(self, text: str, **flags: bool) -> str:
        """A line of Mia's, and the bot's words."""
        before = len(self.said)
        mia = Account("d9", "mia", "Mia", **flags)  # type: ignore[arg-type]
        event = Event(f"discord:message:{next(_ids)}", MessageType.CHAT, DISCORD, datetime.now(UTC), mia, text)
        await self.stream.inst.client("discord").call("router", router.INGEST, router.batch_of([event]))
        await until(lambda: len(self.said) > before, "an answer")
        return self.said[-1]


@pytest_asyncio.fixture
async def guild(stream: Stream) -> AsyncIterator[Guild]:
    """The Discord channel of Ann's community."""
    made = Guild(stream)
    await made.open(stream.community_id)
    yield made


async def test_everybody_may_ask_about_the_stream(stream: Stream) -> None:
    who = eve(stream)
    stream.twitch.go_live("1337", viewers=12, started_at=datetime.now(UTC) - timedelta(hours=2, minutes=14, seconds=5))
    stream.twitch.titles["1337"] = "Penguins!"
    assert await stream.answer(who, "!uptime") == "Live for 2 h 14 min."
    assert await stream.answer(who, "!viewers") == "12 viewers."
    assert await stream.answer(who, "!title") == "Penguins!"
    assert await stream.answer(who, "!game") == "The stream has no category."


async def test_after_the_stream_it_is_told_when_it_ended(stream: Stream) -> None:
    who = eve(stream)
    assert await stream.answer(who, "!uptime") == "Offline."
    about = {"broadcaster_user_id": "1337", "broadcaster_user_login": "teststreamer"}
    await stream.twitch.notify("stream.offline", about)
    assert (await stream.answer(who, "!viewers")).startswith("Offline. Last stream ended ")


async def test_how_long_somebody_follows_and_how_old_an_account_is(stream: Stream) -> None:
    who = eve(stream)
    stream.twitch.add_user("78", "mia")
    stream.twitch.followers["1337", "77"] = "2020-01-05T12:00:00Z"
    assert (await stream.answer(who, "!followage")).startswith("Eve has followed for ")
    assert await stream.answer(stream.ann, "!followage mia") == "Mia does not follow."
    assert "it is Teststreamer's own" in await stream.answer(stream.twitch.users["78"], "!followage teststreamer")
    assert "years" in await stream.answer(who, "!accountage mia")
    assert await stream.answer(stream.ann, "!accountage nobody_is_called_so") == "Nobody on Twitch is called so."


async def test_followers_that_may_not_be_read_are_not_guessed(stream: Stream) -> None:
    who = eve(stream)
    for token in stream.twitch.tokens.values():
        if token.user is not None:
            token.scopes.remove("moderator:read:followers")
    said = await stream.answer(who, "!followage")
    assert said == "I may not read followers here: reconnect Twitch in the portal."


async def test_moderators_set_title_and_category(stream: Stream) -> None:
    await allow(stream, "control")
    moderator, badges = eve(stream), ["moderator"]
    assert await stream.answer(moderator, "!settitle  A new   one", badges=badges) == "Title set."
    assert stream.twitch.titles["1337"] == "A new one"
    assert await stream.answer(moderator, "!title") == "A new one"
    assert await stream.answer(moderator, "!setgame just chatting", badges=badges) == "Category set: Just Chatting."
    assert await stream.answer(moderator, "!game") == "Just Chatting"
    said = await stream.answer(stream.ann, "!setgame Fortnit", badges=["broadcaster"])
    assert said == "No category like «Fortnit». Did you mean Fortnite?"
    said = await stream.answer(stream.ann, f"!settitle {'x' * 141}", badges=["broadcaster"])
    assert said == "A title has 1 to 140 characters; this one has 141."


async def test_who_may_not_or_whose_right_is_missing_is_told(stream: Stream) -> None:
    said = await stream.answer(stream.ann, "!settitle x", badges=["broadcaster"])
    assert "channel:manage:broadcast" in said
    assert "moderator" in await stream.answer(eve(stream), "!settitle x")
    assert stream.twitch.titles == {}


async def test_a_clip_and_a_marker(stream: Stream) -> None:
    await allow(stream, "control")
    who = eve(stream)
    assert await stream.answer(who, "!clip", badges=["subscriber"]) == "No stream to clip."
    stream.twitch.go_live("1337", started_at=datetime.now(UTC) - timedelta(seconds=3_753))
    assert (await stream.answer(stream.ann, "!marker wow", badges=["broadcaster"])).startswith("Marker at 1:02:")
    assert stream.twitch.did("marker")[0]["description"] == "wow"


async def test_an_announcement_is_the_answer(stream: Stream) -> None:
    await stream.chat(eve(stream), "!announce green Raid at nine", badges=["moderator"])
    await until(lambda: stream.twitch.did("announce"), "the announcement")
    (done,) = stream.twitch.did("announce")
    assert (done["message"], done["color"]) == ("Raid at nine", "green")


async def test_the_streamer_makes_vips(stream: Stream) -> None:
    await allow(stream, "control")
    eve(stream)
    assert await stream.answer(stream.ann, "!vip add eve", badges=["broadcaster"]) == "Eve is a VIP now."
    assert stream.twitch.vips == {("1337", "77")}
    stream.twitch.most_vips = 0
    mia = stream.twitch.add_user("78", "mia")
    assert "admin" in await stream.answer(mia, "!vip remove eve", badges=["moderator"])
    assert await stream.answer(stream.ann, "!vip remove eve", badges=["broadcaster"]) == "Eve is no VIP any more."
    assert stream.twitch.vips == set()


async def test_all_vip_places_may_be_taken(stream: Stream) -> None:
    await allow(stream, "control")
    eve(stream)
    stream.twitch.most_vips = 0
    said = await stream.answer(stream.ann, "!vip add eve", badges=["broadcaster"])
    assert said == "All VIP places are taken."


async def test_moderators_see_how_it_stands(stream: Stream) -> None:
    said = await stream.answer(eve(stream), "!twitch status", badges=["moderator"])
    assert said == "Chat ok, bot is moderator, 24 of 24 subscriptions, budget 90/90."


async def test_on_discord_the_communitys_twitch_channel_is_spoken_of(stream: Stream, guild: Guild) -> None:
    await allow(stream, "control")
    stream.twitch.go_live("1337", viewers=1)
    assert await guild.answer("!viewers") == "1 viewer."
    assert await guild.answer("!followage") == "Name somebody on Twitch: !followage <name>."
    eve(stream)
    assert await guild.answer("!accountage eve", moderator=True) != ""
    assert await guild.answer("!announce blue Hello", moderator=True) == "Announced in the chat of teststreamer."
    assert [one["message"] for one in stream.twitch.did("announce")] == ["Hello"]
    assert await guild.answer("!settitle From Discord", moderator=True) == "Title set."
    assert stream.twitch.titles["1337"] == "From Discord"


async def test_a_community_without_twitch_is_told_so(unconnected: Stream) -> None:
    guild = Guild(unconnected)
    await guild.open(unconnected.community_id)
    await until(lambda: "twitch" in unconnected.inst.runtime.modules)
    assert await guild.answer("!uptime") == "No Twitch channel in this community."


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (datetime(2025, 9, 26, 20, tzinfo=UTC), "1 year 2 months"), (datetime(2024, 11, 26, tzinfo=UTC), "2 years"),
        (datetime(2026, 10, 27, tzinfo=UTC), "30 days 20 h"), (datetime(2026, 10, 26, 20, tzinfo=UTC), "1 month"),
        (NOW - timedelta(hours=3), "3 h"), (NOW, "0 s"),
    ],
)  # fmt: skip
def test_ages_are_told_in_their_two_largest_units(since: datetime, said: str) -> None:
    assert age(since, NOW) == said


def test_a_position_is_told_as_players_show_it() -> None:
    assert [position(seconds) for seconds in (0, 3_753, 36_000)] == ["0:00:00", "1:02:33", "10:00:00"]
