"""Puts the parts of moderation rules together."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.app_factory import Service
from flask_core.operations import Endpoints
from flask_core.url_guard import UrlGuard
from router_module_flask.models import FoundCommand
from router_module_flask.moderation.rules import commands  # noqa: F401 (it declares the commands)
from router_module_flask.moderation.rules.authors import Authors
from router_module_flask.moderation.rules.book import RuleBook
from router_module_flask.moderation.rules.checks import RuleChecks
from router_module_flask.moderation.rules.desk import RuleDesk
from router_module_flask.moderation.rules.endpoints import rule_endpoints
from router_module_flask.moderation.rules.notes import RuleNotes
from router_module_flask.moderation.rules.replay import RuleReplay
from router_module_flask.moderation.rules.repository import RuleRepository
from router_module_flask.moderation.rules.service import Rules
from router_module_flask.moderation.rules.watch import RuleWatch
from router_module_flask.moderation.rules.webhooks import RuleWebhooks
from router_module_flask.moderation.rules.word_cover import WordCover
from router_module_flask.ports import Directory


@dataclass(frozen=True, slots=True)
class RuleParts:
    """What the rest of the router uses of rules."""

    book: RuleBook
    watch: RuleWatch
    cover: WordCover
    webhooks: RuleWebhooks
    notes: RuleNotes
    desk: RuleDesk
    authors: Authors
    endpoints: Endpoints


def wire_rules(service: Service, directory: Directory, *, public_url: str) -> RuleParts:
    """All parts, from the table to what people type."""
    repository = RuleRepository(service.database)
    book = RuleBook(repository, service.shared)
    authors = Authors(service.services, service.shared)

    async def find(line: str, community_id: int) -> FoundCommand | None:
        await directory.prepare(community_id)
        return directory.find(line, community_id)

    rules = Rules(repository, book, RuleChecks(find, service.sealer, UrlGuard()), authors)
    cover = WordCover(book)
    return RuleParts(
        book=book,
        watch=RuleWatch(book, authors),
        cover=cover,
        webhooks=RuleWebhooks(repository, service.http, service.sealer),
        notes=RuleNotes(service.database, service.shared),
        desk=RuleDesk(rules, public_url=public_url),
        authors=authors,
        endpoints=rule_endpoints(rules, RuleReplay(service.database, rules), cover),
    )
