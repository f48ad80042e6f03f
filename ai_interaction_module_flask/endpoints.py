"""What ai offers the portal and other modules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ai_interaction_module_flask.configuring import Configuring
from ai_interaction_module_flask.looking import Looking
from ai_interaction_module_flask.own_talks import OwnTalks
from ai_interaction_module_flask.report_repository import ReportRepository
from ai_interaction_module_flask.trying import Trying
from flask_core.contracts import ai
from flask_core.operations import Caller, Endpoints


@dataclass(frozen=True, slots=True)
class Doors:
    """What the handlers ask."""

    configuring: Configuring
    looking: Looking
    reports: ReportRepository
    trying: Trying
    talks: OwnTalks
    now: Callable[[], datetime]


def endpoints(doors: Doors) -> Endpoints:
    """The operations of ai."""
    api = Endpoints()
    _add_settings(api, doors)
    _add_reports(api, doors)

    @api.offers(ai.TEST)
    async def test(asked: ai.Try, caller: Caller) -> ai.Tried:
        return await doors.trying.test(asked, caller)

    @api.offers(ai.VARIABLE)
    async def variable(asked: ai.AskForCommand, _: Caller) -> ai.CommandAnswer:
        return await doors.trying.for_command(asked)

    @api.offers(ai.CONVERSATION)
    async def conversation(asked: ai.OfCommunity, caller: Caller) -> ai.OwnConversation:
        return await doors.talks.show(asked.community_id, caller)

    @api.offers(ai.FORGET)
    async def forget(asked: ai.OfCommunity, caller: Caller) -> None:
        await doors.talks.forget(asked.community_id, caller)

    return api


def _add_settings(api: Endpoints, doors: Doors) -> None:
    @api.offers(ai.CONFIG)
    async def show(asked: ai.OfCommunity, _: Caller) -> ai.Config:
        return await doors.configuring.show(asked.community_id)

    @api.offers(ai.PUT_CONFIG)
    async def put(asked: ai.PutConfig, caller: Caller) -> ai.Config:
        return await doors.configuring.put(asked, caller.person.person_id)

    @api.offers(ai.PROVIDERS)
    async def providers(asked: ai.OfCommunity, _: Caller) -> ai.ProviderList:
        return await doors.looking.providers_of(asked.community_id)


def _add_reports(api: Endpoints, doors: Doors) -> None:
    @api.offers(ai.STATUS)
    async def status(asked: ai.OfCommunity, _: Caller) -> ai.Health:
        return await doors.looking.status(asked.community_id)

    @api.offers(ai.USAGE)
    async def usage(asked: ai.UsageOf, _: Caller) -> ai.Usage:
        return await doors.reports.usage(asked, doors.now())

    @api.offers(ai.ANSWERS)
    async def answers(asked: ai.AnswersOf, _: Caller) -> ai.AnswerPage:
        return await doors.reports.answers(asked)
