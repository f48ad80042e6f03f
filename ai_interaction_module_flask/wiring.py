"""Puts the parts of AI together, for the app and for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ai_interaction_module_flask.answering import PATIENCE, Answering, Kept
from ai_interaction_module_flask.answers_to_chat import Ai
from ai_interaction_module_flask.asking import Asking
from ai_interaction_module_flask.budget_repository import BudgetRepository
from ai_interaction_module_flask.channels import Channels
from ai_interaction_module_flask.chatting import Chatting
from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.config import Config
from ai_interaction_module_flask.conversations import Conversations
from ai_interaction_module_flask.job_repository import JobRepository
from ai_interaction_module_flask.notices import Notices
from ai_interaction_module_flask.pauses import Pauses
from ai_interaction_module_flask.places_in_line import Line
from ai_interaction_module_flask.prompt import Prompts
from ai_interaction_module_flask.providers import Models, Providers
from ai_interaction_module_flask.secret_repository import SecretRepository
from ai_interaction_module_flask.triggers import Hearing
from flask_core.app_factory import Service
from flask_core.community_settings import CommunitySettings


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that endpoints and background work need."""

    ai: Ai
    settings: CommunitySettings[CommunityChoices]
    secrets: SecretRepository
    budgets: BudgetRepository
    jobs: JobRepository
    providers: Providers


def wire(
    service: Service, config: Config, models: Models, *, now: Callable[[], datetime], patience: float = PATIENCE
) -> Parts:
    """The parts on a service's database and shared state."""
    settings = CommunitySettings(service.database, CommunityChoices, now=now)
    secrets = SecretRepository(service.database, service.sealer, now)
    budgets, jobs = BudgetRepository(service.database), JobRepository(service.database)
    pauses = Pauses(service.shared, lambda: now().timestamp())
    providers = Providers(config, secrets, models, pauses, Notices(service.services).key_refused)
    asking = Asking(
        config, budgets, providers, Conversations(service.shared), Prompts(), Line(config.max_concurrent),
        service.services, now,
    )  # fmt: skip
    chatting = Chatting(
        asking, Channels(service.database, now), settings, service.shared, Hearing(), config.public_url, now
    )
    kept = Kept(service.shared, service.sealer)
    answering = Answering(kept, budgets, jobs, chatting.reply, now, hard=config.timeout, patience=patience)
    return Parts(Ai(chatting, answering, kept), settings, secrets, budgets, jobs, providers)
