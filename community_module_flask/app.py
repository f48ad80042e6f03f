"""Wires the community module; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from community_module_flask.ban_repository import BanRepository
from community_module_flask.bans import Bans
from community_module_flask.channel_repository import ChannelRepository
from community_module_flask.chatting import Chatting
from community_module_flask.communities import Communities
from community_module_flask.community_repository import CommunityRepository
from community_module_flask.config import MODULE, Config
from community_module_flask.context_repository import ContextRepository
from community_module_flask.contexts import Contexts
from community_module_flask.ending_commands import commands
from community_module_flask.ending_wiring import wire_endings
from community_module_flask.endpoints import endpoints
from community_module_flask.finding import Finding
from community_module_flask.joining_wiring import wire_joining
from community_module_flask.member_repository import MemberRepository
from community_module_flask.members import Members
from community_module_flask.merge_repository import MergeRepository
from community_module_flask.people import IdentityPeople
from community_module_flask.publishing import Publisher
from community_module_flask.role_repository import RoleRepository
from community_module_flask.server_repository import ServerRepository
from community_module_flask.servers import Servers
from flask_core.app_factory import create_service


def create_app(config: Config) -> Quart:
    """Community's app."""
    service = create_service(MODULE, config)
    database = service.database
    persons = IdentityPeople(service.services)
    contexts = Contexts(ContextRepository(database), persons)
    publisher = Publisher(service.shared, contexts, database.after_commit)
    communities = Communities(
        CommunityRepository(database), ChannelRepository(database), publisher, max_owned=config.max_owned
    )  # fmt: skip
    people, merges = MemberRepository(database), MergeRepository(database)
    members = Members(people, RoleRepository(database), merges, publisher)
    bans = Bans(BanRepository(database), people, publisher)
    finding = Finding(communities, persons)
    joining = wire_joining(service, config, communities, members, publisher, contexts=contexts, finding=finding)
    servers = Servers(ServerRepository(database), communities, publisher)
    ending = wire_endings(service, config, communities, members, publisher)
    service.offers(endpoints(contexts, communities, members, bans))
    service.offers(servers.endpoints())
    service.runs_commands(commands, Chatting(communities, members, bans, servers, joining, ending, finding))
    service.in_background("changes", publisher.listen)
    service.in_background("expired bans", bans.lift_expired)
    return service.app


app = create_app(Config.from_env())
