"""Looks up channels and speakers, and writes down speakers who were never seen before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from community_module_flask.models import MemberRow, Place, new_member_id
from community_module_flask.waiting import WAITS
from flask_core.contracts.community import GLOBAL_COMMUNITY, ContextCommunity
from flask_core.contracts.identity import FoundPerson
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Account, ChannelKey, Role

SEEN_EVERY = timedelta(hours=1)
_COMMUNITY = "c.id, c.slug, c.name, c.locale, c.time_zone, c.version, c.status, c.join_mode"
_MEMBER = "m.id, m.community_id, m.person_id, m.name, m.status, m.role, m.spoken, m.joined_at, m.last_seen_at, a.waits_as, a.waits_until"


class ContextRepository:
    """Reads by exact keys only; every write is one upsert per new member."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def places(self, keys: Sequence[str]) -> dict[str, Place]:
        """The communities of channels; a channel attached nowhere belongs to the global one."""
        return await self._database.read(lambda tx: {key: _place(tx, key) for key in keys})

    async def member(self, community_id: int, platform: str, user_id: str) -> MemberRow | None:
        """The member behind an account."""
        return await self._database.read(lambda tx: _member(tx, community_id, platform, user_id))

    async def welcome(
        self, community_id: int, platform: str, account: Account, person: FoundPerson, now: datetime, status: str
    ) -> MemberRow:
        """The member behind an account; a new row for one that was never seen here, also under a race."""
        return await self._database.write(lambda tx: _welcome(tx, community_id, platform, account, person, now, status))

    async def speak_first(self, member_id: str) -> bool:
        """True exactly once per member, over all replicas."""
        return bool(
            await self._database.write(
                lambda tx: tx.run(
                    "UPDATE community_members SET spoken = ? WHERE id = ? AND spoken = ?", True, member_id, False
                )
            )
        )

    async def seen(self, member_id: str, name: str, at: datetime) -> None:
        """Keep when a member was last seen, and under which name."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE community_members SET last_seen_at = ?, name = ? WHERE id = ? AND last_seen_at < ?",
                at,
                name,
                member_id,
                at,
            )
        )


def _place(tx: Tx, key: str) -> Place:
    """The channel's own home, else its server's, else the global community."""
    channel = ChannelKey.parse(key)
    row = tx.row(
        f"SELECT {_COMMUNITY}, ch.platform_roles, ch.version, ch.enabled FROM community_channels ch"
        " JOIN communities c ON c.id = ch.community_id WHERE ch.platform = ? AND ch.server_id = ? AND ch.channel_id = ?"
        " AND c.status = 'active'",
        channel.platform.value, channel.server_id, channel.channel_id,
    )  # fmt: skip
    if row is not None and row[10]:
        return Place(key, ContextCommunity(*row[:7]), bool(row[8]), True, row[9], row[7])
    if row is None and not channel.direct:
        # A conversation with one person is no channel of a server.
        row = _server(tx, channel.platform.value, channel.server_id)
        if row is not None:
            return Place(key, ContextCommunity(*row[:7]), True, True, row[8], row[7])
    row = tx.row(f"SELECT {_COMMUNITY} FROM communities c WHERE c.id = ?", GLOBAL_COMMUNITY)
    assert row is not None
    return Place(key, ContextCommunity(*row[:7]), True, False, 0)


def _server(tx: Tx, platform: str, server_id: str) -> tuple[Any, ...] | None:
    return tx.row(
        f"SELECT {_COMMUNITY}, s.version FROM community_servers s JOIN communities c ON c.id = s.community_id"
        " WHERE s.platform = ? AND s.server_id = ? AND c.status = 'active'",
        platform, server_id,
    )  # fmt: skip


def _member(tx: Tx, community_id: int, platform: str, user_id: str) -> MemberRow | None:
    row = tx.row(
        f"SELECT {_MEMBER} FROM community_member_accounts a JOIN community_members m ON m.id = a.member_id"
        " WHERE a.community_id = ? AND a.platform = ? AND a.user_id = ?",
        community_id, platform, user_id,
    )  # fmt: skip
    return None if row is None else member_row(row)


def member_row(row: tuple[Any, ...]) -> MemberRow:
    """A row of the columns that all member queries share."""
    member_id, community_id, person_id, name, status, role, spoken, *times = row
    return MemberRow(member_id, community_id, person_id, name, status, Role(role), bool(spoken), *times)


def _welcome(
    tx: Tx, community_id: int, platform: str, account: Account, person: FoundPerson, now: datetime, status: str
) -> MemberRow:
    known = _member(tx, community_id, platform, account.user_id)
    if known is not None:
        return known
    member_id, made = member_for(tx, community_id, account.name, person, now, status)
    taken = tx.run(
        "INSERT INTO community_member_accounts (community_id, platform, user_id, member_id, login, display_name, home,"
        " waits_as, waits_until) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
        community_id, platform, account.user_id, member_id, account.login, account.display_name,
        "" if person.person_id else member_id, person.linked_at + WAITS if person.linked_at else None,
    )  # fmt: skip
    if made and not taken:
        # Another replica was faster: its row counts, ours never had an account.
        tx.run("DELETE FROM community_members WHERE id = ?", member_id)
    member = _member(tx, community_id, platform, account.user_id)
    assert member is not None
    return member


def member_for(
    tx: Tx, community_id: int, name: str, person: FoundPerson, now: datetime, status: str
) -> tuple[str, bool]:
    """The member of a person, or a new one; and whether it was made now."""
    known = _of_person(tx, community_id, person.person_id)
    if known is not None:
        return known, False
    member_id = new_member_id()
    made = tx.run(
        "INSERT INTO community_members (id, community_id, person_id, name, status, role, spoken, joined_at,"
        " last_seen_at) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?) ON CONFLICT DO NOTHING",
        member_id, community_id, person.person_id or None, name, status, False, now, now,
    )  # fmt: skip
    # Another account of the person may have spoken first at this very moment.
    return (member_id, True) if made else (str(_of_person(tx, community_id, person.person_id)), False)


def _of_person(tx: Tx, community_id: int, person_id: str) -> str | None:
    found: str | None = tx.value(
        "SELECT id FROM community_members WHERE community_id = ? AND person_id = ? AND forwards_to IS NULL",
        community_id, person_id,
    )  # fmt: skip
    return found
