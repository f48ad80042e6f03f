"""What somebody is told that community holds about them, and what is left of it when they go."""

from __future__ import annotations

from typing import Any

import pytest

from community_module_flask.tests.conftest import Town
from flask_core.contracts import community
from flask_core.contracts.module import ERASE, EXPORT, PersonAccounts, PersonData, Receipt
from flask_core.datamodels import Role
from flask_core.errors import Conflict

TWITCH, DISCORD, SLACK = "twitch:1:1", "discord:7:70", "slack:T1:C1"
KIM = PersonAccounts("request-1", (("twitch", "kim"), ("discord", "kimmy")), (), "person-kim")


async def told(town: Town, asked: PersonAccounts = KIM) -> PersonData:
    found: PersonData = await town.inst.client("identity").call("community", EXPORT, asked)
    return found


async def erased(town: Town, asked: PersonAccounts = KIM) -> Receipt:
    receipt: Receipt = await town.inst.client("identity").call("community", ERASE, asked)
    return receipt


async def everything(town: Town) -> str:
    """All that the tables say about members."""
    tables = ("members", "member_accounts", "bans", "audit", "platform_roles", "merges", "transfers")
    rows = await town.service.database.read(
        lambda tx: [tx.rows(f"SELECT * FROM community_{table}") for table in tables]
    )
    return str(rows)


async def world(town: Town) -> tuple[int, int]:
    """Kim is moderator in one community, banned with a reason in another, and Dee is in both."""
    one, two = await town.found("Pond"), await town.found("Lake")
    await town.attach(one.id, TWITCH)
    await town.attach(two.id, DISCORD)
    town.persons["twitch", "kim"] = town.persons["discord", "kimmy"] = "person-kim"
    town.persons["twitch", "dee"] = "person-dee"
    for channel in (TWITCH, DISCORD):
        await town.member(channel, "dee")
    await town.promote(one.id, await town.member(TWITCH, "kim"), Role.MODERATOR)
    banned = community.Ban(two.id, await town.member(DISCORD, "kimmy"), "threw fish at Dee")
    await town.ask(community.BAN, banned, "ann", home=two.id)
    dee = await town.member(TWITCH, "dee")
    await town.ask(community.BAN, community.Ban(one.id, dee, "spam"), "kim", home=one.id)
    await town.inst.client("twitch").call(
        "community", community.PLATFORM_ROLES, community.PlatformRole(TWITCH, "kim", Role.MODERATOR)
    )  # fmt: skip
    return one.id, two.id


def columns(found: PersonData, table: str, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in found.tables[table]]


@pytest.mark.promise("community.21")
async def test_the_export_lists_every_membership_and_nothing_of_others(town: Town) -> None:
    one, two = await world(town)
    found = await told(town)
    assert columns(found, "memberships", "community_id", "community", "status", "role") == [
        (one, "Pond", "active", "moderator"), (two, "Lake", "banned", "viewer"),
    ]  # fmt: skip
    assert columns(found, "accounts", "community_id", "platform", "user_id") == [
        (one, "twitch", "kim"), (two, "discord", "kimmy"),
    ]  # fmt: skip
    assert columns(found, "bans", "community_id", "reason") == [(two, "threw fish at Dee")]
    assert columns(found, "platform_roles", "channel", "role") == [(TWITCH, "moderator")]
    assert columns(found, "changes", "action", "after") == [("member.ban", "0 s")]
    others = await told(town, PersonAccounts("request-2", (("discord", "dee"),), (), ""))
    assert columns(others, "memberships", "community") == [("Lake",)]
    assert (await told(town, PersonAccounts("request-3", (("discord", "nobody"),), ("nobody",), "nobody"))).tables == {}


@pytest.mark.promise("community.21")
async def test_erasing_leaves_changes_under_a_made_up_name_and_a_ban_without_its_reason(town: Town) -> None:
    one, _ = await world(town)
    kim = await town.member(TWITCH, "kim")
    before = await town.member(DISCORD, "dee")
    receipt = await erased(town)
    assert receipt.counts["community_members"] == 2
    assert set(receipt.kept) == {"community_audit", "community_bans"}
    left = await everything(town)
    for word in ("person-kim", kim, "Kim", "threw fish"):
        assert word not in left
    actors = await town.service.database.read(
        lambda tx: tx.rows("SELECT actor FROM community_audit WHERE action = 'member.ban' AND community_id = ?", one)
    )
    (pseudonym,) = actors[0]
    assert pseudonym.startswith("erased-")
    assert pseudonym in str(
        await town.service.database.read(
            lambda tx: tx.rows("SELECT target FROM community_audit WHERE action = 'member.role'")
        )
    )
    banned = (await town.hear(DISCORD, "kimmy")).member
    assert banned is not None
    assert banned.status == "banned"
    fresh = (await town.hear(TWITCH, "kim")).member
    assert fresh is not None
    assert (fresh.id != kim, fresh.assigned_role, fresh.first_message) == (True, Role.VIEWER, True)
    assert await town.member(DISCORD, "dee") == before


@pytest.mark.promise("community.21")
async def test_erasing_twice_changes_nothing_more(town: Town) -> None:
    _, two = await world(town)
    await erased(town)
    again = await erased(town)
    assert (again.counts, list(again.kept)) == ({}, ["community_bans"])
    unbanned = community.MemberOf(two, await town.member(DISCORD, "kimmy"))
    await town.ask(community.UNBAN, unbanned, "ann", home=two)
    assert (await erased(town)).counts["community_members"] == 1
    assert (await told(town)).tables == {}


@pytest.mark.promise("community.21")
async def test_of_joined_members_nothing_stays_either(town: Town) -> None:
    made = await town.found("Pond")
    for channel in (TWITCH, DISCORD):
        await town.attach(made.id, channel)
    kim, kimmy = await town.member(TWITCH, "kim"), await town.member(DISCORD, "kimmy")
    await town.link("merge-1", "person-kim", ("twitch", "kim"), ("discord", "kimmy"))
    assert len((await told(town)).tables["memberships"]) == 2
    await erased(town, PersonAccounts("request-1", (), (kimmy,), "person-kim"))
    left = await everything(town)
    assert kim not in left
    assert kimmy not in left


async def test_an_owner_hands_over_first(town: Town) -> None:
    await town.found("Pond", "kim")
    with pytest.raises(Conflict, match="The person owns «Pond»"):
        await erased(town)
    assert (await told(town)).tables["memberships"]
