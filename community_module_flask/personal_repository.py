"""Rows about one person, in every community: shown, and erased or made nameless."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, NamedTuple

from flask_core.contracts.module import PersonAccounts
from flask_core.database import Tx
from flask_core.datamodels import Role
from flask_core.errors import Conflict

type Rows = list[dict[str, Any]]

_NAMELESS = "deleted member"


def export(tx: Tx, asked: PersonAccounts) -> dict[str, Rows]:
    """Every membership with its accounts, bans, what platforms showed, and what the person changed."""
    members = members_of(tx, asked)
    found: dict[str, Rows] = {
        "memberships": [row for one in members for row in _membership(tx, one)],
        "accounts": [row for one in members for row in _accounts(tx, one)],
        "bans": [row for one in members for row in _bans(tx, one)],
        "requests": [row for one in members for row in _requests(tx, one)],
        "invitations": [row for one in members for row in _invitations(tx, one)],
        "platform_roles": [row for account in asked.accounts for row in _shown(tx, account)],
        "changes": [row for actor in _names(asked, members) for row in _changes(tx, actor)],
    }
    return {table: rows for table, rows in found.items() if rows}


def members_of(tx: Tx, asked: PersonAccounts) -> list[str]:
    """Ids of the person's members everywhere, also of those that were joined to another."""
    found: dict[str, None] = dict.fromkeys(
        row[0] for row in tx.rows("SELECT id FROM community_members WHERE person_id = ?", asked.person_id or None)
    )
    for account in asked.accounts:
        rows = tx.rows(
            "SELECT m.id FROM community_member_accounts a JOIN community_members m ON m.id = a.member_id"
            " WHERE a.platform = ? AND a.user_id = ? AND (m.person_id IS NULL OR m.person_id = ?)",
            *account, asked.person_id,
        )  # fmt: skip
        found.update(dict.fromkeys(row[0] for row in rows))
    for member_id in asked.member_ids:
        rows = tx.rows(
            "SELECT id FROM community_members WHERE id = ? AND (person_id IS NULL OR person_id = ?)",
            member_id, asked.person_id,
        )  # fmt: skip
        found.update(dict.fromkeys(row[0] for row in rows))
    for member_id in list(found):
        rows = tx.rows("SELECT id FROM community_members WHERE forwards_to = ?", member_id)
        found.update(dict.fromkeys(row[0] for row in rows))
    return list(found)


def _membership(tx: Tx, member_id: str) -> Rows:
    rows = tx.rows(
        "SELECT m.id, c.id, c.name, m.name, m.status, m.role, m.joined_at, m.last_seen_at FROM community_members m"
        " JOIN communities c ON c.id = m.community_id WHERE m.id = ?",
        member_id,
    )
    names = ("member_id", "community_id", "community", "name", "status", "role", "joined_at", "last_seen_at")
    return [{**dict(zip(names, row, strict=True)), "role": Role(row[5]).word} for row in rows]


def _accounts(tx: Tx, member_id: str) -> Rows:
    names = ("community_id", "platform", "user_id", "login", "display_name")
    rows = tx.rows(f"SELECT {', '.join(names)} FROM community_member_accounts WHERE member_id = ?", member_id)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _bans(tx: Tx, member_id: str) -> Rows:
    names = ("community_id", "reason", "banned_at", "expires_at", "lifted_at")
    rows = tx.rows(f"SELECT {', '.join(names)} FROM community_bans WHERE member_id = ? ORDER BY id", member_id)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _requests(tx: Tx, member_id: str) -> Rows:
    names = ("community_id", "message", "state", "reason", "asked_at", "decided_at")
    rows = tx.rows(f"SELECT {', '.join(names)} FROM community_requests WHERE member_id = ? ORDER BY id", member_id)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _invitations(tx: Tx, member_id: str) -> Rows:
    names = ("community_id", "role", "uses", "made_at", "expires_at")
    rows = tx.rows(
        f"SELECT {', '.join(names)} FROM community_invitations WHERE invited_by = ? OR member_id = ? ORDER BY id",
        member_id, member_id,
    )  # fmt: skip
    return [{**dict(zip(names, row, strict=True)), "role": Role(row[1]).word} for row in rows]


def _shown(tx: Tx, account: tuple[str, str]) -> Rows:
    names = ("channel", "role", "seen_at")
    rows = tx.rows(
        f"SELECT {', '.join(names)} FROM community_platform_roles WHERE platform = ? AND user_id = ?", *account
    )
    return [{**dict(zip(names, row, strict=True)), "role": Role(row[1]).word} for row in rows]


def _changes(tx: Tx, actor: str) -> Rows:
    names = ("community_id", "action", "target", "before", "after", "at")
    rows = tx.rows(f"SELECT {', '.join(names)} FROM community_audit WHERE actor = ? ORDER BY id", actor)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _names(asked: PersonAccounts, members: list[str]) -> list[str]:
    """How the audit may call the person."""
    accounts = [f"{platform}:{user_id}" for platform, user_id in asked.accounts]
    return [one for one in dict.fromkeys((asked.person_id, *asked.member_ids, *members, *accounts)) if one]


