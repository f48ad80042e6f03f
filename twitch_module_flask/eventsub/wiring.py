"""Puts together how Twitch tells us: the transport that is used, its sockets, and the share of this replica."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from flask_core.app_factory import Service
from flask_core.claims import ClaimKeeper, Work, instance_of
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.config import Config
from twitch_module_flask.eventsub.api import EventSubApi
from twitch_module_flask.eventsub.connection import Door
from twitch_module_flask.eventsub.intake import Intake
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.plain import KIND as SOCKETS
from twitch_module_flask.eventsub.plain import Plain
from twitch_module_flask.eventsub.reconciling import Subscriptions
from twitch_module_flask.eventsub.repository import ConduitRepository
from twitch_module_flask.eventsub.shards import KIND as SHARDS
from twitch_module_flask.eventsub.shards import LOOK_SECONDS, Shards
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.eventsub.ways import OverConduit, Transport, Webhook
from twitch_module_flask.helix import Helix
from twitch_module_flask.receiving import Receiver
from twitch_module_flask.telling import Telling
from twitch_module_flask.webhook import PATH


@dataclass(slots=True)
class EventSub:
    """`work` runs in the background by name; `close` ends it well."""

    subscriptions: Subscriptions
    conduits: ConduitRepository
    plain: Plain | None = None
    work: dict[str, Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=dict)
    endings: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def close(self) -> None:
        """Leave the work to others, and finish what came."""
        for end in self.endings:
            await end()


def wire_eventsub(
    service: Service,
    config: Config,
    secret: Callable[[], Awaitable[str]],
    helix: Helix,
    accounts: AccountRepository,
    kept: SubscriptionRepository,
    receiver: Receiver,
    news: News,
    *,
    telling: Telling,
) -> EventSub:
    """All of it."""
    api, conduits = EventSubApi(helix), ConduitRepository(service.database)
    callback = config.public_url.rstrip("/") + PATH if config.public_url else ""
    door, intake = Door(config.eventsub_ws_url), Intake(receiver.take)
    instance = instance_of(config.port)
    work: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {"news": news.listen}
    endings: list[Callable[[], Awaitable[None]]] = []
    transport: Transport
    plain: Plain | None = None

    def claims(kind: str, what: Work, share: Callable[[], int] = lambda: 0) -> ClaimKeeper:
        return ClaimKeeper(
            service.services, kind, instance, what, share=share, sleep=lambda _: news.wait("shards", LOOK_SECONDS)
        )

    if config.way == "webhook":
        transport = Webhook(api, conduits, callback, secret)
    elif config.way == "conduit":
        transport = OverConduit(api, conduits, callback)
        shards = Shards(api, conduits, accounts, door, intake.hear, service.shared, news, instance)
        claimed = claims(SHARDS, shards, lambda: shards.share)
        work |= {"claims": claimed.run, "shards": shards.keep}
        endings.append(lambda: shards.leave(claimed.release))
    else:
        transport = plain = Plain(api, accounts, door, intake.hear, lambda: news.tell("accounts"))
        claimed = claims(SOCKETS, plain)
        work |= {"claims": claimed.run}
        endings.append(claimed.release)
    endings += [door.close, intake.close]
    subscriptions = Subscriptions(api, helix, accounts, kept, transport, telling, client_id=config.client_id)
    return EventSub(subscriptions, conduits, plain, {} if config.lacks else work, endings)
