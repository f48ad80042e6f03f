"""Wires the memories module; nobody imports this file."""

from __future__ import annotations

from quart import Quart

from flask_core.app_factory import create_service
from flask_core.auth import utc_now
from flask_core.datamodels import LIVE_AFTER
from memories_interaction_module_flask.categories import Categories
from memories_interaction_module_flask.category_repository import CategoryRepository
from memories_interaction_module_flask.config import MODULE, Config
from memories_interaction_module_flask.endpoints import endpoints
from memories_interaction_module_flask.importing import Importing
from memories_interaction_module_flask.personal_data import KEPT, PersonalData
from memories_interaction_module_flask.reminder_commands import commands
from memories_interaction_module_flask.reminder_loop import reminder_work
from memories_interaction_module_flask.sweeping import Sweeper
from memories_interaction_module_flask.titles import title_work
from memories_interaction_module_flask.vote_repository import VoteRepository
from memories_interaction_module_flask.wiring import wire


def create_app(config: Config) -> Quart:
    """The app of memories."""
    service = create_service(MODULE, config)
    memories = wire(service.database, service.shared, service.sealer, service.services, config, now=utc_now)
    reminders, rows = memories.reminding.reminders, memories.reminding.reminders.repository
    importing = Importing(
        service.database,
        memories.entries.repository,
        memories.listing,
        Categories(CategoryRepository(service.database)),
        config.max_entries,
    )
    service.offers(endpoints(memories, importing, VoteRepository(service.database)))
    service.offers(PersonalData(service.database, memories.reminding.reminders).endpoints())
    service.offers(memories.settings.endpoints())
    service.runs_commands(commands, memories)
    service.introduces(settings_schema=memories.settings.schema(), personal_data=KEPT)
    service.listens_to(*LIVE_AFTER)
    loop = reminder_work(
        reminders,
        memories.reminding.off_air,
        service.services,
        owner=service.manifest.instance,
        public_url=config.public_url,
    )
    service.in_background("reminders", loop.run)
    service.in_background(
        "titles", title_work(service.database, memories.entries.repository, service.http, utc_now).run
    )
    service.in_background("uses", memories.entries.uses.run)
    service.at_the_end(memories.entries.uses.write)
    service.in_background("sweeping", Sweeper(memories.entries, rows).run)
    return service.app


app = create_app(Config.from_env())
