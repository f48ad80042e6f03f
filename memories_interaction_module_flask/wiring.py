"""Puts the parts of memories together, for the app and for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_core.community_settings import CommunitySettings
from flask_core.database import AsyncDAL
from flask_core.encryption import Sealer
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from memories_interaction_module_flask.channel_repository import ChannelRepository
from memories_interaction_module_flask.chatting import Memories
from memories_interaction_module_flask.config import CommunityChoices, Config
from memories_interaction_module_flask.entries import Entries
from memories_interaction_module_flask.members import Members
from memories_interaction_module_flask.memory_listing import MemoryListing
from memories_interaction_module_flask.memory_repository import MemoryRepository
from memories_interaction_module_flask.recent import RecentQuotes
from memories_interaction_module_flask.reminder_repository import ReminderRepository
from memories_interaction_module_flask.reminders import Reminders
from memories_interaction_module_flask.reminding import Reminding
from memories_interaction_module_flask.search import Search
from memories_interaction_module_flask.times import Times
from memories_interaction_module_flask.uses import Uses
from memories_interaction_module_flask.vote_repository import VoteRepository
from memories_interaction_module_flask.votes import Votes


def wire(
    database: AsyncDAL,
    shared: SharedState,
    sealer: Sealer,
    services: ServiceClient,
    config: Config,
    *,
    now: Callable[[], datetime],
) -> Memories:
    """What command handlers and endpoints work with."""
    settings = CommunitySettings(database, CommunityChoices, now=now)
    repository, listing = MemoryRepository(database), MemoryListing(database)
    entries = Entries(
        repository, listing, settings, RecentQuotes(shared), Uses(repository, now), config.max_entries, now
    )
    reminders = Reminders(ReminderRepository(database), sealer, config.reminders_per_person, now)
    return Memories(
        database=database,
        entries=entries,
        votes=Votes(entries, VoteRepository(database), settings, now),
        searching=Search(listing),
        listing=listing,
        reminding=Reminding(
            reminders, Times(settings), Members(services), ChannelRepository(database), config.public_url
        ),
        settings=settings,
        public_url=config.public_url,
    )
