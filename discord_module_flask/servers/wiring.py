"""Makes what is known of servers out of what every module has."""

from __future__ import annotations

from dataclasses import dataclass

from discord_module_flask.attached import Attached
from discord_module_flask.config import Config
from discord_module_flask.guild_repository import GuildRepository
from discord_module_flask.places import Guilds
from discord_module_flask.rest import Rest
from discord_module_flask.servers.audit_repository import AuditRepository
from discord_module_flask.servers.known import KnownGuilds
from discord_module_flask.servers.mod_log import ModerationLog
from discord_module_flask.servers.proof_repository import ProofRepository
from discord_module_flask.servers.proving import Application, Proving
from discord_module_flask.servers.repository import ServerRepository
from discord_module_flask.servers.service import Servers
from discord_module_flask.servers.setups import Setups
from flask_core.app_factory import Service


@dataclass(frozen=True, slots=True)
class ServerParts:
    """Everything about servers."""

    setups: Setups
    guilds: Guilds
    kept: GuildRepository
    known: KnownGuilds
    proofs: ProofRepository
    servers: Servers
    proving: Proving
    team: ModerationLog
    audit: AuditRepository


def wire_servers(service: Service, config: Config, rest: Rest, attached: Attached) -> ServerParts:
    """All of it."""
    database = service.database
    setups, proofs, kept = (
        Setups(ServerRepository(database), service.shared), ProofRepository(database), GuildRepository(database)
    )  # fmt: skip
    guilds, audit = Guilds(setups.of), AuditRepository(database)
    known = KnownGuilds(guilds, kept)
    application = Application(config.application_id, config.client_secret, config.portal_url, config.api_url)
    return ServerParts(
        setups, guilds, kept, known, proofs, Servers(rest, known, attached, proofs, setups, audit, service.services),
        Proving(application, service.http, proofs, known), ModerationLog(rest, setups), audit,
    )  # fmt: skip
