"""Makes discord's services out of what every module has."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from discord_module_flask.answers import Answers
from discord_module_flask.attached import Attached
from discord_module_flask.chatting import Chatting
from discord_module_flask.config import Config
from discord_module_flask.doing import Abilities
from discord_module_flask.events import key_of
from discord_module_flask.forms.repository import FormRepository
from discord_module_flask.forms.service import Forms
from discord_module_flask.gateway.intake import Intake
from discord_module_flask.gateway.intents import CONTENT, Intents
from discord_module_flask.gateway.line import Line
from discord_module_flask.gateway.sessions import SessionRepository
from discord_module_flask.gateway.shards import KIND, Shards
from discord_module_flask.granting import Granting
from discord_module_flask.guild_repository import GuildRepository
from discord_module_flask.health import Health
from discord_module_flask.interactions import Interactions
from discord_module_flask.moderating import Moderating
from discord_module_flask.personal_data import PersonalData
from discord_module_flask.places import Guilds
from discord_module_flask.platform_roles import PlatformRoles, channels_of
from discord_module_flask.receiving import Receiver
from discord_module_flask.rest import Rest
from discord_module_flask.servers.known import KnownGuilds
from discord_module_flask.servers.mod_log import ModerationLog
from discord_module_flask.servers.proof_repository import ProofRepository
from discord_module_flask.servers.repository import ServerRepository
from discord_module_flask.servers.service import Servers
from discord_module_flask.servers.setups import Setups
from discord_module_flask.slash.catalogue import Catalogue
from discord_module_flask.slash.repository import SyncRepository
from discord_module_flask.slash.syncing import Syncing
from discord_module_flask.speaking import Speaking
from discord_module_flask.upkeep import Upkeep
from discord_module_flask.voice.minutes import Minutes
from discord_module_flask.voice.repository import VoiceRepository
from discord_module_flask.webhook import Door
from flask_core.app_factory import Service
from flask_core.claims import ClaimKeeper, instance_of
from flask_core.delivering import Delivering
from flask_core.handover import Handover
from flask_core.role_telling import RoleTelling
from flask_core.seen_role_repository import SeenRoleRepository
from flask_core.sending_repository import SendingRepository
from flask_core.spool import SpoolRepository

_LOOK_SECONDS = 15.0


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
    servers: Servers
    roles: PlatformRoles
    chatting: Chatting


def wire(service: Service, config: Config) -> Discord:
    """All of it."""
    database, shared = service.database, service.shared
    rest = Rest(shared, config.bot_token, config.api_url)
    setups, proofs = Setups(ServerRepository(database), shared), ProofRepository(database)
    guilds, kept, intents = Guilds(setups.of), GuildRepository(database), Intents()
    attached = Attached(service.services)
    handover = Handover("discord", service.services, SpoolRepository(database, config.spool_limit), shared)
    catalogue, answers = Catalogue(service.services, attached), Answers(rest, shared, service.sealer)
    speaking = Speaking(rest, answers, shared, parts=config.parts)
    forms = Forms(FormRepository(database), speaking, catalogue, service.sealer)
    interactions = Interactions(
        guilds, catalogue, answers, handover, forms, lambda: CONTENT not in intents.refused
    )  # fmt: skip
    syncs = SyncRepository(database)
    syncing = Syncing(rest, guilds, catalogue, syncs)

    def home(guild_id: str) -> str:
        known = guilds.known.get(guild_id)
        return attached.home(guild_id) or (known.home if known else guild_id)

    voice = VoiceRepository(database)
    minutes = Minutes(voice, guilds, handover, lambda guild_id: key_of(guild_id, home(guild_id)))
    telling = RoleTelling(
        "discord", SeenRoleRepository(database, "guild_id", "guilds"), service.services, shared, channels_of(attached)
    )  # fmt: skip
    roles = PlatformRoles(telling, guilds, attached, rest, intents)
    receiver = Receiver(
        guilds=guilds, kept=kept, attached=attached, setups=setups, roles=roles, handover=handover,
        interactions=interactions, minutes=minutes,        home=home, joined=syncing.joined, me=rest.me,
    )  # fmt: skip
    sessions = SessionRepository(database, service.sealer)

    def line(number: int, count: int) -> Line:
        return Line(number, count, rest, Intake(receiver.take), intents, sessions, shared, receiver)

    shards = Shards(rest, sessions, line, wanted=config.shards)
    keeper = ClaimKeeper(
        service.services, KIND, instance_of(config.port), shards, most=config.max_shards,
        sleep=lambda _: asyncio.sleep(_LOOK_SECONDS),
    )  # fmt: skip
    abilities = Abilities(
        config.lacks, speaking, Moderating(rest, speaking, ModerationLog(rest, setups)), Granting(rest), forms
    )
    delivering = Delivering(abilities.do, SendingRepository(database))
    known = KnownGuilds(guilds, kept)
    health = Health(
        rest, shards, intents, known, attached, syncs, handover, receiver, lacks=config.lacks,
        application_id=config.application_id,
    )  # fmt: skip
    servers = Servers(rest, known, attached, proofs, setups, service.services)
    upkeep = Upkeep(delivering, kept, forms, minutes, (setups.repository.forget, proofs.forget))
    return Discord(
        rest, receiver, interactions, Door(config.public_key), handover, delivering, keeper, shards, attached,
        syncing, health, minutes, upkeep, PersonalData(database), servers, roles,
        Chatting(servers, rest, health, voice),
    )  # fmt: skip
