"""Wires the community module; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from community_module_flask.asking import Asking
from community_module_flask.ban_repository import BanRepository
from community_module_flask.bans import Bans
from community_module_flask.channel_repository import ChannelRepository
from community_module_flask.chatting import Chatting
from community_module_flask.communities import Communities
from community_module_flask.community_repository import CommunityRepository
from community_module_flask.config import MODULE, Config
from community_module_flask.context_repository import ContextRepository
from community_module_flask.contexts import Contexts
from community_module_flask.ending_chatting import EndingChatting
from community_module_flask.ending_commands import commands
from community_module_flask.ending_endpoints import ending_endpoints
from community_module_flask.ending_repository import EndingRepository
from community_module_flask.endings import EndingJob, Endings
from community_module_flask.endpoints import endpoints
from community_module_flask.member_repository import MemberRepository
from community_module_flask.members import Members
from community_module_flask.merge_repository import MergeRepository
from community_module_flask.people import IdentityPeople
from community_module_flask.personal_data import KEPT, PersonalData
from community_module_flask.publishing import Publisher
from community_module_flask.role_repository import RoleRepository
from community_module_flask.server_repository import ServerRepository
from community_module_flask.servers import Servers
from community_module_flask.telling import ModuleTeller
from community_module_flask.transfer_repository import TransferRepository
from community_module_flask.transfers import Transfers
from flask_core.app_factory import create_service
from flask_core.auth import utc_now


def create_app(config: Config) -> Quart:
    """Community's app."""
    service = create_service(MODULE, config)
    database = service.database
    persons = IdentityPeople(service.services)
    contexts = Contexts(ContextRepository(database), persons)
    publisher = Publisher(service.shared, contexts, database.after_commit)
    channels = ChannelRepository(database)
    communities = Communities(CommunityRepository(database), channels, publisher, max_owned=config.max_owned)
    people, merges = MemberRepository(database), MergeRepository(database)
    members = Members(people, RoleRepository(database), merges, publisher)
    bans = Bans(BanRepository(database), people, publisher)
    ended, handed = EndingRepository(database), TransferRepository(database)
    endings = Endings(ended, channels, publisher, days=config.delete_days, max_owned=config.max_owned)
    transfers = Transfers(handed, publisher, max_owned=config.max_owned)
    servers = Servers(ServerRepository(database), communities, publisher)
    ending = EndingChatting(communities, members, transfers, endings, service.shared)
    service.offers(endpoints(contexts, communities, members, bans))
    service.offers(ending_endpoints(communities, members, endings, transfers))
    service.offers(servers.endpoints())
    service.offers(PersonalData(database, publisher).endpoints())
    service.introduces(personal_data=KEPT)
    service.runs_commands(commands, Chatting(communities, members, bans, servers, ending, persons))
    service.in_background("changes", publisher.listen)
    service.in_background("expired bans", bans.lift_expired)
    service.in_background("ended communities", EndingJob(endings, service.shared).run)
    asking = Asking(handed, service.services, utc_now, public_url=config.public_url)
    service.in_background("outbox", ModuleTeller(merges, ended, asking, service.services).run)
    return service.app


app = create_app(Config.from_env())
