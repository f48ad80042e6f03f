"""Roles on Slack: members are put into user groups and taken out, where the workspace lets the bot do that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from flask_core.contracts import slack
from flask_core.contracts.module import Delivery, DeliveryResult, DeliveryStatus
from flask_core.datamodels import GrantRole, Role
from slack_module_flask.group_repository import GroupRepository, MappedGroup
from slack_module_flask.scopes import GROUPS
from slack_module_flask.tests.conftest import GENERAL, Town, living

DONE, HELD, UNSUPPORTED = DeliveryStatus.DONE, DeliveryStatus.HELD_BEFORE, DeliveryStatus.UNSUPPORTED
REFUSED = DeliveryStatus.NOT_PERMITTED


@pytest_asyncio.fixture
async def paid(tmp_path: Path) -> AsyncIterator[Town]:
    """A workspace with a group of regulars, whose app may change groups."""
    async with living(f"sqlite://{tmp_path}/t.db", also={GROUPS}, SLACK_USER_GROUPS="true") as town:
        town.team.groups["S1"] = ("regulars", ["U1"])
        yield town


async def role(town: Town, number: int, operation: str, said: str = "S1", target: str = "T1.U2") -> DeliveryResult:
    action = GrantRole("grant" if operation == "grant" else "revoke", said, target)
    return (await town.deliver(Delivery(number, f"labels:role:{number}", GENERAL, action, town.community_id)))[0]


def regulars(town: Town) -> list[str]:
    return town.team.groups["S1"][1]


async def test_a_member_is_put_into_a_group_and_taken_out(paid: Town) -> None:
    for number, said in enumerate(("S1", "@Regulars", "<!subteam^S1|@regulars>")):
        assert (await role(paid, number, "grant", said)).status is (DONE if number == 0 else HELD)
    assert regulars(paid) == ["U1", "U2"]
    for number in (3, 4):
        assert (await role(paid, number, "revoke")).status is DONE
    assert regulars(paid) == ["U1"]


async def test_a_group_whose_last_member_goes_is_off_until_somebody_comes(paid: Town) -> None:
    assert (await role(paid, 1, "revoke", target="T1.U1")).status is DONE
    assert paid.team.groups_off == {"S1"}
    assert (await role(paid, 2, "revoke", target="T1.U1")).reason == "They did not have it."
    assert (await role(paid, 3, "grant")).status is DONE
    assert (paid.team.groups_off, regulars(paid)) == (set(), ["U2"])


async def test_a_group_that_people_switched_off_stays_off(paid: Town) -> None:
    regulars(paid).append("U3")
    paid.team.groups_off.add("S1")
    refused = await role(paid, 1, "grant")
    assert (refused.status, refused.reason) == (REFUSED, "Somebody switched @regulars off in Slack.")


async def test_of_many_at_once_nobody_is_lost(paid: Town) -> None:
    for number in range(10, 20):
        paid.team.add_member(f"U{number}", f"person{number}")
    await asyncio.gather(*(role(paid, number, "grant", target=f"T1.U{number}") for number in range(10, 20)))
    assert set(regulars(paid)) == {"U1", *(f"U{number}" for number in range(10, 20))}


async def test_a_group_that_gives_power_is_nobodys_to_give(paid: Town) -> None:
    groups = GroupRepository(paid.inst.services["slack"].database)
    await groups.put("T1", MappedGroup("S1", "regulars", Role.MODERATOR))
    refused = await role(paid, 1, "grant")
    assert (refused.status, "moderators here" in refused.reason, regulars(paid)) == (REFUSED, True, ["U1"])


async def test_who_is_put_into_a_mapped_group_counts_at_once(paid: Town) -> None:
    groups = GroupRepository(paid.inst.services["slack"].database)
    await groups.put("T1", MappedGroup("S1", "regulars", Role.VIP))
    await role(paid, 1, "grant")
    assert (await paid.ask_as_module(slack.ROLE, slack.RoleQuery("T1", "U2"))).role is Role.VIP


async def test_what_is_not_there_is_said(paid: Town) -> None:
    found = [await role(paid, 1, "grant", "nobody"), await role(paid, 2, "grant", target="T8.U2"),
             await role(paid, 3, "grant", target="T1.U99")]  # fmt: skip
    assert {one.status for one in found} == {REFUSED}
    assert [one.reason for one in found] == [
        "This workspace has no such user group.", "They are not in this workspace.", "Slack knows no such user.",
    ]  # fmt: skip


async def test_a_workspace_of_others_is_not_changed(paid: Town) -> None:
    action = GrantRole("grant", "S1", "T1.U2")
    (refused,) = await paid.deliver(Delivery(1, "labels:role:1", GENERAL, action, 99))
    assert (refused.status, regulars(paid)) == (REFUSED, ["U1"])


async def test_a_free_plan_has_no_groups(paid: Town) -> None:
    paid.team.free_plan = True
    refused = await role(paid, 1, "grant")
    assert (refused.status, refused.reason) == (UNSUPPORTED, "User groups need a paid plan of Slack.")


async def test_the_right_is_asked_for_where_the_operator_wants_it(paid: Town, tmp_path: Path) -> None:
    assert GROUPS in (await paid.ask(slack.MANIFEST, slack.ManifestOf())).manifest["oauth_config"]["scopes"]["bot"]
    begun = await paid.ask(slack.START, slack.StartInstall(paid.community_id))
    assert "usergroups%3Awrite" in begun.url


async def test_without_the_right_nothing_is_tried(town: Town) -> None:
    town.team.groups["S1"] = ("regulars", ["U1"])
    refused = await role(town, 1, "grant")
    assert (refused.status, "usergroups:write" in refused.reason) == (UNSUPPORTED, True)
    assert "usergroups.users.update" not in town.slack.calls
