"""Community hears who moderates a channel: on a change, and once a day; never for every line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from flask_core.contracts import community
from flask_core.datamodels import Account, Event, MessageType, Role
from flask_core.encryption import Sealer, new_key
from flask_core.errors import InvalidInput, ServiceError, Unavailable
from flask_core.runtime import Runtime
from flask_core.shared_state import open_shared_state
from flask_core.testing.installation import Installation, until
from flask_core.testing.plugin import MakeDatabase
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.models import ConnectedChannel, Notification, SeenRole
from twitch_module_flask.platform_roles import PlatformRoles
from twitch_module_flask.role_repository import RoleRepository
from twitch_module_flask.tests.conftest import Stream

FOLDER = Path(__file__).parents[1]
START = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
HERE = "twitch:1337:1337"
_REMEMBERED = "SELECT user_id, role FROM community_platform_roles"


@dataclass
class Chat:
    """Ann's channel, and a community that writes down what it is told."""

    repository: RoleRepository
    inst: Installation = field(default_factory=lambda: Installation(Runtime()))
    told: list[tuple[str, Role]] = field(default_factory=list)
    fails_with: ServiceError | None = None
    minutes: float = 0

    def __post_init__(self) -> None:
        @self.inst.fake("community").offers(community.PLATFORM_ROLES)
        async def remember(asked: community.PlatformRole, _: object) -> None:
            assert asked.channel == HERE
            if self.fails_with is not None:
                raise self.fails_with
            self.told.append((asked.user_id, asked.role))

        self.roles = self.replica()

    def replica(self) -> PlatformRoles:
        """A process of the module that knows nothing yet."""
        client, shared = self.inst.client("twitch"), open_shared_state("")
        return PlatformRoles(self.repository, client, shared, clock=lambda: self.minutes * 60)

    async def says(self, who: str, channel: str = HERE, **flags: bool) -> list[tuple[str, Role]]:
        """A line of somebody with these badges; what community was told since the start."""
        at = START + timedelta(minutes=self.minutes)
        await self.roles.spoke(Event(f"e-{who}", MessageType.CHAT, channel, at, Account(who, **flags), text="hi"))
        while await self.roles.tell_once():
            pass
        return self.told

    async def happens(self, kind: str, who: str, minutes: float | None = None) -> list[tuple[str, Role]]:
        """A notification about a role."""
        at = START + timedelta(minutes=self.minutes if minutes is None else minutes)
        said = {"subscription": {"type": kind}, "event": {"broadcaster_user_id": "1337", "user_id": who}}
        await self.roles.changed(Notification("m", "notification", at, said))
        await self.roles.tell_once()
        return self.told


@pytest_asyncio.fixture
async def chat(make_database: MakeDatabase) -> Chat:
    database = make_database(FOLDER)
    await AccountRepository(database, Sealer(new_key())).keep_channel(ConnectedChannel("1337", "ann", 2))
    return Chat(RoleRepository(database))


async def test_a_badge_is_told_once_and_viewers_are_not_told_about(chat: Chat) -> None:
    for _ in range(3):
        await chat.says("mo", moderator=True)
        await chat.says("eve", subscriber=True)
        await chat.says("vi", vip=True)
        await chat.says("1337", broadcaster=True)
    assert chat.told == [("mo", Role.MODERATOR), ("vi", Role.VIP), ("1337", Role.OWNER)]
    chat.roles = chat.replica()
    assert len(await chat.says("mo", moderator=True)) == 3


async def test_who_lost_the_badge_is_a_viewer_from_the_next_line_on(chat: Chat) -> None:
    await chat.says("mo", moderator=True)
    for _ in range(3):
        chat.minutes += 2
        await chat.says("mo")
    assert chat.told == [("mo", Role.MODERATOR), ("mo", Role.VIEWER)]
    assert await chat.repository.of_channel("1337") == {}


async def test_what_is_a_day_old_is_told_again_while_they_talk(chat: Chat) -> None:
    await chat.says("mo", moderator=True)
    chat.minutes = 23 * 60
    assert len(await chat.says("mo", moderator=True)) == 1
    chat.minutes = 25 * 60
    assert await chat.says("mo", moderator=True) == [("mo", Role.MODERATOR)] * 2
    assert len(await chat.says("mo", moderator=True)) == 2


async def test_a_streamer_gives_and_takes_roles_before_anybody_says_a_word(chat: Chat) -> None:
    await chat.happens("channel.moderator.add", "mo")
    await chat.happens("channel.vip.add", "vi")
    assert chat.told == [("mo", Role.MODERATOR), ("vi", Role.VIP)]
    chat.minutes = 1
    await chat.happens("channel.moderator.remove", "mo")
    await chat.happens("channel.vip.remove", "vi")
    # Of this one we never heard; community may have.
    await chat.happens("channel.moderator.remove", "zoe")
    assert chat.told[2:] == [("mo", Role.VIEWER), ("vi", Role.VIEWER), ("zoe", Role.VIEWER)]
    assert await chat.repository.of_channel("1337") == {}


