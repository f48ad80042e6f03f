"""What alias holds about people: who made and changed commands."""

from __future__ import annotations

from typing import Any

from alias_interaction_module_flask.imports import import_people
from flask_core.audit_people import changes_of, forget_actors
from flask_core.contracts import module
from flask_core.database import AsyncDAL, Tx
from flask_core.personal_data import PersonalDataKeeper

KEPT = ("commands you made or changed", "imports you began, and what you typed while two bots were compared")
_NOBODY = "deleted member"
# Who stands in which column, and the name beside it.
_PLACES = (
    ("commands", "created_by", "created_name"),
    ("commands", "updated_by", "updated_name"),
    ("command_history", "editor", "editor_name"),
)
_OF_A_COMMUNITY = (
    "commands",
    "counters",
    "variables",
    "index_pushes",
    "audit",
    "response_tokens",
    "community_settings",
)


class PersonalData(PersonalDataKeeper):
    """Everything is keyed by member id, or person id before there is one; commands belong to the community and stay."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """The commands of the person's members, and each step of theirs."""
        return module.PersonData(
            await self._database.read(
                lambda tx: (
                    _export(tx, _ids(asked))
                    | {"audit": changes_of(tx, _ids(asked))}
                    | import_people.export(tx, asked.person_id)
                )
            )
        )

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """Commands lose the names of who made and changed them."""

        def unit(tx: Tx) -> dict[str, int]:
            counts = {"commands": 0, "command_history": 0}
            for member_id in _ids(asked):
                for table, who, name in _PLACES:
                    counts[table] += tx.run(
                        f"UPDATE {table} SET {who} = '', {name} = ? WHERE {who} = ?",  # noqa: S608
                        _NOBODY, member_id,
                    )  # fmt: skip
            counts["audit"] = forget_actors(tx, _ids(asked))
            return counts | import_people.erase(tx, asked.person_id, asked.accounts)

        counts = await self._database.write(unit)
        kept = {"commands": "kept for the community, without your name"} if counts["commands"] else {}
        return module.Receipt(counts, kept)

    async def merge(self, asked: module.MergeMembers) -> module.Receipt:
        """What the source made is the target's from now on."""

        def unit(tx: Tx) -> dict[str, int]:
            mine = "SELECT id FROM commands WHERE community_id = ?"
            counts: dict[str, int] = {"commands": 0, "command_history": 0}
            for table, who, _ in _PLACES:
                where = "community_id = ?" if table == "commands" else f"command_id IN ({mine})"
                counts[table] += tx.run(
                    f"UPDATE {table} SET {who} = ? WHERE {who} = ? AND {where}",  # noqa: S608
                    asked.target, asked.source, asked.community_id,
                )  # fmt: skip
            tx.run(
                "UPDATE audit SET actor = ? WHERE actor = ? AND community_id = ?",
                asked.target, asked.source, asked.community_id,
            )  # fmt: skip
            return counts

        return module.Receipt(await self._database.write(unit))

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """What was joined cannot be told apart again; what the source does from now on is its own."""
        return module.Receipt({})

    async def erase_community(self, community_id: int) -> module.Receipt:
        """Everything of a community; history and uses go with their commands."""
        return module.Receipt(
            await self._database.write(
                lambda tx: (
                    {
                        table: tx.run(f"DELETE FROM {table} WHERE community_id = ?", community_id)  # noqa: S608
                        for table in _OF_A_COMMUNITY
                    }
                    | import_people.erase_community(tx, community_id)
                )
            )
        )


def _ids(asked: module.PersonAccounts) -> tuple[str, ...]:
    """Under which ids the person changed something; the portal's people need not be members yet."""
    return tuple(one for one in (*asked.member_ids, asked.person_id) if one)


def _export(tx: Tx, member_ids: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"commands": [], "command_history": []}
    for member_id in member_ids:
        for community_id, name, body, at in tx.rows(
            "SELECT community_id, name, body, created_at FROM commands WHERE created_by = ? ORDER BY id", member_id
        ):
            found["commands"].append(
                {"community": community_id, "name": name, "body": body, "created_at": at.isoformat()}
            )
        for name, version, did, at in tx.rows(
            "SELECT c.name, h.version, h.did, h.at FROM command_history h JOIN commands c ON c.id = h.command_id"
            " WHERE h.editor = ? ORDER BY h.at, h.version",
            member_id,
        ):
            found["command_history"].append({"name": name, "version": version, "did": did, "at": at.isoformat()})
    return found
