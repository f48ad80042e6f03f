"""Wires identity; nobody imports this file."""

from __future__ import annotations

from datetime import timedelta

from quart import Quart

from flask_core.app_factory import create_service
from identity_core_module_flask.config import MODULE, Config
from identity_core_module_flask.endpoints import endpoints
from identity_core_module_flask.flask_auth import FlaskAuth
from identity_core_module_flask.jobs import Jobs
from identity_core_module_flask.people import People
from identity_core_module_flask.person_repository import PersonRepository
from identity_core_module_flask.throttle import Throttle
from identity_core_module_flask.user_datastore import PersonDatastore


def create_app(config: Config) -> Quart:
    """Identity's app."""
    service = create_service(MODULE, config)
    repository = PersonRepository(service.database)
    auth = FlaskAuth(PersonDatastore(config.database_url, MODULE.name), config.service_key)
    people = People(
        repository,
        auth,
        Throttle(service.shared),
        service.shared,
        idle=timedelta(hours=config.session_hours),
        longest=timedelta(days=config.session_days),
    )
    jobs = Jobs(people, repository, config.portal_url)
    service.offers(endpoints(people))
    service.in_background("set-up link", jobs.print_set_up_link)
    service.in_background("sweeping", jobs.sweep)
    service.in_background("ended sessions", people.listen)
    service.at_the_end(auth.close)
    return service.app


app = create_app(Config.from_env())
