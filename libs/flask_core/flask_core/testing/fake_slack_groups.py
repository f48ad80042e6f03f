"""User groups of the fake Slack, which a free plan has not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask_core.testing.fake_slack import FakeWorkspace

type Fields = dict[str, Any]
_WRITE = "usergroups:write"


def listed(workspace: FakeWorkspace, given: Fields) -> Fields:
    """Groups, those that are switched off only when they are asked for."""
    off = str(given.get("include_disabled", "")).lower() in {"true", "1"}
    return {"usergroups": [
        {"id": one, "handle": handle, "name": handle.title(), "date_delete": int(one in workspace.groups_off)}
        for one, (handle, _) in workspace.groups.items() if off or one not in workspace.groups_off
    ]}  # fmt: skip


def members(workspace: FakeWorkspace, given: Fields) -> Fields:
    """Who is in a group."""
    group = workspace.groups.get(str(given.get("usergroup")))
    return {"users": list(group[1])} if group else {"error": "no_such_subteam"}


def update(workspace: FakeWorkspace, given: Fields) -> Fields:
    """These are the members now; a group without members is none."""
    if word := _refusal(workspace, given):
        return word
    users = [user for user in str(given.get("users", "")).split(",") if user]
    if not users:
        return {"error": "no_users_provided"}
    if any(user not in workspace.members for user in users):
        return {"error": "invalid_users"}
    workspace.groups[str(given["usergroup"])][1][:] = users
    return {"usergroup": {"id": given["usergroup"]}}


def switch(workspace: FakeWorkspace, given: Fields, *, on: bool) -> Fields:
    """Switch a group on or off."""
    if word := _refusal(workspace, given):
        return word
    (workspace.groups_off.discard if on else workspace.groups_off.add)(str(given["usergroup"]))
    return {"usergroup": {"id": given["usergroup"]}}


def _refusal(workspace: FakeWorkspace, given: Fields) -> Fields:
    if _WRITE not in workspace.scopes:
        return {"error": "missing_scope", "needed": _WRITE}
    if workspace.free_plan:
        return {"error": "paid_teams_only"}
    return {} if given.get("usergroup") in workspace.groups else {"error": "no_such_subteam"}
