"""The rows of a person, in all tables of the router."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from flask_core.audit_people import changes_of
from flask_core.database import Tx
from router_module_flask.delivering.rows import escaped_like, kept_action, kept_delivery, words_of
from router_module_flask.moderation.filters import personal_repository as filters
from router_module_flask.moderation.rules.people import forget_people, move_people, written_by

type Accounts = Sequence[tuple[str, str]]
type Tables = dict[str, list[dict[str, Any]]]

_BY_MEMBER = ("messages", "module_runs", "nuke_acts", "traces")
_BY_ACTOR = ("audit", "nukes")
_TIMERS = ("timer_places", "timers", "timer_posts", "stream_states")
_OWN_EVENTS = "SELECT event_id FROM traces WHERE member_id = ?"
_OWN_RUNS = "SELECT execution_id FROM module_runs WHERE member_id = ?"


def export(tx: Tx, member_ids: Sequence[str], accounts: Accounts, person_id: str = "") -> Tables:
    """Tables by name with the rows of these members, and what was sent to these accounts."""
    found: Tables = {
        "messages": [], "traces": [], "module_runs": [], "nuke_acts": [], "deliveries": [], "timers": []
    }  # fmt: skip
    for member_id in member_ids:
        for table, columns, at in (
            ("messages", ("text",), "occurred_at"),
            ("traces", ("speaker", "channel", "message_type", "command", "outcome"), "occurred_at"),
            ("module_runs", ("module", "command", "outcome"), "ran_at"),
        ):
            listed = ", ".join((*columns, at))
            for *values, when in tx.rows(f"SELECT {listed} FROM {table} WHERE member_id = ? ORDER BY {at}", member_id):
                found[table].append({**dict(zip(columns, values, strict=True)), at: when.isoformat()})
        for *act, at in tx.rows(
            "SELECT n.act, a.channel, n.number, a.made_at FROM nuke_acts a JOIN nukes n"
            " ON n.community_id = a.community_id AND n.number = a.number WHERE a.member_id = ? ORDER BY a.made_at",
            member_id,
        ):  # fmt: skip
            found["nuke_acts"].append(
                {**dict(zip(("act", "channel", "number"), act, strict=True)), "made_at": at.isoformat()}
            )
    for name, texts, command, at in _authored(tx, "name, texts, command, changed_at", member_ids, person_id):
        found["timers"].append({"name": name, "texts": texts, "command": command, "changed_at": at.isoformat()})
    for _, channel, body, at in _sent_to(tx, member_ids, accounts):
        text = words_of(kept_action(body))
        found["deliveries"].append({"channel": channel, "text": text, "created_at": at.isoformat()})
    found["audit"] = changes_of(tx, [one for one in (*member_ids, person_id) if one])
    found["rules"] = written_by(tx, member_ids, person_id)
    return found | filters.export(tx, member_ids)


def erase(tx: Tx, member_ids: Sequence[str], accounts: Accounts, person_id: str = "") -> tuple[dict[str, int], bool]:
    """Rows erased by table, and whether ids of the person stay in the audit; again changes nothing more.

    A timer belongs to its community and goes on, without its author: a command of it has nobody's rights any more.
    """
    counts = dict.fromkeys(("deliveries", "executions", "listener_queue", "timers", *_BY_MEMBER), 0)
    for delivery_id, *_ in _sent_to(tx, member_ids, accounts):
        counts["deliveries"] += tx.run("DELETE FROM deliveries WHERE id = ?", delivery_id)
    for member_id in member_ids:
        counts["listener_queue"] += tx.run(f"DELETE FROM listener_queue WHERE event_id IN ({_OWN_EVENTS})", member_id)
        counts["executions"] += tx.run(f"DELETE FROM executions WHERE execution_id IN ({_OWN_RUNS})", member_id)
        for table in _BY_MEMBER:
            counts[table] += tx.run(f"DELETE FROM {table} WHERE member_id = ?", member_id)
    counts["rules"] = forget_people(tx, member_ids, person_id)
    for (timer_id,) in _authored(tx, "id", member_ids, person_id):
        counts["timers"] += tx.run(
            "UPDATE timers SET author = '', author_name = '', author_role = 0, author_assigned = 0 WHERE id = ?",
            timer_id,
        )
    counts |= filters.erase(tx, member_ids)
    acted = any(
        tx.value(f"SELECT 1 FROM {table} WHERE actor = ? LIMIT 1", actor)
        for actor in (*member_ids, person_id)
        if actor
        for table in _BY_ACTOR
    )
    return counts, acted


def move(tx: Tx, community_id: int, source: str, target: str) -> dict[str, int]:
    """Rows of `source` in one community become those of `target`."""
    counts = {
        table: tx.run(
            f"UPDATE {table} SET member_id = ? WHERE community_id = ? AND member_id = ?", target, community_id, source
        )
        for table in _BY_MEMBER
    }
    counts["rules"] = move_people(tx, community_id, source, target)
    counts["timers"] = tx.run(
        "UPDATE timers SET author = ? WHERE community_id = ? AND author = ?", target, community_id, source
    )
    for table in _BY_ACTOR:
        counts[table] = tx.run(
            f"UPDATE {table} SET actor = ? WHERE community_id = ? AND actor = ?", target, community_id, source
        )
    return counts | filters.move(tx, community_id, source, target)


def erase_community(tx: Tx, community_id: int) -> dict[str, int]:
    """Everything of a community."""
    counts = {
        "listener_queue": tx.run(
            "DELETE FROM listener_queue WHERE event_id IN (SELECT event_id FROM traces WHERE community_id = ?)",
            community_id,
        ),
        "executions": tx.run(
            "DELETE FROM executions WHERE execution_id IN (SELECT execution_id FROM module_runs WHERE community_id = ?)",
            community_id,
        ),
    }
    for table in (
        *_BY_MEMBER, "deliveries", "enablement", "command_overrides", "event_wishes", "community_settings", "number_sequences",
        "dynamic_sets", "dynamic_commands", "command_groups", "granted_scopes", "rules", *_TIMERS, *_BY_ACTOR,
    ):  # fmt: skip
        counts[table] = tx.run(f"DELETE FROM {table} WHERE community_id = ?", community_id)
    return counts | filters.erase_community(tx, community_id)


def channels_of(tx: Tx, community_id: int) -> list[str]:
    """Channels in which something of the community is recorded."""
    return [row[0] for row in tx.rows("SELECT DISTINCT channel FROM traces WHERE community_id = ?", community_id)]


def _sent_to(tx: Tx, member_ids: Sequence[str], accounts: Accounts) -> list[tuple[Any, ...]]:
    """(id, channel, body, time) of answers to the person's events and of what was sent to them unasked."""
    columns = "SELECT id, channel, body, created_at FROM deliveries"
    found = {
        row[0]: row
        for member_id in member_ids
        for row in tx.rows(f"{columns} WHERE event_id IN ({_OWN_EVENTS})", member_id)
    }
    for platform, user_id in accounts:
        for row in tx.rows(f"{columns} WHERE channel LIKE ? AND body LIKE ? ESCAPE '!'", *_naming(platform, user_id)):
            account = kept_delivery(row[2]).account
            if account is not None and account.user_id == user_id:
                found[row[0]] = row
    return [found[delivery_id] for delivery_id in sorted(found)]


def _authored(tx: Tx, columns: str, member_ids: Sequence[str], person_id: str) -> list[tuple[Any, ...]]:
    """Timers that the person wrote, in the portal or in chat."""
    authors = [author for author in (*member_ids, person_id) if author]
    return [row for author in authors for row in tx.rows(f"SELECT {columns} FROM timers WHERE author = ?", author)]


def _naming(platform: str, user_id: str) -> tuple[str, str]:
    """Patterns for channels of the platform and for JSON that may name the account."""
    named = msgspec.json.encode(user_id).decode()
    return f"{platform}:%", f'%"user_id":{escaped_like(named)}%'
