"""What slack keeps, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from prometheus_client import CollectorRegistry

from flask_core.contracts.module import PersonAccounts
from flask_core.contracts.slack import WorkspaceSettings, WorkspaceState
from flask_core.datamodels import Form, FormField, Role
from flask_core.testing.installation import Installation, installation
from slack_module_flask.audit_repository import AuditRepository
from slack_module_flask.form_repository import FormRepository
from slack_module_flask.grant_repository import GrantRepository
from slack_module_flask.group_repository import GroupRepository, MappedGroup
from slack_module_flask.models import Channel, SentForm, Workspace
from slack_module_flask.personal_data import PersonalData
from slack_module_flask.wiring import wire
from slack_module_flask.workspace_repository import WorkspaceRepository
from slack_module_flask.workspaces import NEVER

NOW = datetime(2036, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def inst(database_url: str) -> AsyncIterator[Installation]:
    async with installation(["slack_module_flask"], database_url) as made:
        yield made


@pytest_asyncio.fixture
async def workspaces(inst: Installation) -> WorkspaceRepository:
    service = inst.services["slack"]
    return WorkspaceRepository(service.database, service.sealer)


def team(team_id: str = "T1", token: str = "xoxb-1") -> Workspace:
    return Workspace(
        team_id, "Penguins", "UBOT", "B1", token, ("chat:write",), NOW, NEVER, refresh_token="r", person_id="ben"
    )


async def test_a_workspace_is_kept_with_sealed_tokens_and_keeps_its_settings(
    inst: Installation, workspaces: WorkspaceRepository
) -> None:
    await workspaces.keep(team())
    settings = WorkspaceSettings(slash_public=True, notice_channel="C1")
    audit = AuditRepository(inst.services["slack"].database)
    await audit.set_settings("T1", WorkspaceSettings(), settings, community_id=2, by="ann", now=NOW)
    await workspaces.keep(team(token="xoxb-2"))
    found = await workspaces.one("T1")
    assert found is not None
    assert (found.bot_token, found.refresh_token, found.settings, found.expires_at) == ("xoxb-2", "r", settings, NEVER)
    database = inst.services["slack"].database
    assert "xoxb" not in str(await database.read(lambda tx: tx.rows("SELECT bot_token FROM workspaces")))


async def test_who_was_taken_out_has_no_tokens_and_goes_after_a_while(workspaces: WorkspaceRepository) -> None:
    await workspaces.keep(team())
    assert await workspaces.set_state("T1", WorkspaceState.UNINSTALLED, "gone", NOW)
    assert not await workspaces.set_state("T1", WorkspaceState.UNINSTALLED, "gone", NOW)
    found = await workspaces.one("T1")
    assert found is not None
    assert (found.bot_token, found.refresh_token) == ("", "")
    assert await workspaces.long_gone(NOW) == []
    assert await workspaces.long_gone(NOW + HOUR) == ["T1"]
    await workspaces.put_channels("T1", [Channel("T1", "C1", "general", "public", True, False)])
    await workspaces.use("T1", 2)
    await workspaces.forget("T1")
    assert await workspaces.all() == []
    assert await workspaces.channels("T1") == []


async def test_who_uses_a_workspace(workspaces: WorkspaceRepository) -> None:
    await workspaces.keep(team())
    for community in (2, 3, 3):
        await workspaces.use("T1", community)
    assert sorted(await workspaces.users_of()) == [("T1", 2), ("T1", 3)]
    assert [await workspaces.leave("T1", community) for community in (2, 3)] == [1, 0]


async def test_a_state_is_taken_once(inst: Installation) -> None:
    grants = GrantRepository(inst.services["slack"].database)
    await grants.add("hash", "ann", 2, NOW + HOUR, NOW)
    assert await grants.take("hash", NOW) == ("ann", 2)
    assert await grants.take("hash", NOW) is None
    await grants.add("old", "ann", 2, NOW, NOW - HOUR)
    assert await grants.take("old", NOW) is None


async def test_groups_are_mapped_and_cleared(inst: Installation, workspaces: WorkspaceRepository) -> None:
    await workspaces.keep(team())
    groups = GroupRepository(inst.services["slack"].database)
    for role in (Role.VIP, Role.MODERATOR):
        await groups.put("T1", MappedGroup("S1", "helpers", role))
    assert await groups.of("T1") == [MappedGroup("S1", "helpers", Role.MODERATOR)]
    await groups.clear("T1")
    assert await groups.of("T1") == []


def form(number: int, user: str = "U2", until: datetime = NOW + HOUR) -> SentForm:
    asked = Form("Event", (FormField("title", "Title"),), "event make")
    return SentForm(f"f{number}", "T1", "C1", "slack:T1:C1", 2, user, "calendar", asked, until)


async def test_a_form_is_open_until_it_is_done_or_over(inst: Installation) -> None:
    forms = FormRepository(inst.services["slack"].database)
    for number in (1, 2):
        await forms.add(form(number))
        await forms.add(form(number))
    assert await forms.find("f1", NOW) == form(1)
    assert await forms.find("f1", NOW + HOUR) is None
    assert [await forms.set_done("f1", True), await forms.set_done("f1", True)] == [True, False]
    assert [one.form_id for one in await forms.open_of("T1", "U2", NOW)] == ["f2"]
    await forms.forget(NOW + HOUR)
    assert await forms.find("f2", NOW - HOUR) is None


async def test_personal_data_is_told_and_erased(inst: Installation) -> None:
    service = inst.services["slack"]
    forms = FormRepository(service.database)
    await forms.add(form(1))
    await forms.add(form(2, "U3"))
    service.metrics.registry = CollectorRegistry()
    made = wire(service, service.config)  # type: ignore[arg-type]
    data = PersonalData(forms, made.workspaces, made.audit, service.shared)
    await WorkspaceRepository(service.database, service.sealer).keep(team())
    await made.audit.note(2, "ben", "workspace.use", "T1", NOW)
    asked = PersonAccounts("r", accounts=(("slack", "T1.U2"), ("twitch", "7")), person_id="ben")
    told = await data.export(asked)
    at = NOW.isoformat()
    assert told.tables == {
        "forms": [{"channel": "slack:T1:C1", "module": "calendar", "until": (NOW + HOUR).isoformat()}],
        "changes": [
            {"action": "workspace.use", "target": "T1", "at": at},
            {"action": "workspace.connect", "target": "T1", "at": at},
        ],
    }
    assert (await data.erase(asked)).counts == {"forms": 1, "changes": 2}
    assert (await data.export(asked)).tables == {"forms": [], "changes": []}
    assert (await data.erase_community(2)).counts == {"forms": 1, "workspace_communities": 0}
    await made.close()
