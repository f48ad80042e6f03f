"""What community holds about a person: told, and gone, but for what has to stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from community_module_flask.tests.conftest import Town
from flask_core.contracts.module import ERASE, EXPORT, PersonAccounts, PersonData, Receipt
from flask_core.contracts.person_members import OWN_MEMBERS, OwnMembers, PersonOf
from flask_core.database import Tx
from flask_core.datamodels import Role
from flask_core.errors import Conflict

POND = "twitch:1:1"


async def members_of(town: Town, who: str) -> OwnMembers:
    asked = PersonOf(f"person-{who}", (("twitch", who),))
    found: OwnMembers = await town.inst.client("identity").call("community", OWN_MEMBERS, asked)
    return found


async def asked_for(town: Town, who: str) -> PersonAccounts:
    found = await members_of(town, who)
    return PersonAccounts("r1", (("twitch", who),), found.member_ids, f"person-{who}")


async def export(town: Town, who: str) -> PersonData:
    told: PersonData = await town.inst.client("identity").call("community", EXPORT, await asked_for(town, who))
    return told


async def erase(town: Town, who: str) -> Receipt:
    gone: Receipt = await town.inst.client("identity").call("community", ERASE, await asked_for(town, who))
    return gone


async def test_memberships_are_told_by_person_and_by_account_and_nothing_of_others(town: Town) -> None:
    pond = await town.found()
    await town.attach(pond.id, POND)
    dee, eve = await town.member(POND, "dee"), await town.member(POND, "eve")
    assert (await members_of(town, "dee")).member_ids == (dee,)
    assert (await members_of(town, "ann")).owns == (pond.name,)
    await town.promote(pond.id, dee, Role.MODERATOR)
    told = str((await export(town, "dee")).tables)
    assert "Dee" in told
    assert pond.name in told
    assert eve not in told
    assert "Eve" not in told
    assert "member.role" in str((await export(town, "ann")).tables["audit"])


async def test_who_merged_before_is_found_under_both_members(town: Town) -> None:
    pond = await town.found()
    await town.attach(pond.id, POND)
    await town.attach(pond.id, "discord:7:70")
    first, second = await town.member(POND, "dee"), await town.member("discord:7:70", "dan")
    await town.link("m1", "person-dee", ("twitch", "dee"), ("discord", "dan"))
    assert set((await members_of(town, "dee")).member_ids) == {first, second}


@pytest.mark.promise("community.21")
async def test_what_was_changed_stays_without_who_did_it_and_a_ban_without_its_reason(town: Town) -> None:
    pond = await town.found()
    await town.attach(pond.id, POND)
    for who in ("dee", "eve"):
        await town.hear(POND, who)
    dee, eve = await town.member(POND, "dee"), await town.member(POND, "eve")
    await town.promote(pond.id, dee, Role.MODERATOR)
    assert "banned" in await town.say("!community ban Eve 30d rude", "dee", POND)
    assert (await erase(town, "dee")).kept["audit"]
    assert "without your name" in (await erase(town, "eve")).kept["bans"]
    rows = await town.service.database.read(
        lambda tx: tx.rows("SELECT b.reason, b.banned_by, m.name FROM community_bans b JOIN community_members m"
                           " ON m.id = b.member_id")
    )  # fmt: skip
    assert rows == [("", "deleted member", "deleted member")]
    again = await town.hear(POND, "eve")
    assert again.member is not None
    assert again.member.status == "banned"
    fresh = await town.hear(POND, "dee")
    assert fresh.member is not None
    assert fresh.member.id not in {dee, eve}
    assert (fresh.member.first_message, fresh.member.assigned_role) == (True, Role.VIEWER)
    audit = await town.service.database.read(lambda tx: tx.rows("SELECT actor FROM community_audit"))
    assert dee not in str(audit)


async def test_whoever_owns_a_community_hands_it_over_first(town: Town) -> None:
    pond = await town.found()
    with pytest.raises(Conflict, match=f"Hand «{pond.name}» over first"):
        await erase(town, "ann")
    assert (await members_of(town, "ann")).owns == (pond.name,)


async def test_who_asked_to_come_in_and_who_invited_leaves_nothing_of_that(town: Town) -> None:
    pond = await town.found()
    await town.attach(pond.id, POND)
    dee = await town.member(POND, "dee")
    now = datetime.now(UTC)

    def unit(tx: Tx) -> None:
        tx.run(
            "INSERT INTO community_requests (community_id, member_id, message, platform, state, reason, decided_by,"
            " asked_at) VALUES (?, ?, 'let me in', 'twitch', 'open', '', '', ?)",
            pond.id, dee, now,
        )  # fmt: skip
        tx.run(
            "INSERT INTO community_invitations (community_id, token_hash, member_id, role, uses, max_uses, invited_by,"
            " made_at, expires_at) VALUES (?, ?, '', 0, 0, 1, ?, ?, ?)",
            pond.id, f"hash-{dee}", dee, now, now + timedelta(days=7),
        )  # fmt: skip

    await town.service.database.write(unit)
    told = (await export(town, "dee")).tables
    assert told["requests"][0]["message"] == "let me in"
    assert len(told["invitations"]) == 1
    counts = (await erase(town, "dee")).counts
    assert (counts["requests"], counts["invitations"], counts["members"]) == (1, 1, 1)
