"""Wires who comes into a community and who leaves it: requests, invitations, and what is forgotten of them."""

from __future__ import annotations

from community_module_flask.communities import Communities
from community_module_flask.config import Config
from community_module_flask.contexts import Contexts
from community_module_flask.finding import Finding
from community_module_flask.invitation_repository import InvitationRepository
from community_module_flask.invitations import Invitations
from community_module_flask.joining import Joining
from community_module_flask.joining_endpoints import joining_endpoints
from community_module_flask.joining_in_chat import JoiningInChat
from community_module_flask.joining_repository import JoiningRepository
from community_module_flask.member_repository import MemberRepository
from community_module_flask.members import Members
from community_module_flask.publishing import Publisher
from community_module_flask.retention import Retention
from flask_core.app_factory import Service


def wire_joining(
    service: Service,
    config: Config,
    communities: Communities,
    members: Members,
    publisher: Publisher,
    *,
    contexts: Contexts,
    finding: Finding,
) -> JoiningInChat:
    """What people are told in chat is returned."""
    database = service.database
    joining = Joining(JoiningRepository(database), MemberRepository(database), publisher)
    invitations = Invitations(InvitationRepository(database), publisher, days=config.invite_days)
    service.offers(joining_endpoints(communities, members, joining, invitations))
    service.in_background("retention", Retention(database, service.shared, service.manifest.instance).run)
    return JoiningInChat(communities, finding, contexts, members, joining, invitations, config.public_url)
