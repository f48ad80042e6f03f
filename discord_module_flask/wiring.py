"""Makes discord's services out of what every module has."""

from __future__ import annotations

from dataclasses import dataclass

from discord_module_flask.answers import Answers
from discord_module_flask.attached import Attached
from discord_module_flask.chatting import Chatting
from discord_module_flask.config import Config
from discord_module_flask.doing import Abilities
from discord_module_flask.events import key_of
from discord_module_flask.feedback.repository import FeedbackRepository
from discord_module_flask.feedback.service import Feedbacks
from discord_module_flask.forms.custom_ids import CustomIds
from discord_module_flask.forms.repository import FormRepository
from discord_module_flask.forms.service import Forms
from discord_module_flask.gateway.intents import CONTENT, Intents
from discord_module_flask.gateway.reconnecting import Reconnecting
from discord_module_flask.gateway.shards import Shards
from discord_module_flask.gateway.wiring import wire_gateway
from discord_module_flask.granting import Granting
from discord_module_flask.health import Health
from discord_module_flask.interactions import Interactions
from discord_module_flask.moderating import Moderating
from discord_module_flask.personal_data import OfCommunities, PersonalData
from discord_module_flask.platform_roles import PlatformRoles, channels_of
from discord_module_flask.receiving import Receiver
from discord_module_flask.rest import Rest
from discord_module_flask.scheduling.repository import ScheduledRepository
from discord_module_flask.scheduling.service import Scheduling
from discord_module_flask.servers.lookups import Lookups
from discord_module_flask.servers.wiring import ServerParts, wire_servers
from discord_module_flask.slash.catalogue import Catalogue
from discord_module_flask.slash.repository import SyncRepository
from discord_module_flask.slash.syncing import Syncing
from discord_module_flask.slash.uses import Uses
from discord_module_flask.slash.uses_repository import UsesRepository
from discord_module_flask.speaking import Speaking
from discord_module_flask.upkeep import Upkeep
from discord_module_flask.voice.minutes import Minutes
from discord_module_flask.voice.repository import VoiceRepository
from discord_module_flask.webhook import Door
from flask_core.app_factory import Service
from flask_core.claims import ClaimKeeper
from flask_core.delivering import Delivering
from flask_core.handover import Handover
from flask_core.role_telling import RoleTelling
from flask_core.seen_role_repository import SeenRoleRepository
from flask_core.sending_repository import SendingRepository
from flask_core.spool import SpoolRepository


@dataclass(frozen=True, slots=True)
class Discord:
    """Everything that discord does."""

    rest: Rest
    receiver: Receiver
    interactions: Interactions
    door: Door
    handover: Handover
    delivering: Delivering
    keeper: ClaimKeeper
    shards: Shards
    attached: Attached
    syncing: Syncing
    health: Health
    minutes: Minutes
    upkeep: Upkeep
    personal_data: PersonalData
    servers: ServerParts
    roles: PlatformRoles
    lookups: Lookups
    feedback: Feedbacks
    reconnecting: Reconnecting
    chatting: Chatting


def wire(service: Service, config: Config) -> Discord:
    """All of it."""
    database, shared = service.database, service.shared
    rest, attached, intents = Rest(shared, config.bot_token, config.api_url), Attached(service.services), Intents()
    parts = wire_servers(service, config, rest, attached)
    guilds = parts.guilds
    handover = Handover("discord", service.services, SpoolRepository(database, config.spool_limit), shared)
    uses = Uses(UsesRepository(database))
    catalogue, answers = Catalogue(service.services, attached, uses), Answers(rest, shared, service.sealer)
    speaking = Speaking(rest, answers, shared, parts=config.parts)
    ids = CustomIds(service.sealer)
    forms = Forms(FormRepository(database), speaking, catalogue, ids)
    feedback = Feedbacks(
        FeedbackRepository(database), ids, guilds, catalogue, parts.team, service.services, shared
    )  # fmt: skip
    interactions = Interactions(
        guilds, catalogue, answers, handover, forms, feedback, lambda: CONTENT not in intents.refused
    )  # fmt: skip
    syncs = SyncRepository(database)
    syncing = Syncing(rest, guilds, catalogue, syncs, uses)

    def home(guild_id: str) -> str:
        known = guilds.known.get(guild_id)
        return attached.home(guild_id) or (known.home if known else guild_id)

    voice = VoiceRepository(database)
    minutes = Minutes(voice, guilds, handover, lambda guild_id: key_of(guild_id, home(guild_id)))
    roles = PlatformRoles(_telling(service, attached), guilds, attached, rest, intents)
    receiver = Receiver(
        guilds=guilds, kept=parts.kept, attached=attached, setups=parts.setups, roles=roles, handover=handover,
        interactions=interactions, minutes=minutes, home=home, joined=syncing.joined, used=catalogue.used,
        me=rest.me,
    )  # fmt: skip
    shards, keeper = wire_gateway(service, config, rest, intents, receiver)
    scheduled = ScheduledRepository(database)
    moderating = Moderating(rest, speaking, parts.team)
    abilities = Abilities(config.lacks, speaking, moderating, Granting(rest), forms, Scheduling(rest, scheduled))
    delivering = Delivering(abilities.do, SendingRepository(database))
    health = Health(
        rest, shards, intents, parts.known, attached, syncs, handover, receiver, proofs=parts.proofs,
        lacks=config.lacks,
        application_id=config.application_id, can_prove=parts.proving.possible,
    )  # fmt: skip
    forgetting = (parts.setups.repository, parts.proofs, scheduled, feedback.repository, uses.repository, parts.audit)
    upkeep = Upkeep(
        delivering, parts.kept, forms, minutes, [one.forget for one in forgetting],
        (attached.refresh, parts.setups.refresh),
    )  # fmt: skip
    by_community: dict[str, OfCommunities] = {
        "proofs": parts.proofs, "feedback": feedback.repository, "command_uses": uses.repository, "audit": parts.audit
    }  # fmt: skip
    return Discord(
        rest, receiver, interactions, Door(config.public_key), handover, delivering, keeper, shards, attached,
        syncing, health, minutes, upkeep, PersonalData(database, by_community, parts.audit), parts, roles,
        Lookups(rest, guilds, parts.known, parts.setups, intents), feedback,
        Reconnecting(shards, intents, shared),
        Chatting(parts.servers, rest, health, voice),
    )  # fmt: skip


def _telling(service: Service, attached: Attached) -> RoleTelling:
    seen = SeenRoleRepository(service.database, "guild_id", "guilds")
    return RoleTelling("discord", seen, service.services, service.shared, channels_of(attached))
