"""Communities that end: deleted with their short name, brought back in time, and gone everywhere afterwards."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from community_module_flask.channel_repository import ChannelRepository
from community_module_flask.ending_repository import EndingRepository
from community_module_flask.endings import EndingJob, Endings
from community_module_flask.publishing import Publisher
from community_module_flask.tests.conftest import Town
from community_module_flask.tests.test_telling import Modules
from flask_core.contracts import community
from flask_core.contracts import community_endings as contract
from flask_core.contracts.community_endings import DeleteCommunity, RestoreCommunity
from flask_core.contracts.module import ERASE_COMMUNITY, CommunityOnly, Receipt
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, Gone, LimitReached, NotFound, Unavailable
from flask_core.operations import Caller
from flask_core.shared_state import open_shared_state

TWITCH, DISCORD, SLACK = "twitch:1:1", "discord:7:70", "slack:T1:C1"
NOW = datetime.now(UTC)


def on_day(town: Town, days: float) -> Endings:
    """A replica whose clock is `days` later."""
    service = town.service
    publisher = Publisher(service.shared, town.contexts(), service.database.after_commit)
    return Endings(
        EndingRepository(service.database), ChannelRepository(service.database), publisher, days=30, max_owned=5,
        now=lambda: NOW + timedelta(days=days),
    )  # fmt: skip


async def pond(town: Town, name: str = "Pond") -> int:
    """Ann's community on Twitch, where Dee writes and Mo is moderator."""
    made = await town.found(name)
    await town.attach(made.id, TWITCH)
    await settled(town, made.id, "dee")
    await settled(town, made.id, "mo", Role.MODERATOR)
    return made.id


async def settled(town: Town, community_id: int, who: str, role: Role = Role.VIEWER) -> str:
    """Somebody who writes on Twitch and has a portal account, too."""
    town.persons["twitch", who] = f"person-{who}"
    member_id = await town.member(TWITCH, who)
    if role:
        await town.promote(community_id, member_id, role)
    return member_id


@pytest.mark.promise("community.20")
async def test_in_chat_the_short_name_has_to_be_typed_again_within_a_minute(town: Town) -> None:
    await town.say("!community create Big Pond", "bea", TWITCH, broadcaster=True)
    asked = "This deletes «Big Pond» with its 1 members. Write !community delete big-pond within 60 s if you mean it."
    assert await town.say("!community delete big-pond", "bea", TWITCH) == asked
    wrong = "That is not its short name. Type big-pond to delete «Big Pond»."
    assert await town.say("!community delete pond", "bea", TWITCH) == wrong
    assert await town.say("!community delete big-pond", "bea", TWITCH) == asked
    number = (await town.hear(TWITCH, "bea")).community.id
    await town.service.shared.delete(f"community:delete:{number}:{await town.member(TWITCH, 'bea')}")
    assert await town.say("!community delete big-pond", "bea", TWITCH) == asked
    gone = await town.say("!community delete Big-Pond", "bea", TWITCH)
    assert gone.startswith("«Big Pond» is deleted, and this channel belongs to no community any more.")
    assert (await town.hear(TWITCH, "bea")).community.id == community.GLOBAL_COMMUNITY
    assert (await town.say("!community list", "bea", TWITCH)).startswith("You are in no community yet.")


@pytest.mark.promise("community.7")
@pytest.mark.promise("community.20")
async def test_nobody_but_the_owner_deletes(town: Town) -> None:
    made = await pond(town)
    await settled(town, made, "ada", Role.ADMIN)
    for word, verb in (("delete pond", "delete it"), ("transfer dee", "hand it over")):
        said = await town.say(f"!community {word}", "guest", TWITCH, broadcaster=True)
        assert said == f"Only the owner of this community can {verb}. You are viewer here."
    assert await town.say("!community delete pond", "ada", TWITCH) == "Only owners can do that."
    for who in ("ada", "eve"):
        with pytest.raises(Forbidden):
            await town.ask(contract.DELETE, DeleteCommunity(made, "pond"), who, home=made)
    with pytest.raises(Conflict, match="Type pond to delete"):
        await town.ask(contract.DELETE, DeleteCommunity(made, "ponds"), "ann", home=made)
    with pytest.raises(Forbidden):
        await on_day(town, 0).delete(community.GLOBAL_COMMUNITY, "global", "person-ann")


