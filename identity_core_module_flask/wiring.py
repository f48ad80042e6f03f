"""Makes identity's services out of what every module has, so that tests wire them alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from flask_core.auth import utc_now
from flask_core.database import AsyncDAL
from flask_core.due_work import DueWork
from flask_core.encryption import Sealer
from flask_core.http_client import HttpClient
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from identity_core_module_flask.account_directory import AccountDirectory
from identity_core_module_flask.account_repository import AccountRepository
from identity_core_module_flask.challenges import Challenges
from identity_core_module_flask.chatting import Chatting
from identity_core_module_flask.codes import CodeLimits
from identity_core_module_flask.config import Config
from identity_core_module_flask.credential_repository import CredentialRepository
from identity_core_module_flask.desk.wiring import DeskParts, wire_desk
from identity_core_module_flask.flask_auth import FlaskAuth
from identity_core_module_flask.key_repository import KeyRepository
from identity_core_module_flask.keys import Keys
from identity_core_module_flask.link_repository import LinkRepository
from identity_core_module_flask.linking import Linking
from identity_core_module_flask.oauth_providers import providers
from identity_core_module_flask.oauth_state_repository import OAuthStateRepository
from identity_core_module_flask.own_links import OwnLinks
from identity_core_module_flask.people import People
from identity_core_module_flask.person_repository import PersonRepository
from identity_core_module_flask.platform_sign_in import PlatformSignIn
from identity_core_module_flask.session_repository import SessionRepository
from identity_core_module_flask.sessions import Sessions
from identity_core_module_flask.sign_in import SignIn
from identity_core_module_flask.telling_now import TellNow
from identity_core_module_flask.tellings import Messenger, Telling, Tellings
from identity_core_module_flask.throttle import Throttle


class Means(Protocol):
    """What a module is given: flask_core's Service, or a test's likeness of it."""

    @property
    def database(self) -> AsyncDAL: ...

    @property
    def shared(self) -> SharedState: ...

    @property
    def sealer(self) -> Sealer: ...

    @property
    def services(self) -> ServiceClient: ...

    @property
    def http(self) -> HttpClient: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that identity does."""

    people: People
    auth: FlaskAuth
    ways_in: SignIn
    sessions: Sessions
    keys: Keys
    linking: Linking
    own: OwnLinks
    directory: AccountDirectory
    tellings: Tellings
    messenger: Messenger
    telling: DueWork[Telling]
    chatting: Chatting
    desk: DeskParts
    platforms: PlatformSignIn


def wire(
    means: Means,
    config: Config,
    *,
    now: Callable[[], datetime] = utc_now,
    clock: Callable[[], float] = time.monotonic,
    since_1970: Callable[[], float] = time.time,
) -> Identity:
    """`clock` measures how long something is remembered, `since_1970` the steps of authenticators."""
    database, shared, keyed_hash = means.database, means.shared, means.sealer.keyed_hash
    persons = PersonRepository(database)
    auth = FlaskAuth(CredentialRepository(database, keyed_hash), keyed_hash, since_1970)
    sessions = Sessions(
        SessionRepository(database), shared, now=now, clock=clock,
        idle=timedelta(hours=config.session_hours), longest=timedelta(days=config.session_days),
    )  # fmt: skip
    people = People(persons, sessions)
    tellings = Tellings(database, means.sealer, now)
    accounts, requests = AccountRepository(database, tellings), LinkRepository(database)
    entrances = providers(config.platforms, means.http, config.portal_url, now)
    directory, own = AccountDirectory(accounts, means.services), OwnLinks(accounts, requests, now, tuple(entrances))
    linking = Linking(
        requests, accounts, directory, CodeLimits(shared), tellings,
        keyed_hash=keyed_hash, minutes=config.code_minutes, portal_url=config.portal_url, now=now,
    )  # fmt: skip
    desk = wire_desk(means, accounts, sessions, tellings, config.portal_url, now)
    throttle, messenger = Throttle(shared, now), Messenger(tellings, means.services, now)
    ways_in = SignIn(persons, auth, throttle, Challenges(shared), sessions, now)
    telling = DueWork(tellings, messenger, now=now)
    platforms = PlatformSignIn(
        entrances, OAuthStateRepository(database), accounts, ways_in, throttle, TellNow(telling.step),
        config.sign_up != "closed", now,
    )  # fmt: skip
    return Identity(
        people,
        auth,
        ways_in,
        sessions,
        Keys(KeyRepository(database), shared, most=config.max_keys, now=now),
        linking,
        own,
        directory,
        tellings,
        messenger,
        telling,
        Chatting(linking, own, people, config.portal_url, desk.passes),
        desk,
        platforms,
    )
