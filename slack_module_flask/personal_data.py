"""What slack holds about people: forms that wait for them, and their names for a day."""

from __future__ import annotations

from flask_core.audit_people import actors_of
from flask_core.contracts import module
from flask_core.personal_data import PersonalDataKeeper
from flask_core.shared_state import SharedState
from slack_module_flask.audit_repository import AuditRepository
from slack_module_flask.form_repository import FormRepository
from slack_module_flask.workspaces import Workspaces

KEPT = (
    "forms that wait for you on Slack, without what you type",
    "workspaces that you connected or set up, for 400 days",
)


class PersonalData(PersonalDataKeeper):
    """Everything is keyed by workspace and user."""

    def __init__(
        self, forms: FormRepository, workspaces: Workspaces, audit: AuditRepository, shared: SharedState
    ) -> None:
        self._forms = forms
        self._workspaces = workspaces
        self._audit = audit
        self._shared = shared

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """Forms that wait, and what they changed."""
        changed = await self._audit.of_actors(actors_of(asked))
        return module.PersonData({"forms": await self._forms.of_accounts(_users(asked)), "changes": changed})

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """Forms, the remembered name, and who changed what."""
        users = _users(asked)
        await self._shared.delete(*(f"slack:person:{team}:{user}" for team, user in users))
        changes = await self._audit.erase(actors_of(asked), users)
        return module.Receipt({"forms": await self._forms.erase(users), "changes": changes})

    async def merge(self, _: module.MergeMembers) -> module.Receipt:
        """Nothing is keyed by member."""
        return module.Receipt({})

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """Nothing is keyed by member."""
        return module.Receipt({})

    async def erase_community(self, community_id: int) -> module.Receipt:
        """Its forms, and its use of workspaces; one that nobody uses any more stays the operator's."""
        forms = await self._forms.erase_community(community_id)
        await self._audit.erase_community(community_id)
        used = await self._workspaces.used_by(community_id)
        for workspace in used:
            await self._workspaces.repository.leave(workspace.team_id, community_id)
        await self._workspaces.changed()
        return module.Receipt({"forms": forms, "workspace_communities": len(used)})


def _users(asked: module.PersonAccounts) -> list[tuple[str, str]]:
    """Teams and users out of Slack account ids."""
    ids = [user_id for platform, user_id in asked.accounts if platform == "slack"]
    return [(team, user) for team, _, user in (one.partition(".") for one in ids) if user]
