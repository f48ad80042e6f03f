"""Makes everything that is done on Twitch at somebody's wish, and what is asked about it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.app_factory import Service
from flask_core.auth import utc_now
from flask_core.handover import Handover
from flask_core.operations import Endpoints
from flask_core.sending_repository import SendingRepository
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.channel_watch import ChannelWatch
from twitch_module_flask.chatting import Chatting
from twitch_module_flask.config import Config
from twitch_module_flask.doing.calls import Calls
from twitch_module_flask.doing.granting import Granting
from twitch_module_flask.doing.moderating import Moderating
from twitch_module_flask.doing.requests import Requests
from twitch_module_flask.doing.service import Abilities, Doing
from twitch_module_flask.doing.shoutout_repository import ShoutoutRepository
from twitch_module_flask.doing.shoutouts import Shoutouts
from twitch_module_flask.doing.stream import Stream
from twitch_module_flask.doing.whispering import Whispering
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.helix import Helix
from twitch_module_flask.lookups.added_emotes import AddedEmotes
from twitch_module_flask.lookups.channels import Channels
from twitch_module_flask.lookups.endpoints import endpoints
from twitch_module_flask.lookups.roles import Roles
from twitch_module_flask.lookups.users import Users
from twitch_module_flask.speaking import Speaking
from twitch_module_flask.streaming import Streaming
from twitch_module_flask.troubles import Troubles
from twitch_module_flask.viewing import Viewing
from twitch_module_flask.voices import Voices


@dataclass(frozen=True, slots=True)
class DoingParts:
    """What the app serves and runs of it."""

    doing: Doing
    calls: Calls
    speaking: Speaking
    lookups: Endpoints
    chatting: Chatting
    viewing: Viewing


def wire_doing(
    service: Service,
    config: Config,
    helix: Helix,
    voices: Voices,
    accounts: AccountRepository,
    kept: SubscriptionRepository,
    watch: ChannelWatch,
    handover: Handover,
    *,
    troubles: Troubles,
) -> DoingParts:
    """All of it."""
    shared, calls = service.shared, Calls(helix)
    users, channels, roles = Users(helix, shared), Channels(helix, shared), Roles(calls, voices, shared)
    speaking = Speaking(helix, calls, Whispering(calls, shared), shared, parts=config.parts)
    stream, granting = Stream(calls, helix), Granting(calls)
    requests = Requests(Shoutouts(calls, ShoutoutRepository(service.database)), stream, users)
    abilities = Abilities(speaking, Moderating(calls), granting, requests)
    streaming = Streaming(stream, granting, speaking, channels, shared)
    return DoingParts(
        doing=Doing(abilities, voices, SendingRepository(service.database), troubles),
        calls=calls,
        speaking=speaking,
        lookups=endpoints(users, channels, roles, AddedEmotes(service.http, shared, config.emote_urls)),
        chatting=Chatting(accounts, kept, voices, channels, users, roles, speaking, streaming, utc_now),
        viewing=Viewing(accounts, watch, helix, calls, voices, handover, shared),
    )
