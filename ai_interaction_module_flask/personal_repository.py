"""The rows about people: listed, erased, moved; and all rows of a community."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_core.audit_people import changes_of, forget_actors
from flask_core.database import AsyncDAL, Tx

_ANSWER = "community_id, created_at, channel, kind, outcome, tokens, sources"
_OF_COMMUNITY = (
    "ai_secrets", "ai_budgets", "ai_usage", "ai_member_usage", "ai_answers", "ai_jobs", "ai_channels", "ai_wishes",
    "mcp_servers", "mcp_tools", "mcp_resources", "ai_translations",
    "community_settings", "audit",
)  # fmt: skip


class PersonalRepository:
    """By member id; changes by person as well."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def of_person(self, member_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Usage per day and answers without words."""

        def unit(tx: Tx) -> dict[str, list[dict[str, Any]]]:
            usage, answers = [], []
            for member_id in member_ids:
                for row in tx.rows(
                    "SELECT community_id, day, answers FROM ai_member_usage WHERE member_id = ? ORDER BY day", member_id
                ):
                    usage.append(dict(zip(("community", "day", "answers"), row, strict=True)))
                for row in tx.rows(f"SELECT {_ANSWER} FROM ai_answers WHERE member_id = ? ORDER BY id", member_id):
                    names = ("community", "at", "channel", "kind", "outcome", "tokens", "sources")
                    answers.append(dict(zip(names, row, strict=True)))
            return {"usage": usage, "answers": answers}

        return await self._database.read(unit)

    async def changes(self, actors: Sequence[str]) -> list[dict[str, Any]]:
        """What the person changed about the AI of a community."""
        return await self._database.read(lambda tx: changes_of(tx, actors))

    async def forget_changes(self, actors: Sequence[str]) -> int:
        """What was changed stays, without who did it."""
        return await self._database.write(lambda tx: forget_actors(tx, actors))

    async def talks(self, member_ids: Sequence[str]) -> list[tuple[int, str, str]]:
        """Community, channel and member of every place in which the person had answers."""
        sql = "SELECT DISTINCT community_id, channel FROM ai_answers WHERE member_id = ?"
        return await self._database.read(
            lambda tx: [(row[0], row[1], member_id) for member_id in member_ids for row in tx.rows(sql, member_id)]
        )

    async def erase(self, member_ids: Sequence[str]) -> dict[str, int]:
        """Counts go; so do answers, for nothing is left of them without the member."""

        def unit(tx: Tx) -> dict[str, int]:
            counts = dict.fromkeys(("ai_member_usage", "ai_answers", "ai_jobs"), 0)
            for table in counts:
                for member_id in member_ids:
                    counts[table] += tx.run(f"DELETE FROM {table} WHERE member_id = ?", member_id)
            return counts

        return await self._database.write(unit)

    async def move(self, community_id: int, source: str, target: str) -> dict[str, int]:
        """Give the source's rows to the target."""

        def unit(tx: Tx) -> dict[str, int]:
            days = tx.rows(
                "DELETE FROM ai_member_usage WHERE community_id = ? AND member_id = ? RETURNING day, answers",
                community_id, source,
            )  # fmt: skip
            for day, answers in days:
                tx.run(
                    "INSERT INTO ai_member_usage (community_id, member_id, day, answers) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (community_id, member_id, day)"
                    " DO UPDATE SET answers = ai_member_usage.answers + excluded.answers",
                    community_id, target, day, answers,
                )  # fmt: skip
            moved = tx.run(
                "UPDATE ai_answers SET member_id = ? WHERE community_id = ? AND member_id = ?",
                target, community_id, source,
            )  # fmt: skip
            return {"ai_member_usage": len(days), "ai_answers": moved}

        return await self._database.write(unit)

    async def erase_community(self, community_id: int) -> dict[str, int]:
        """Forget a whole community."""
        return await self._database.write(
            lambda tx: {
                table: tx.run(f"DELETE FROM {table} WHERE community_id = ?", community_id) for table in _OF_COMMUNITY
            }
        )
