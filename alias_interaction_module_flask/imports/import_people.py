"""What imports hold about people: who began them; and in raw answers and comparisons whoever was in that chat."""

from __future__ import annotations

from typing import Any

from flask_core.database import Tx

_NOBODY = "deleted member"
_OF_A_COMMUNITY = ("import_links", "import_tokens", "import_states", "shadows", "shadow_runs", "imports")


def export(tx: Tx, person_id: str) -> dict[str, list[dict[str, Any]]]:
    """The imports that a person began; nothing for one who began none."""
    found = tx.rows(
        "SELECT community_id, source, channel, created_at FROM imports WHERE person_id = ? ORDER BY id", person_id
    )
    told = [
        {"community": here, "source": source, "channel": channel, "created_at": at.isoformat()}
        for here, source, channel, at in found
    ]
    return {"imports": told} if told and person_id else {}


def erase(tx: Tx, person_id: str, accounts: tuple[tuple[str, str], ...]) -> dict[str, int]:
    """Imports lose who began them; rows about their accounts go, and comparisons go all, for they name nobody by id."""
    counts = {"imports": 0, "import_rows": 0, "shadow_runs": tx.run("DELETE FROM shadow_runs")}
    if person_id:
        tx.run("DELETE FROM import_states WHERE person_id = ?", person_id)
        tx.run("DELETE FROM shadows WHERE person_id = ?", person_id)
        sql = "UPDATE imports SET person_id = '', person_name = ? WHERE person_id = ?"
        counts["imports"] = tx.run(sql, _NOBODY, person_id)
    for platform, user_id in accounts:
        mine = f'"platform":"{platform}","user_id":"{user_id}"'
        counts["import_rows"] += tx.run(
            "DELETE FROM import_rows WHERE kind = 'regular' AND becomes LIKE ?", f"%{mine}%"
        )  # fmt: skip
        tx.run("DELETE FROM import_links WHERE kind = 'regular' AND base LIKE ?", f"%{mine}%")
        tx.run("DELETE FROM import_pages WHERE part = 'regulars' AND answer LIKE ?", f'%"{user_id}"%')
    return {table: number for table, number in counts.items() if number}


def erase_community(tx: Tx, community_id: int) -> dict[str, int]:
    """Everything of a community."""
    counts = {
        table: tx.run(f"DELETE FROM {table} WHERE community_id = ?", community_id)  # noqa: S608
        for table in _OF_A_COMMUNITY
    }
    return {table: number for table, number in counts.items() if number}
