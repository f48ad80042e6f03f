"""The rows of a person, in all tables of community."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_core.database import Tx
from flask_core.datamodels import Role

type Accounts = Sequence[tuple[str, str]]
type Tables = dict[str, list[dict[str, Any]]]

NOBODY = "deleted member"


def members_of(tx: Tx, person_id: str, accounts: Accounts) -> list[str]:
    """Member ids that are or were the person's: by person, by account, and those that became one of them."""
    found = {row[0] for row in tx.rows("SELECT id FROM community_members WHERE person_id = ?", person_id)}
    for key in accounts:
        for row in tx.rows(
            "SELECT member_id, home FROM community_member_accounts WHERE platform = ? AND user_id = ?", *key
        ):
            found |= {one for one in row if one}
    waiting = list(found)
    while waiting:
        became = tx.rows("SELECT id FROM community_members WHERE forwards_to = ?", waiting.pop())
        fresh = {row[0] for row in became} - found
        found |= fresh
        waiting += fresh
    return sorted(found)


def owned_by(tx: Tx, member_ids: Sequence[str]) -> list[str]:
    """Names of the communities that one of these members owns."""
    return [
        row[0]
        for member_id in member_ids
        for row in tx.rows(
            "SELECT c.name FROM community_members m JOIN communities c ON c.id = m.community_id"
            " WHERE m.id = ? AND m.role = ? AND c.status = 'active' ORDER BY c.id",
            member_id, Role.OWNER.value,
        )
    ]  # fmt: skip


def export(tx: Tx, member_ids: Sequence[str], accounts: Accounts, person_id: str) -> Tables:
    """Memberships, accounts seen, bans, roles that platforms showed, and what the person changed."""
    found: Tables = {
        name: [] for name in ("members", "accounts", "bans", "requests", "invitations", "platform_roles", "audit")
    }
    for member_id in member_ids:
        found["members"] += _told(
            tx, "community name status role joined_at last_seen_at",
            "SELECT c.name, m.name, m.status, m.role, m.joined_at, m.last_seen_at FROM community_members m"
            " JOIN communities c ON c.id = m.community_id WHERE m.id = ?", member_id,
        )  # fmt: skip
        found["accounts"] += _told(
            tx, "community_id platform user_id login display_name",
            "SELECT community_id, platform, user_id, login, display_name FROM community_member_accounts"
            " WHERE member_id = ? ORDER BY platform, user_id", member_id,
        )  # fmt: skip
        found["bans"] += _told(
            tx, "community_id reason banned_at expires_at lifted_at",
            "SELECT community_id, reason, banned_at, expires_at, lifted_at FROM community_bans WHERE member_id = ?"
            " ORDER BY id", member_id,
        )  # fmt: skip
        found["requests"] += _told(
            tx, "community_id message state reason asked_at decided_at",
            "SELECT community_id, message, state, reason, asked_at, decided_at FROM community_requests"
            " WHERE member_id = ? ORDER BY id", member_id,
        )  # fmt: skip
        found["invitations"] += _told(
            tx, "community_id role uses made_at expires_at",
            "SELECT community_id, role, uses, made_at, expires_at FROM community_invitations"
            " WHERE invited_by = ? OR member_id = ? ORDER BY id", member_id, member_id,
        )  # fmt: skip
    for key in accounts:
        found["platform_roles"] += _told(
            tx, "channel role seen_at",
            "SELECT channel, role, seen_at FROM community_platform_roles WHERE platform = ? AND user_id = ?"
            " ORDER BY channel", *key,
        )  # fmt: skip
    for actor in _actors(member_ids, person_id):
        found["audit"] += _told(
            tx, "community_id action target before after at",
            "SELECT community_id, action, target, before, after, at FROM community_audit WHERE actor = ? ORDER BY id",
            actor,
        )  # fmt: skip
    return found