async def test_a_vip_who_becomes_a_moderator_is_one_in_whichever_order_it_is_told(chat: Chat) -> None:
    await chat.happens("channel.vip.add", "vi")
    chat.minutes = 1
    await chat.happens("channel.moderator.add", "vi")
    assert (await chat.happens("channel.vip.remove", "vi"))[1:] == [("vi", Role.MODERATOR)]


async def test_an_older_word_does_not_undo_a_newer_one(chat: Chat) -> None:
    chat.minutes = 9
    await chat.happens("channel.moderator.add", "mo")
    assert await chat.happens("channel.moderator.remove", "mo", minutes=8) == [("mo", Role.MODERATOR)]


async def test_while_community_is_away_roles_wait_and_lines_do_not(chat: Chat) -> None:
    chat.fails_with = Unavailable("away")
    for who in ("mo", "max"):
        with pytest.raises(Unavailable):
            await chat.says(who, moderator=True)
    chat.minutes = 1
    with pytest.raises(Unavailable):
        await chat.happens("channel.moderator.remove", "mo")
    chat.fails_with = None
    assert await chat.says("eve") == [("max", Role.MODERATOR), ("mo", Role.VIEWER)]


async def test_what_community_refuses_is_not_told_for_ever(chat: Chat) -> None:
    chat.fails_with = InvalidInput("no")
    await chat.says("mo", moderator=True)
    chat.fails_with = None
    assert await chat.says("mo", moderator=True) == []


async def test_many_are_told_in_rounds(chat: Chat) -> None:
    for number in range(25):
        await chat.roles.spoke(Event("e", MessageType.CHAT, HERE, START, Account(f"mo{number}", moderator=True)))
    assert [await chat.roles.tell_once() for _ in range(3)] == [True, True, False]
    assert len(chat.told) == 25


async def test_a_channel_that_is_not_connected_any_more_has_no_roles(chat: Chat) -> None:
    assert await chat.says("mo", "twitch:9:9", moderator=True) == []


async def test_a_line_is_kept_though_its_role_could_not_be(chat: Chat) -> None:
    class Away(RoleRepository):
        async def of_channel(self, _: str) -> dict[str, SeenRole]:
            raise Unavailable("The database is away.")

    chat.roles = PlatformRoles(Away(chat.repository._database), chat.inst.client("twitch"), open_shared_state(""))
    line = Event("e", MessageType.CHAT, HERE, START, Account("mo", moderator=True))
    await chat.roles.spoke(line)
    with pytest.raises(Unavailable):
        await chat.happens("channel.moderator.add", "mo")


async def comes_to_know(stream: Stream, roles: dict[str, Role]) -> None:
    """Wait until this is what community remembers for the portal, by user."""
    database = stream.inst.services["community"].database
    async with asyncio.timeout(10):
        while dict(await database.read(lambda tx: tx.rows(_REMEMBERED))) != roles:  # noqa: ASYNC110 - another module's rows
            await asyncio.sleep(0.01)


async def test_badges_and_notifications_reach_community_through_the_webhook(stream: Stream) -> None:
    stream.twitch.echoes = False
    mo, pat = stream.twitch.add_user("78", "mo"), stream.twitch.add_user("79", "pat")
    await stream.answer(mo, "!ping", badges=["moderator"])
    assert await gave(stream, "channel.moderator.add", pat.id) == 204
    await comes_to_know(stream, {"78": Role.MODERATOR, "79": Role.MODERATOR})
    assert await gave(stream, "channel.moderator.remove", pat.id) == 204
    await comes_to_know(stream, {"78": Role.MODERATOR})


async def test_our_bot_may_say_more_from_the_moment_it_moderates(stream: Stream) -> None:
    bot = stream.twitch.add_user("900", "waddlebot")
    grant = await stream.start("bot")
    stream.twitch.approve(grant.user_code, bot)
    await stream.ended(grant)
    await until(lambda: "GET /helix/moderation/channels" in stream.twitch.calls)
    await gave(stream, "channel.moderator.add", bot.id)
    assert (await stream.status()).channels[0].bot_is_moderator
    await gave(stream, "channel.moderator.remove", bot.id)
    assert not (await stream.status()).channels[0].bot_is_moderator


async def test_a_role_without_its_fields_is_refused(stream: Stream) -> None:
    assert await stream.twitch.notify("channel.vip.add", {"broadcaster_user_id": "1337"}) == 400


async def gave(stream: Stream, kind: str, user_id: str) -> int:
    """The streamer gives or takes a role."""
    said: dict[str, Any] = {"broadcaster_user_id": "1337", "user_id": user_id, "user_login": "x", "user_name": "X"}
    return await stream.twitch.notify(kind, said)
