"""Wires what parts a community from its owner, its servers and its people."""

from __future__ import annotations

from community_module_flask.asking import Asking
from community_module_flask.channel_repository import ChannelRepository
from community_module_flask.communities import Communities
from community_module_flask.config import Config
from community_module_flask.ending_chatting import EndingChatting
from community_module_flask.ending_endpoints import ending_endpoints
from community_module_flask.ending_repository import EndingRepository
from community_module_flask.endings import EndingJob, Endings
from community_module_flask.members import Members
from community_module_flask.merge_repository import MergeRepository
from community_module_flask.own_members import own_members_endpoints
from community_module_flask.personal_data import KEPT, PersonalData
from community_module_flask.publishing import Publisher
from community_module_flask.telling import ModuleTeller
from community_module_flask.transfer_repository import TransferRepository
from community_module_flask.transfers import Transfers
from flask_core.app_factory import Service
from flask_core.auth import utc_now


def wire_endings(
    service: Service, config: Config, communities: Communities, members: Members, publisher: Publisher
) -> EndingChatting:
    """Handing over, deleting, the outbox and the data of people; what owners are told in chat is returned."""
    database = service.database
    ended, handed = EndingRepository(database), TransferRepository(database)
    channels = ChannelRepository(database)
    endings = Endings(ended, channels, publisher, days=config.delete_days, max_owned=config.max_owned)
    transfers = Transfers(handed, publisher, max_owned=config.max_owned)
    asking = Asking(handed, service.services, utc_now, public_url=config.public_url)
    service.offers(ending_endpoints(communities, members, endings, transfers))
    service.offers(PersonalData(database, publisher).endpoints())
    service.offers(own_members_endpoints(service.database))
    service.introduces(personal_data=KEPT)
    service.in_background("ended communities", EndingJob(endings, service.shared).run)
    service.in_background("outbox", ModuleTeller(MergeRepository(database), ended, asking, service.services).run)
    return EndingChatting(communities, members, transfers, endings, service.shared)
