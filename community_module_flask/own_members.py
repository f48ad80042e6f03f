"""Under which members a person stands, and which communities they own: what identity's desk asks first."""

from __future__ import annotations

from collections.abc import Sequence

from flask_core.contracts.person_members import OWN_MEMBERS, OwnMembers, PersonOf
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from flask_core.operations import Caller, Endpoints


def own_members_endpoints(database: AsyncDAL) -> Endpoints:
    """What identity asks."""
    api = Endpoints()

    @api.offers(OWN_MEMBERS)
    async def own_members(asked: PersonOf, _: Caller) -> OwnMembers:
        def unit(tx: Tx) -> OwnMembers:
            found = _members_of(tx, asked)
            return OwnMembers(tuple(found), tuple(_owned_by(tx, found)))

        return await database.read(unit)

    return api


def _members_of(tx: Tx, asked: PersonOf) -> list[str]:
    """Member ids that are or were the person's: by person, by account, and those that became one of them."""
    found = {row[0] for row in tx.rows("SELECT id FROM community_members WHERE person_id = ?", asked.person_id)}
    for key in asked.accounts:
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


def _owned_by(tx: Tx, member_ids: Sequence[str]) -> list[str]:
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
