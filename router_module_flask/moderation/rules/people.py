"""Members in rules: who wrote them, and whom they exempt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from flask_core.contracts.rules import Exempt
from flask_core.database import Tx
from router_module_flask.delivering.rows import escaped_like
from router_module_flask.moderation.rules.authors import author_of

_exempt = msgspec.json.Decoder(Exempt)


def written_by(tx: Tx, member_ids: Sequence[str], person_id: str) -> list[dict[str, Any]]:
    """Rules that these members, or the person, wrote or are exempt from; for an export."""
    found = []
    for author in _authors(member_ids, person_id):
        for number, pattern, at in tx.rows(
            "SELECT number, pattern, created_at FROM rules WHERE author = ? ORDER BY created_at", author
        ):
            found.append({"number": number, "pattern": pattern, "created_at": at.isoformat()})
    for member_id in member_ids:
        for _, number, exempt, at in _exempting(tx, member_id):
            if member_id in exempt.members:
                found.append({"number": number, "exempt": True, "created_at": at.isoformat()})
    return found


def forget_people(tx: Tx, member_ids: Sequence[str], person_id: str) -> int:
    """Rules stay without their author, so their commands run no more, and exempt nobody who is gone."""
    changed = sum(
        tx.run("UPDATE rules SET author = '' WHERE author = ?", author) for author in _authors(member_ids, person_id)
    )
    return changed + sum(_rename(tx, member_id, "", None) for member_id in member_ids)


def move_people(tx: Tx, community_id: int, source: str, target: str) -> int:
    """What was the source's is the target's."""
    changed = tx.run(
        "UPDATE rules SET author = ? WHERE community_id = ? AND author = ?",
        author_of(None, target), community_id, author_of(None, source),
    )  # fmt: skip
    return changed + _rename(tx, source, target, community_id)


def _authors(member_ids: Sequence[str], person_id: str) -> list[str]:
    people = [author_of(person_id)] if person_id else []
    return [author_of(None, member_id) for member_id in member_ids] + people


def _exempting(tx: Tx, member_id: str) -> list[tuple[int, int, Exempt, Any]]:
    named = f'%"{escaped_like(member_id)}"%'
    rows = tx.rows("SELECT community_id, number, exempt, created_at FROM rules WHERE exempt LIKE ? ESCAPE '!'", named)
    return [(community_id, number, _exempt.decode(exempt), at) for community_id, number, exempt, at in rows]


def _rename(tx: Tx, member_id: str, target: str, only_in: int | None) -> int:
    changed = 0
    for community_id, number, exempt, _ in _exempting(tx, member_id):
        if member_id not in exempt.members or only_in not in {None, community_id}:
            continue
        renamed = (target if known == member_id else known for known in exempt.members)
        members = tuple(dict.fromkeys(known for known in renamed if known))
        changed += tx.run(
            "UPDATE rules SET exempt = ?, version = version + 1 WHERE community_id = ? AND number = ?",
            msgspec.json.encode(msgspec.structs.replace(exempt, members=members)).decode(), community_id, number,
        )  # fmt: skip
    return changed