def _told(tx: Tx, names: str, select: str, *values: Any) -> list[dict[str, Any]]:
    """Rows as JSON, under the names that stand in `names`."""
    return [
        {
            name: one.isoformat() if isinstance(one, datetime) else one
            for name, one in zip(names.split(), row, strict=True)
        }
        for row in tx.rows(select, *values)
    ]


def erase(
    tx: Tx, member_ids: Sequence[str], accounts: Accounts, person_id: str
) -> tuple[dict[str, int], list[tuple[int, str, tuple[tuple[str, str], ...]]]]:
    """Rows erased or made nameless by table, and the memberships that ended: community, member, accounts."""
    counts = dict.fromkeys(
        ("members", "accounts", "bans", "bans_kept", "requests", "invitations", "platform_roles", "audit"), 0
    )
    ended = [(place, member_id, _accounts(tx, member_id)) for place, member_id in _places(tx, member_ids)]
    for actor in _actors(member_ids, person_id):
        counts["audit"] += tx.run("UPDATE community_audit SET actor = ? WHERE actor = ?", NOBODY, actor)
        tx.run("UPDATE community_bans SET banned_by = ? WHERE banned_by = ?", NOBODY, actor)
        tx.run("UPDATE community_requests SET decided_by = ? WHERE decided_by = ?", NOBODY, actor)
    for member_id in member_ids:
        tx.run("DELETE FROM community_merges WHERE source = ? OR target = ?", member_id, member_id)
        tx.run("DELETE FROM community_outbox WHERE source = ? OR target = ?", member_id, member_id)
        counts["requests"] += tx.run("DELETE FROM community_requests WHERE member_id = ?", member_id)
        counts["invitations"] += tx.run(
            "DELETE FROM community_invitations WHERE invited_by = ? OR member_id = ?", member_id, member_id
        )
        counts["bans"] += tx.run(
            "DELETE FROM community_bans WHERE member_id = ? AND lifted_at IS NOT NULL", member_id
        )  # fmt: skip
        if _banned(tx, member_id):
            _keep_ban(tx, member_id, counts)
        else:
            _forget(tx, member_id, counts)
    for key in accounts:
        counts["platform_roles"] += tx.run(
            "DELETE FROM community_platform_roles WHERE platform = ? AND user_id = ?", *key
        )
    return counts, ended


def _actors(member_ids: Sequence[str], person_id: str) -> list[str]:
    return [one for one in (*member_ids, person_id) if one]


def _places(tx: Tx, member_ids: Sequence[str]) -> list[tuple[int, str]]:
    return [
        (row[0], member_id)
        for member_id in member_ids
        for row in tx.rows("SELECT community_id FROM community_members WHERE id = ?", member_id)
    ]


def _accounts(tx: Tx, member_id: str) -> tuple[tuple[str, str], ...]:
    rows = tx.rows("SELECT platform, user_id FROM community_member_accounts WHERE member_id = ?", member_id)
    return tuple((row[0], row[1]) for row in rows)


def _banned(tx: Tx, member_id: str) -> bool:
    return tx.value("SELECT 1 FROM community_bans WHERE member_id = ? AND lifted_at IS NULL", member_id) is not None


def _keep_ban(tx: Tx, member_id: str, counts: dict[str, int]) -> None:
    """A ban holds without the name and without its reason: by the account's id alone."""
    counts["bans_kept"] += tx.run(
        "UPDATE community_bans SET reason = '' WHERE member_id = ? AND lifted_at IS NULL", member_id
    )
    tx.run("UPDATE community_members SET name = ?, person_id = NULL WHERE id = ?", NOBODY, member_id)
    tx.run("UPDATE community_member_accounts SET login = '', display_name = '' WHERE member_id = ?", member_id)


def _forget(tx: Tx, member_id: str, counts: dict[str, int]) -> None:
    counts["accounts"] += tx.run("DELETE FROM community_member_accounts WHERE member_id = ?", member_id)
    tx.run("UPDATE community_member_accounts SET home = '' WHERE home = ?", member_id)
    counts["members"] += tx.run("DELETE FROM community_members WHERE id = ?", member_id)
