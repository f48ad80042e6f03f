"""Makes twitch's services out of what every module has."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from flask_core.app_factory import Service
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.channel_watch import ChannelWatch
from twitch_module_flask.config import Config
from twitch_module_flask.connections import Connections
from twitch_module_flask.grant_repository import GrantRepository
from twitch_module_flask.grants import Grants
from twitch_module_flask.handover import Handover
from twitch_module_flask.helix import Helix
from twitch_module_flask.oauth import TwitchAuth
from twitch_module_flask.platform_roles import PlatformRoles
from twitch_module_flask.receiving import Receiver
from twitch_module_flask.role_repository import RoleRepository
from twitch_module_flask.sending_repository import SendingRepository
from twitch_module_flask.speaking import Speaking
from twitch_module_flask.spool_repository import SpoolRepository
from twitch_module_flask.subscription_repository import SubscriptionRepository
from twitch_module_flask.subscriptions import Subscriptions
from twitch_module_flask.tokens import AccountTokens, ApplicationToken
from twitch_module_flask.upkeep import Upkeep
from twitch_module_flask.voices import Voices


@dataclass(frozen=True, slots=True)
class Twitch:
    """Everything that twitch does."""

    receiver: Receiver
    handover: Handover
    speaking: Speaking
    grants: Grants
    connections: Connections
    upkeep: Upkeep
    roles: PlatformRoles


def wire(service: Service, config: Config) -> Twitch:
    """All of it."""
    database, shared, sealer = service.database, service.shared, service.sealer
    secret = config.eventsub_secret or sealer.keyed_hash("twitch: what eventsub signs with")
    accounts, kept = AccountRepository(database, sealer), SubscriptionRepository(database)
    auth = TwitchAuth(service.http, config.auth_url, config.client_id, config.client_secret)
    tokens = AccountTokens(accounts, auth, shared)
    helix = Helix(service.http, config.api_url, config.client_id, ApplicationToken(auth), tokens)
    voices = Voices(accounts, budget=config.send_budget, plain_budget=config.send_budget_plain)
    watch = ChannelWatch(accounts, kept, shared)
    handover = Handover(service.services, SpoolRepository(database, config.spool_limit), shared)
    subscriptions = Subscriptions(helix, accounts, kept, callback_url=config.callback_url, secret=secret)
    speaking = Speaking(helix, voices, SendingRepository(database), shared, parts=config.parts)
    connected = asyncio.Event()
    grants = Grants(
        GrantRepository(database, sealer), accounts, auth, kept, service.services, lacks=config.lacks,
        connected=connected,
    )  # fmt: skip
    upkeep = Upkeep(grants, subscriptions, accounts, tokens, auth, speaking, voices, shared, connected=connected)
    connections = Connections(
        accounts, subscriptions, kept, watch, handover, auth, helix, voices, shared=shared, lacks=config.lacks
    )
    roles = PlatformRoles(RoleRepository(database), service.services, shared)
    receiver = Receiver(secret, handover, watch, roles)
    return Twitch(receiver, handover, speaking, grants, connections, upkeep, roles)
