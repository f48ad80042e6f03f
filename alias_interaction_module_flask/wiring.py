"""Puts the parts of alias together, for the app and for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alias_interaction_module_flask.chatting import Alias
from alias_interaction_module_flask.config import CommunityChoices, Config
from alias_interaction_module_flask.counters import Counters, Variables
from alias_interaction_module_flask.desk import Desk
from alias_interaction_module_flask.entries import Entries
from alias_interaction_module_flask.entry_listing import EntryListing
from alias_interaction_module_flask.entry_repository import EntryRepository
from alias_interaction_module_flask.making_room import MakingRoom
from alias_interaction_module_flask.members import Members
from alias_interaction_module_flask.paying import Paying
from alias_interaction_module_flask.places import Places
from alias_interaction_module_flask.push_repository import PushRepository
from alias_interaction_module_flask.pushing import Pushing
from alias_interaction_module_flask.router_names import RouterNames
from alias_interaction_module_flask.running import Running
from alias_interaction_module_flask.scripts.pool import Scripts
from alias_interaction_module_flask.streams import Streams
from alias_interaction_module_flask.sweeping import Sweeper
from alias_interaction_module_flask.texts import Texts
from alias_interaction_module_flask.use_repository import UseRepository
from alias_interaction_module_flask.world import Surroundings
from flask_core.community_settings import CommunitySettings
from flask_core.database import AsyncDAL
from flask_core.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class AliasParts:
    """What command handlers work with, and what runs beside them."""

    alias: Alias
    desk: Desk
    pushing: Pushing
    sweeper: Sweeper
    scripts: Scripts
    settings: CommunitySettings[CommunityChoices]


def wire(database: AsyncDAL, services: ServiceClient, config: Config, *, now: Callable[[], datetime]) -> AliasParts:
    """All parts of alias."""
    settings = CommunitySettings(database, CommunityChoices, now=now)
    repository, names, scripts = EntryRepository(database), RouterNames(services), Scripts(config.eval_workers)
    counters, variables, places = Counters(database), Variables(database), Places(services)
    around = Surroundings(services, counters, variables, places, Streams(services, places), scripts)
    texts = Texts(around, settings, now)
    pushing = Pushing(PushRepository(database), repository, names, MakingRoom(repository, services, now), now)

    def changed() -> None:
        database.after_commit(pushing.wake)

    entries = Entries(repository, names, texts, settings, config.max_commands, now, changed)
    uses = UseRepository(database)
    running = Running(repository, texts, uses, Paying(services, settings), now)
    desk = Desk(entries, EntryListing(database), counters, variables, Members(services), uses, pushing.rows)
    return AliasParts(
        Alias(entries, counters, running, config.public_url), desk, pushing, Sweeper(database, now), scripts, settings
    )