@pytest.mark.promise("community.20")
async def test_a_deleted_community_can_be_read_and_not_changed(town: Town) -> None:
    made = await pond(town)
    dee = await town.member(TWITCH, "dee")
    await town.ask(contract.DELETE, DeleteCommunity(made, "pond"), "ann", home=made)
    heard = await town.hear(TWITCH, "dee")
    assert (heard.community.id, heard.channel.known) == (community.GLOBAL_COMMUNITY, False)
    seen = await town.ask(community.GET, community.CommunityId(made), "dee", home=made)
    assert seen.deleted_at is not None
    assert (await town.ask(community.MEMBERS, community.ListMembers(made), "dee", home=made)).total == 3
    for operation, asked in (
        (community.PATCH, community.PatchCommunity(made, seen.version, name="Puddle")),
        (community.SET_ROLE, community.SetRole(made, dee, Role.VIP)),
        (community.BAN, community.Ban(made, dee)),
        (contract.TRANSFER, contract.BeginTransfer(made, dee, "pond")),
        (contract.DELETE, DeleteCommunity(made, "pond")),
    ):
        with pytest.raises(Gone, match="This community was deleted"):
            await town.ask(operation, asked, "ann", home=made)
    with pytest.raises(NotFound):
        await town.attach(made, SLACK)
    with pytest.raises(NotFound):
        await town.ask(community.GET, community.CommunityId(made), "eve", home=made)
    for module in ("router", "memories"):
        with pytest.raises(NotFound):
            await town.inst.client(module).call("community", community.GET, community.CommunityId(made))
    assert (await town.ask(community.LIST, community.ListCommunities("pond"), "eve")).items == ()
    listed = await town.inst.client("twitch").call(
        "community", community.TRIGGER_CHANNELS, community.PlatformChannels("twitch")
    )
    assert listed.items == ()


@pytest.mark.promise("community.20")
async def test_it_is_brought_back_on_day_29_with_everything_and_not_on_day_31(town: Town) -> None:
    made = await pond(town)
    mo = await town.member(TWITCH, "mo")
    await town.attach(made, SLACK)
    await town.ask(contract.DELETE, DeleteCommunity(made, "pond"), "ann", home=made)
    assert (await town.hear(SLACK, "dee")).community.id == community.GLOBAL_COMMUNITY
    (deleted,) = (await town.ask(contract.DELETED, contract.Nothing(), "ann")).items
    assert (deleted.id, deleted.name, deleted.until - deleted.deleted_at) == (made, "Pond", timedelta(days=30))
    assert (await town.ask(contract.DELETED, contract.Nothing(), "mo")).items == ()
    for who in ("mo", "eve"):
        with pytest.raises(NotFound):
            await town.ask(contract.RESTORE, RestoreCommunity(made), who)
    with pytest.raises(Gone):
        await on_day(town, 31).restore(RestoreCommunity(made), "person-ann")
    await on_day(town, 29).restore(RestoreCommunity(made), "person-ann")
    async with asyncio.timeout(10):
        # The other replica published it; here it is heard of at some moment.
        while (heard := await town.hear(TWITCH, "mo")).community.id != made:  # noqa: ASYNC110 - a question to the service, not an event of ours
            await asyncio.sleep(0)
    assert heard.member is not None
    assert (heard.member.id, heard.member.assigned_role) == (mo, Role.MODERATOR)
    assert await on_day(town, 31).end_due() == 0
    with pytest.raises(NotFound):
        await town.ask(contract.RESTORE, RestoreCommunity(made), "ann")


