"""Makes slack's services out of what every module has."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.app_factory import Service
from flask_core.claims import ClaimKeeper, instance_of
from flask_core.delivering import Delivering
from flask_core.handover import Handover
from flask_core.sending_repository import SendingRepository
from flask_core.spool import SpoolRepository
from slack_module_flask.audit_repository import AuditRepository
from slack_module_flask.behind import Behind
from slack_module_flask.budgets import Budgets
from slack_module_flask.chatting import Chatting
from slack_module_flask.clicks import Clicks
from slack_module_flask.config import Config
from slack_module_flask.connections import Connections
from slack_module_flask.feedback import Feedback
from slack_module_flask.form_repository import FormRepository
from slack_module_flask.forms import Forms
from slack_module_flask.grant_repository import GrantRepository
from slack_module_flask.granting import Granting
from slack_module_flask.grants import Grants
from slack_module_flask.group_repository import GroupRepository
from slack_module_flask.handbook import Handbook
from slack_module_flask.home import Home
from slack_module_flask.intake import Intake
from slack_module_flask.inviting import Inviting
from slack_module_flask.listening import Listening
from slack_module_flask.lookups import Lookups
from slack_module_flask.moderating import Moderating, safe_twice
from slack_module_flask.newcomers import Newcomers
from slack_module_flask.news import News
from slack_module_flask.people import People
from slack_module_flask.receiving import Receiver
from slack_module_flask.responses import Responses
from slack_module_flask.scopes import wanted
from slack_module_flask.settling import Settling
from slack_module_flask.slash import Slash
from slack_module_flask.snippets import Snippets
from slack_module_flask.sockets import KIND, Sockets
from slack_module_flask.speaking import Speaking
from slack_module_flask.telling import Telling
from slack_module_flask.upkeep import Upkeep
from slack_module_flask.web_api import WebApi
from slack_module_flask.workspace_repository import WorkspaceRepository
from slack_module_flask.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Slack:
    """Everything that slack does."""

    receiver: Receiver
    intake: Intake
    handover: Handover
    delivering: Delivering
    grants: Grants
    connections: Connections
    settling: Settling
    audit: AuditRepository
    lookups: Lookups
    chatting: Chatting
    workspaces: Workspaces
    people: People
    forms: FormRepository
    upkeep: Upkeep
    behind: Behind
    sockets: Sockets
    claims: ClaimKeeper | None
    api: WebApi

    async def close(self) -> None:
        """Bring to an end what is under way."""
        await self.sockets.close()
        await self.upkeep.leave()
        await self.behind.finish()
        await self.handover.close()
        await self.delivering.close()
        await self.api.close()


def wire(service: Service, config: Config) -> Slack:
    """All of it."""
    database, shared, sealer = service.database, service.shared, service.sealer
    client = (config.client_id, config.client_secret)
    api, behind, news = WebApi(config.api_url, shared), Behind(), News(shared, service.metrics.registry)
    workspaces = Workspaces(WorkspaceRepository(database, sealer), api, shared, client=client)
    groups, kept_forms = GroupRepository(database), FormRepository(database)
    people = People(workspaces, groups, shared)
    handover = Handover("slack", service.services, SpoolRepository(database, config.spool_limit), shared)
    responses = Responses(shared, sealer, api, workspaces)
    forms = Forms(kept_forms, workspaces, people, handover, sealer)
    transport = "Socket Mode" if config.over_sockets else "HTTPS"
    handbook, audit, budgets = Handbook(service.services), AuditRepository(database), Budgets(shared)
    telling = Telling(workspaces, service.services, shared)
    feedback = Feedback(workspaces, forms, handbook, telling, shared, behind)
    slash = Slash(
        handover, people, responses, handbook, feedback, Inviting(workspaces, responses, shared), news, behind,
        transport=transport, public_url=config.portal_address,
    )  # fmt: skip
    clicks = Clicks(workspaces, forms, feedback, slash, responses, handover, behind)
    newcomers = Newcomers(service.services, people, shared)
    home = Home(workspaces, forms, handbook, newcomers, shared, public_url=config.portal_address)
    listening = Listening(workspaces, people, handover, home, newcomers, news, behind)
    intake = Intake(workspaces, listening, slash, clicks, shared, news, telling, behind)
    speaking = Speaking(
        workspaces, responses, forms, Moderating(workspaces, config.moderator_token),
        Granting(workspaces, groups, people, shared), Snippets(workspaces, api),
        budgets=budgets,
    )  # fmt: skip
    delivering = Delivering(speaking.do, SendingRepository(database), safe_twice=safe_twice)
    upkeep = Upkeep(
        workspaces, people, kept_forms, telling, audit, shared, bot_token=config.bot_token, forget=delivering.forget_old
    )  # fmt: skip
    grants = Grants(
        GrantRepository(database), audit, workspaces, api, upkeep, client=client, redirect=config.redirect_url,
        scopes=wanted(user_groups=config.user_groups),
    )  # fmt: skip
    sockets = Sockets(api, config.app_token, intake, config.sockets)
    connections = Connections(
        config, workspaces, grants, upkeep, newcomers, news, handover, sockets=sockets
    )  # fmt: skip
    settling = Settling(
        workspaces, upkeep, newcomers, news, audit, shared, services=service.services, bot_token=config.bot_token
    )
    claims = None
    if config.over_sockets and config.app_token:
        claims = ClaimKeeper(service.services, KIND, instance_of(config.port), sockets)
    return Slack(
        Receiver(config.signing_secret, intake), intake, handover, delivering, grants, connections, settling, audit,
        Lookups(workspaces, people), Chatting(connections, groups, people, workspaces, budgets, audit), workspaces,
        people, kept_forms, upkeep, behind, sockets, claims, api,
    )  # fmt: skip
