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
from community_module_flask.endpoints import endpoints
from community_module_flask.invitation_repository import InvitationRepository
from community_module_flask.invitations import Invitations
from community_module_flask.joining import Joining
from community_module_flask.joining_commands import commands
from community_module_flask.joining_endpoints import joining_endpoints
from community_module_flask.joining_in_chat import JoiningInChat
from community_module_flask.joining_repository import JoiningRepository
from community_module_flask.member_repository import MemberRepository
from community_module_flask.members import Members
from community_module_flask.merge_repository import MergeRepository
from community_module_flask.people import IdentityPeople
from community_module_flask.personal_data import offer_personal_data
from community_module_flask.publishing import Publisher
from community_module_flask.retention import Retention
from community_module_flask.role_repository import RoleRepository
from community_module_flask.telling import ModuleTeller
from flask_core.app_factory import create_service


def create_app(config: Config) -> Quart:
    """Community's app."""
    service = create_service(MODULE, config)
    database = service.database
    contexts = Contexts(ContextRepository(database), IdentityPeople(service.services))
    publisher = Publisher(service.shared, contexts)
    own, channels = CommunityRepository(database), ChannelRepository(database)
    communities = Communities(own, channels, publisher, max_owned=config.max_owned)
    people, merges = MemberRepository(database), MergeRepository(database)
    members = Members(people, RoleRepository(database), merges, publisher)
    bans = Bans(BanRepository(database), people, publisher)
    joining = Joining(JoiningRepository(database), people, publisher)
    invitations = Invitations(InvitationRepository(database), publisher, days=config.invite_days)
    in_chat = JoiningInChat(communities, contexts, members, joining, invitations, config.public_url)
    service.offers(endpoints(contexts, communities, members, bans))
    service.offers(joining_endpoints(communities, members, joining, invitations))
    offer_personal_data(service, publisher)
    service.runs_commands(commands, Chatting(communities, members, bans, in_chat))
    service.in_background("changes", publisher.listen)
    service.in_background("expired bans", bans.lift_expired)
    service.in_background("retention", Retention(database, service.shared, service.manifest.instance).run)
    service.in_background("merges", ModuleTeller(merges, service.services).run)
    return service.app


app = create_app(Config.from_env())