async def test_what_was_taken_meanwhile_stays_with_whoever_took_it(town: Town) -> None:
    made = await pond(town)
    await town.attach(made, SLACK)
    await town.ask(contract.DELETE, DeleteCommunity(made, "pond"), "ann", home=made)
    other = await town.found("Pond", "bea")
    await town.attach(other.id, SLACK)
    assert (await town.hear(SLACK, "dee")).community.id == other.id
    with pytest.raises(Conflict, match="The name is taken meanwhile"):
        await town.ask(contract.RESTORE, RestoreCommunity(made), "ann")
    back = await town.ask(contract.RESTORE, RestoreCommunity(made, "Old pond"), "ann")
    assert (back.name, back.slug, back.channels) == ("Old pond", "old-pond", 1)
    assert (await town.hear(TWITCH, "dee")).community.id == made
    assert (await town.hear(SLACK, "dee")).community.id == other.id


async def test_deleted_ones_do_not_count_and_cannot_make_six_of_five(town: Town) -> None:
    made = await pond(town)
    await town.ask(contract.DELETE, DeleteCommunity(made, "pond"), "ann", home=made)
    for _ in range(5):
        await town.found()
    with pytest.raises(LimitReached):
        await town.ask(contract.RESTORE, RestoreCommunity(made), "ann")


@pytest.mark.promise("community.20")
async def test_after_its_time_every_module_erases_it_and_then_it_goes_from_here(town: Town) -> None:
    modules, erased = Modules(town), list[tuple[str, int]]()
    for name in ("reputation", "memories"):

        @town.inst.fake(name).offers(ERASE_COMMUNITY)
        async def erase(asked: CommunityOnly, _: Caller, name: str = name) -> Receipt:
            if name in modules.away:
                raise Unavailable("Back soon.")
            erased.append((name, asked.community_id))
            return Receipt({})

    made, kept = await pond(town), await town.found("Kept")
    await town.attach(kept.id, DISCORD)
    await town.member(DISCORD, "dee")
    await town.ask(community.BAN, community.Ban(made, await town.member(TWITCH, "dee")), "ann", home=made)
    await town.inst.client("twitch").call(
        "community", community.PLATFORM_ROLES, community.PlatformRole(TWITCH, "mo", Role.MODERATOR)
    )  # fmt: skip
    await town.ask(contract.DELETE, DeleteCommunity(made, "pond"), "ann", home=made)
    assert await on_day(town, 29).end_due() == 0
    shared, modules.now = open_shared_state(""), NOW + timedelta(days=31)
    assert [await EndingJob(on_day(town, 31), shared).look() for _ in range(2)] == [1, 0]
    assert await on_day(town, 31).end_due() == 0
    modules.away.add("memories")
    await modules.a_minute_later()
    assert erased == [("reputation", made)]
    assert await rows_of(town, made)
    modules.away.clear()
    await modules.a_minute_later()
    assert erased == [("reputation", made), ("memories", made), ("reputation", made)]
    assert await rows_of(town, made) == {}
    assert {"community_members", "community_channels"} <= set(await rows_of(town, kept.id))
    erased.clear()
    await modules.a_minute_later()
    assert erased == []


async def rows_of(town: Town, community_id: int) -> dict[str, int]:
    """How many rows our tables have of a community; empty ones left out."""
    tables = [f"community_{name}" for name in ("members", "member_accounts", "channels", "bans", "audit", "outbox")]
    asked = {table: f"SELECT count(*) FROM {table} WHERE community_id = ?" for table in tables}
    asked["communities"] = "SELECT count(*) FROM communities WHERE id = ?"
    asked["platform_roles"] = "SELECT count(*) FROM community_platform_roles WHERE ? > 0"
    counted = await town.service.database.read(
        lambda tx: {table: tx.value(statement, community_id) for table, statement in asked.items()}
    )
    return {table: rows for table, rows in counted.items() if rows}
