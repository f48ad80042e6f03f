"""Puts the parts of alias together, for the app and for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alias_interaction_module_flask.audit import Audit
from alias_interaction_module_flask.chatting import Alias
from alias_interaction_module_flask.config import CommunityChoices, Config
from alias_interaction_module_flask.counters import Counters, Variables
from alias_interaction_module_flask.desk import Desk
from alias_interaction_module_flask.entries import Entries
from alias_interaction_module_flask.entry_listing import EntryListing
from alias_interaction_module_flask.entry_repository import EntryRepository
from alias_interaction_module_flask.fetching.fetching import Fetching
from alias_interaction_module_flask.fetching.response_repository import ResponseRepository
from alias_interaction_module_flask.fetching.responses import Responses
from alias_interaction_module_flask.following import Following
from alias_interaction_module_flask.making_room import MakingRoom
from alias_interaction_module_flask.members import Members
from alias_interaction_module_flask.model import Model
from alias_interaction_module_flask.paying import Paying
from alias_interaction_module_flask.places import Places
from alias_interaction_module_flask.preview import Previews
from alias_interaction_module_flask.push_repository import PushRepository
from alias_interaction_module_flask.pushing import Pushing
from alias_interaction_module_flask.router_names import RouterNames
from alias_interaction_module_flask.running import Running
from alias_interaction_module_flask.scripts.pool import Scripts
from alias_interaction_module_flask.sources.asking import Asking
from alias_interaction_module_flask.sources.sources import Sources
from alias_interaction_module_flask.streams import Streams
from alias_interaction_module_flask.sweeping import Sweeper
from alias_interaction_module_flask.texts import Texts
from alias_interaction_module_flask.use_repository import UseRepository
from alias_interaction_module_flask.world import Surroundings
from flask_core.community_settings import CommunitySettings
from flask_core.contracts import router
from flask_core.database import AsyncDAL
from flask_core.http_client import HttpClient
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState


@dataclass(frozen=True, slots=True)
class AliasParts:
    """What command handlers work with, and what runs beside them."""

    alias: Alias
    desk: Desk
    pushing: Pushing
    sweeper: Sweeper
    around: Surroundings
    responses: Responses
    settings: CommunitySettings[CommunityChoices]


def wire(
    database: AsyncDAL,
    services: ServiceClient,
    shared: SharedState,
    http: HttpClient,
    config: Config,
    *,
    now: Callable[[], datetime],
) -> AliasParts:
    """All parts of alias."""
    settings = CommunitySettings(database, CommunityChoices, now=now)
    repository, names, uses = EntryRepository(database), RouterNames(services), UseRepository(database)
    around = _surroundings(database, services, shared, http, config, settings)
    responses = Responses(
        ResponseRepository(database),
        lambda request: services.call("router", router.ACT, request),
        public_url=config.public_url,
        now=now,
    )
    texts = Texts(around, settings, responses, now)
    pushing = Pushing(PushRepository(database), repository, names, MakingRoom(repository, services, now), now)

    def changed() -> None:
        database.after_commit(pushing.wake)

    entries = Entries(repository, names, texts, settings, config.max_commands, now, changed)
    audit = Audit(database, now)
    running = Running(repository, texts, uses, Paying(services, settings), audit, now)
    listing, previews = EntryListing(database), Previews(texts, services)
    desk = Desk(
        entries, listing, around.counters, around.variables, around.members, uses, pushing.rows, previews, audit
    )
    chat = Alias(entries, around.counters, running, audit, config.public_url)
    return AliasParts(chat, desk, pushing, Sweeper(database, now), around, responses, settings)


def _surroundings(
    database: AsyncDAL,
    services: ServiceClient,
    shared: SharedState,
    http: HttpClient,
    config: Config,
    settings: CommunitySettings[CommunityChoices],
) -> Surroundings:
    places, members = Places(services), Members(services)
    asking = Asking(http, shared, config.fetch_per_minute)
    return Surroundings(
        services,
        Counters(database),
        Variables(database),
        places,
        Streams(services, places),
        Scripts(config.eval_workers),
        Fetching(http, shared, public_url=config.public_url, per_minute=config.fetch_per_minute),
        settings,
        members,
        Following(services, places, members),
        Sources(asking, config.source_addresses, config.source_keys),
        Model(services),
    )
