"""Makes twitch's services out of what every module has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import Counter

from flask_core.app_factory import Service
from flask_core.handover import Handover
from flask_core.spool import SpoolRepository
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.arrivals import Arrivals
from twitch_module_flask.channel_watch import ChannelWatch
from twitch_module_flask.choice_repository import ChoiceRepository
from twitch_module_flask.config import Config
from twitch_module_flask.connections import Connections
from twitch_module_flask.doing.wiring import DoingParts, wire_doing
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.notes import Notes
from twitch_module_flask.eventsub.once import Once
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.eventsub.wiring import EventSub, wire_eventsub
from twitch_module_flask.grant_repository import GrantRepository
from twitch_module_flask.grants import Grants
from twitch_module_flask.health import Health
from twitch_module_flask.helix import Helix
from twitch_module_flask.leaving import Leaving
from twitch_module_flask.oauth import TwitchAuth
from twitch_module_flask.own_secrets import SigningSecret
from twitch_module_flask.personal_data import PersonalData
from twitch_module_flask.platform_roles import PlatformRoles
from twitch_module_flask.receiving import Receiver
from twitch_module_flask.redirects import Redirects
from twitch_module_flask.role_repository import RoleRepository
from twitch_module_flask.seen_back import SeenBack
from twitch_module_flask.telling import Telling
from twitch_module_flask.tokens import AccountTokens, ApplicationToken
from twitch_module_flask.troubles import Troubles
from twitch_module_flask.trying import SelfTester
from twitch_module_flask.upkeep import Upkeep
from twitch_module_flask.voices import Voices


@dataclass(frozen=True, slots=True)
class Twitch:
    """Everything that twitch does."""

    receiver: Receiver
    handover: Handover
    doing: DoingParts
    grants: Grants
    connections: Connections
    health: Health
    tester: SelfTester
    upkeep: Upkeep
    roles: PlatformRoles
    eventsub: EventSub
    personal_data: PersonalData


def wire(service: Service, config: Config) -> Twitch:
    """All of it."""
    database, shared, sealer, news = service.database, service.shared, service.sealer, News(service.shared)
    secret = SigningSecret(database, sealer, config.eventsub_secret)
    accounts = AccountRepository(database, sealer, config.bot_login)
    kept, choices = SubscriptionRepository(database, config.way), ChoiceRepository(database)
    telling, troubles = Telling(accounts, service.services), Troubles(shared)
    auth = TwitchAuth(service.http, config.auth_url, config.client_id, config.client_secret)
    tokens = AccountTokens(accounts, auth, shared, rejected=lambda: news.tell("sign-ins"))
    helix = Helix(service.http, config.api_url, config.client_id, ApplicationToken(auth), tokens)
    voices = Voices(
        accounts, budget=config.send_budget, plain_budget=config.send_budget_plain,
        per_channel=config.send_scope == "channel",
    )  # fmt: skip
    watch, notes = ChannelWatch(accounts, kept, shared, news, telling), Notes(accounts, shared, news)
    spool = SpoolRepository(database, config.spool_limit)
    handover = Handover("twitch", service.services, spool, shared)
    doing = wire_doing(service, config, helix, voices, accounts, kept, watch, handover, troubles=troubles)
    roles = PlatformRoles(RoleRepository(database), service.services, shared)
    seen_back = SeenBack(shared)
    receiver = Receiver(secret.get, handover, watch, roles, notes, Once(shared), _counter(service), seen_back=seen_back)
    eventsub = wire_eventsub(service, config, secret.get, helix, accounts, kept, receiver, news, telling=telling)
    pending, redirects = (
        GrantRepository(database, sealer),
        Redirects(config.auth_url, config.client_id, config.portal_url),
    )
    arrivals = Arrivals(pending, accounts, choices, auth, kept, service.services, telling, news=news)
    grants = Grants(pending, accounts, auth, arrivals, redirects, lacks=config.lacks)

    def forget() -> None:
        voices.forget()
        watch.forget()
        doing.calls.forget()

    upkeep = Upkeep(
        grants, eventsub.subscriptions, accounts, tokens, auth,
        forget_old=(doing.doing.forget_old, choices.forget_old), telling=telling, troubles=troubles, forget=forget,
        shared=shared, news=news,
    )  # fmt: skip
    tester = SelfTester(accounts, kept, auth, tokens, helix, voices, doing.speaking, seen_back, shared)
    connections = Connections(accounts, choices, eventsub, auth, telling, news=news)
    health = Health(
        accounts, eventsub, kept, watch, notes, handover, voices, doing.speaking, tester, troubles, helix.points,
        config.way, config.lacks, redirects.possible,
    )  # fmt: skip
    personal_data = PersonalData(
        database, accounts, spool,
        Leaving(accounts, choices, eventsub.subscriptions, auth, telling, troubles, shared=shared, news=news),
    )  # fmt: skip
    return Twitch(
        receiver, handover, doing, grants, connections, health, tester, upkeep, roles, eventsub, personal_data
    )


def _counter(service: Service) -> Callable[[str], None]:
    """Counts what is left out, by why."""
    ignored = Counter(
        "waddlebot_twitch_ignored_total", "Notifications left out, by why.", ("why",), registry=service.metrics.registry
    )
    return lambda why: ignored.labels(why).inc()
