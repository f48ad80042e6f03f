"""Puts the parts of AI together, for the app and for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ai_interaction_module_flask.answering import PATIENCE, Answering, Kept
from ai_interaction_module_flask.answers_to_chat import Ai, Replies
from ai_interaction_module_flask.asking import Asking
from ai_interaction_module_flask.budget_repository import BudgetRepository
from ai_interaction_module_flask.channels import Channels
from ai_interaction_module_flask.chatting import Chatting
from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.completing import Completing
from ai_interaction_module_flask.config import Config
from ai_interaction_module_flask.configuring import Configuring
from ai_interaction_module_flask.conversations import Conversations
from ai_interaction_module_flask.endpoints import Doors
from ai_interaction_module_flask.health import ModelHealth
from ai_interaction_module_flask.job_repository import JobRepository
from ai_interaction_module_flask.language_guess import LanguageGuess
from ai_interaction_module_flask.lazily import Lazily
from ai_interaction_module_flask.looking import Looking
from ai_interaction_module_flask.notices import Notices
from ai_interaction_module_flask.operator_tools import operator_servers
from ai_interaction_module_flask.own_talks import OwnTalks
from ai_interaction_module_flask.pauses import Pauses
from ai_interaction_module_flask.places_in_line import Line
from ai_interaction_module_flask.prompt import Prompts
from ai_interaction_module_flask.providers import LazyModels, Providers
from ai_interaction_module_flask.report_repository import ReportRepository
from ai_interaction_module_flask.secret_repository import SecretRepository
from ai_interaction_module_flask.tool_admin import ToolAdmin
from ai_interaction_module_flask.tool_ports import CALL_SECONDS
from ai_interaction_module_flask.tool_repository import ToolRepository
from ai_interaction_module_flask.tools_for_answers import Tools
from ai_interaction_module_flask.translating import Translating
from ai_interaction_module_flask.translation_repository import TranslationRepository
from ai_interaction_module_flask.translations import Translations
from ai_interaction_module_flask.triggers import Hearing
from ai_interaction_module_flask.trying import Trying
from ai_interaction_module_flask.wishing import Wishing
from flask_core.app_factory import Service
from flask_core.community_settings import CommunitySettings
from flask_core.http_client import HttpClient


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the app starts and offers."""

    ai: Ai
    asking: Asking
    settings: CommunitySettings[CommunityChoices]
    jobs: JobRepository
    health: ModelHealth
    wishing: Wishing
    doors: Doors
    completing: Completing
    tool_admin: ToolAdmin


def wire(
    service: Service,
    config: Config,
    models: LazyModels,
    *,
    now: Callable[[], datetime],
    patience: float = PATIENCE,
    tool_seconds: float = CALL_SECONDS,
) -> Parts:
    """The parts on a service's database and shared state."""
    database, shared, client = service.database, service.shared, service.services
    settings = CommunitySettings(database, CommunityChoices, now=now)
    asking = _asking(service, config, models, now, tool_seconds)
    channels = Channels(database, now)
    chatting = Chatting(asking, channels, settings, shared, Hearing(), config.public_url, now)
    jobs, kept = JobRepository(database), Kept(shared, service.sealer)
    repository = TranslationRepository(database, now)
    wishing = Wishing(database, settings, client, now, repository)
    notices, providers = Notices(client), asking.providers
    translating = Translating(asking, shared, LanguageGuess())
    translations = Translations(translating, repository, channels, settings, shared, wishing)
    replies = Replies(chatting, translations)
    answering = Answering(kept, asking.budgets, jobs, replies.reply, now, hard=config.timeout, patience=patience)
    doors = Doors(
        Configuring(database, settings, providers.secrets, providers, models.guard, wishing, notices),
        Looking(settings, providers, asking.budgets, providers.health, now),
        ReportRepository(database),
        Trying(asking, channels, settings, shared, client),
        OwnTalks(asking.conversations, client),
        now,
    )
    completing = Completing(config, settings, asking.budgets, providers, asking.line, client, now)
    tool_admin = ToolAdmin(asking.tools.repository, asking.tools, models.guard)
    return Parts(
        Ai(chatting, answering, kept, translations),
        asking,
        settings,
        jobs,
        providers.health,
        wishing,
        doors,
        completing,
        tool_admin,
    )


def _asking(
    service: Service, config: Config, models: LazyModels, now: Callable[[], datetime], tool_seconds: float
) -> Asking:
    def seconds() -> float:
        return now().timestamp()

    http = HttpClient(service.shared, fetcher=models.fetcher)
    health = ModelHealth(service.shared, http, seconds)
    secrets = SecretRepository(service.database, service.sealer, now)
    pauses, notices = Pauses(service.shared, seconds), Notices(service.services)
    providers = Providers(config, secrets, models, pauses, health, notices.key_refused)
    lazy = Lazily("ai_interaction_module_flask.mcp_client", "McpClient", models.guard)
    repository = ToolRepository(service.database, service.sealer, now)
    tools = Tools(repository, operator_servers(config.mcp_config), lazy, service.shared, notices, tool_seconds)
    service.at_the_end(lazy.close)
    service.at_the_end(http.close)
    service.at_the_end(models.close)
    return Asking(
        config, BudgetRepository(service.database), providers, Conversations(service.shared), Prompts(),
        Line(config.max_concurrent), service.services, now, tools,
    )  # fmt: skip