class Erased(NamedTuple):
    """Counts by table, (community, member) of all that changed, and the tables in which something stays."""

    counts: dict[str, int]
    changed: list[tuple[int, str]]
    stays: set[str]


def erase(tx: Tx, asked: PersonAccounts, now: datetime) -> Erased:
    """Changes keep a made-up name, bans no reason. Raises Conflict while the person owns a community."""
    members = members_of(tx, asked)
    for member_id in members:
        _must_not_own(tx, member_id)
    changed = [(tx.value("SELECT community_id FROM community_members WHERE id = ?", one), one) for one in members]
    counts = {"community_audit": _make_nameless(tx, _names(asked, members))}
    # Those that were joined to another first: it must not point to nothing.
    for member_id in reversed(members):
        for table, rows in _erase_member(tx, member_id, now).items():
            counts[table] = counts.get(table, 0) + rows
    for account in asked.accounts:
        shown = tx.run("DELETE FROM community_platform_roles WHERE platform = ? AND user_id = ?", *account)
        counts["community_platform_roles"] = counts.get("community_platform_roles", 0) + shown
    stays = {"community_audit"} if counts["community_audit"] else set[str]()
    if any(is_banned(tx, member_id, now) for member_id in members):
        stays.add("community_bans")
    return Erased({table: rows for table, rows in counts.items() if rows}, changed, stays)


def _must_not_own(tx: Tx, member_id: str) -> None:
    owned = tx.value(
        "SELECT c.name FROM communities c JOIN community_members m ON m.community_id = c.id WHERE m.id = ?"
        " AND m.role = 6 AND c.status = 'active'",
        member_id,
    )
    if owned is not None:
        raise Conflict(f"The person owns «{owned}». Hand it over or delete it first.")


def _make_nameless(tx: Tx, names: list[str]) -> int:
    """One made-up name for all lines of the person: what belongs together stays together."""
    pseudonym, lines = f"erased-{secrets.token_hex(6)}", 0
    for name in names:
        lines += tx.run("UPDATE community_audit SET actor = ? WHERE actor = ?", pseudonym, name)
        lines += tx.run("UPDATE community_audit SET target = ? WHERE target = ?", pseudonym, name)
        tx.run("UPDATE community_audit SET before = ? WHERE before = ?", pseudonym, name)
        tx.run("UPDATE community_audit SET after = ? WHERE after = ?", pseudonym, name)
        tx.run("UPDATE community_bans SET banned_by = ? WHERE banned_by = ?", pseudonym, name)
        tx.run("UPDATE community_requests SET decided_by = ? WHERE decided_by = ?", pseudonym, name)
    return lines


def is_banned(tx: Tx, member_id: str, now: datetime) -> bool:
    """Whether a ban of the member holds."""
    return bool(
        tx.value(
            "SELECT 1 FROM community_bans WHERE member_id = ? AND lifted_at IS NULL"
            " AND (expires_at IS NULL OR expires_at > ?)",
            member_id, now,
        )
    )  # fmt: skip


def _erase_member(tx: Tx, member_id: str, now: datetime) -> dict[str, int]:
    counts = {
        "community_transfers": tx.run(
            "DELETE FROM community_transfers WHERE owner_id = ? OR member_id = ?", member_id, member_id
        ),
        "community_merges": tx.run("DELETE FROM community_merges WHERE source = ? OR target = ?", member_id, member_id),
        "community_requests": tx.run("DELETE FROM community_requests WHERE member_id = ?", member_id),
        "community_invitations": tx.run(
            "DELETE FROM community_invitations WHERE invited_by = ? OR member_id = ?", member_id, member_id
        ),
    }
    if is_banned(tx, member_id, now):
        # The accounts stay, or the ban would end with the next message.
        return counts | {
            "community_bans": tx.run("DELETE FROM community_bans WHERE member_id = ? AND lifted_at < ?", member_id, now)
            + tx.run("UPDATE community_bans SET reason = '' WHERE member_id = ? AND reason <> ''", member_id),
            "community_member_accounts": tx.run(
                "UPDATE community_member_accounts SET login = '', display_name = '' WHERE member_id = ?"
                " AND (login <> '' OR display_name <> '')",
                member_id,
            ),
            "community_members": tx.run(
                "UPDATE community_members SET name = ?, person_id = NULL, role = 0 WHERE id = ? AND name <> ?",
                _NAMELESS, member_id, _NAMELESS,
            ),
        }  # fmt: skip
    counts["community_bans"] = tx.run("DELETE FROM community_bans WHERE member_id = ?", member_id)
    counts["community_member_accounts"] = tx.run("DELETE FROM community_member_accounts WHERE member_id = ?", member_id)
    counts["community_members"] = tx.run("DELETE FROM community_members WHERE id = ?", member_id)
    return counts
