"""A community ends, or a person takes everything back: nothing stays, here or at Twitch."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flask_core.contracts import module, twitch
from flask_core.datamodels import Account, Event, MessageType, Role
from flask_core.errors import Unavailable
from flask_core.spool import SpoolRepository
from flask_core.testing.installation import until
from twitch_module_flask.models import SeenRole
from twitch_module_flask.role_repository import RoleRepository
from twitch_module_flask.tests.conftest import Stream
from twitch_module_flask.tests.helping import HERE, add_bot

NOW = datetime.now(UTC).replace(microsecond=0)
ANN = module.PersonAccounts("r-1", (("twitch", "1337"), ("discord", "5")), (), "person-ann")


async def ends(stream: Stream) -> dict[str, int]:
    """The community is over; what community is told."""
    asked = module.CommunityOnly(stream.community_id)
    return (await stream.inst.client("community").call("twitch", module.ERASE_COMMUNITY, asked, timeout=20)).counts


async def erases(stream: Stream) -> module.Receipt:
    """Ann takes back what is known of her."""
    return await stream.inst.client("identity").call("twitch", module.ERASE, ANN, timeout=20)


async def rows(stream: Stream, table: str) -> int:
    """How many there are."""
    database = stream.inst.services["twitch"].database
    return int(await database.read(lambda tx: tx.value(f"SELECT count(*) FROM {table}")))


async def waits(stream: Stream, event_id: str, channel: str = HERE, who: str = "7") -> None:
    """A line that the router could not take yet."""
    spool = SpoolRepository(stream.inst.services["twitch"].database, 100)
    await spool.add([Event(event_id, MessageType.CHAT, channel, NOW, Account(who), text="hi")], NOW)


def signed_in(stream: Stream) -> set[str]:
    """Whose tokens Twitch still takes."""
    return stream.twitch.signed_in()


async def test_a_community_that_ended_leaves_nothing_here_or_at_twitch(stream: Stream) -> None:
    bot = await add_bot(stream)
    stream.inst.runtime.modules.pop("router")
    await waits(stream, "twitch:chat:1")
    await waits(stream, "twitch:chat:2", "twitch:5:5")
    counts = await ends(stream)
    assert (counts["accounts"], counts["channels"], counts["spool"], counts["grants"]) == (1, 1, 1, 1)
    assert signed_in(stream) == {bot.id}
    # A round that was under way may have asked for something still: the next one ends it.
    await until(lambda: not stream.enabled, "nothing to be told any more")
    assert [await rows(stream, table) for table in ("channels", "accounts", "spool", "platform_roles")] == [0, 1, 1, 0]
    assert (await stream.status()).channels == ()
    assert not any((await ends(stream)).values())
    audit = await stream.inst.services["twitch"].database.read(
        lambda tx: tx.rows("SELECT actor, action FROM audit WHERE community_id = ?", stream.community_id)
    )
    assert audit == [("community", "community.erase")]


async def test_while_twitch_is_away_nothing_is_forgotten_and_the_next_call_goes_on(stream: Stream) -> None:
    stream.twitch.fail_with = [500]
    with pytest.raises(Unavailable, match="Twitch"):
        await ends(stream)
    assert (await rows(stream, "channels"), await rows(stream, "accounts")) == (1, 1)
    assert (await ends(stream))["accounts"] == 1
    assert signed_in(stream) == set()
    await until(lambda: not stream.enabled, "nothing to be told any more")


async def test_a_channel_whose_account_is_the_bot_of_all_is_only_read_no_more(stream: Stream) -> None:
    grant = await stream.start("bot")
    stream.twitch.approve(grant.user_code, stream.ann)
    assert (await stream.ended(grant)).state is twitch.GrantState.CONNECTED
    counts = await ends(stream)
    assert (counts["accounts"], counts["channels"]) == (0, 1)
    assert signed_in(stream) == {"1337"}
    await until(lambda: not stream.enabled, "nothing to be told any more")


async def test_a_person_is_told_everything_and_takes_it_back(stream: Stream) -> None:
    stream.inst.runtime.modules.pop("router")
    roles = RoleRepository(stream.inst.services["twitch"].database)
    await roles.saw(SeenRole("1337", "1337", Role.OWNER, NOW), NOW)
    await waits(stream, "twitch:chat:1", who="1337")
    await waits(stream, "twitch:chat:2")
    told = await stream.inst.client("identity").call("twitch", module.EXPORT, ANN)
    shown = {table: len(found) for table, found in told.tables.items()}
    assert shown == {"accounts": 1, "channels": 1, "platform_roles": 1, "shoutouts": 0, "grants": 1, "audit": 1}
    assert told.tables["accounts"][0]["login"] == "teststreamer"
    assert "token" not in str(told.tables)
    receipt = await erases(stream)
    assert receipt.counts == {
        "accounts": 1, "channels": 1, "platform_roles": 0, "shoutouts": 0, "grants": 1, "spool": 1,
    }  # fmt: skip
    assert (signed_in(stream), await rows(stream, "channels")) == (set(), 0)
    await until(lambda: not stream.enabled, "nothing to be told any more")
    assert "400 days" in receipt.kept["audit"]
    assert not any((await erases(stream)).counts.values())
