"""Puts the importer together, for the app and for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alias_interaction_module_flask.audit import Audit
from alias_interaction_module_flask.counters import Counters, Variables
from alias_interaction_module_flask.entries import Entries
from alias_interaction_module_flask.imports.applying import Applying
from alias_interaction_module_flask.imports.choosing import Choosing
from alias_interaction_module_flask.imports.connecting import Connecting, NightbotClient
from alias_interaction_module_flask.imports.fetching import Fetching
from alias_interaction_module_flask.imports.import_repository import ImportRepository
from alias_interaction_module_flask.imports.importing import Importing
from alias_interaction_module_flask.imports.judging import Judge
from alias_interaction_module_flask.imports.liveness import Liveness
from alias_interaction_module_flask.imports.own_places import CommandPlace, CounterPlace, VariablePlace
from alias_interaction_module_flask.imports.people_place import PeoplePlace
from alias_interaction_module_flask.imports.placing import Place
from alias_interaction_module_flask.imports.pretending import Samples
from alias_interaction_module_flask.imports.router_places import FilterPlace, RulePlace, TimerPlace
from alias_interaction_module_flask.imports.row_repository import RowRepository
from alias_interaction_module_flask.imports.rows import (
    Command,
    Counter,
    Filter,
    Regular,
    Timer,
    Trigger,
    Variable,
)
from alias_interaction_module_flask.imports.secret_repository import SecretRepository
from alias_interaction_module_flask.imports.working import Working
from alias_interaction_module_flask.push_repository import PushRepository
from flask_core.begun_elsewhere import BegunElsewhere
from flask_core.database import AsyncDAL
from flask_core.encryption import Sealer
from flask_core.http_client import HttpClient
from flask_core.service_client import ServiceClient
from flask_core.waking import Alarm


@dataclass(frozen=True, slots=True)
class Outside:
    """The bots' APIs: `urls` by source, our application at Nightbot, and how much of the usual pause is made."""

    http: HttpClient
    urls: Mapping[str, str]
    nightbot: NightbotClient
    pause: float = 1.0


@dataclass(frozen=True, slots=True)
class ImportParts:
    """What people ask, and what works for them."""

    importing: Importing
    working: Working


def wire_imports(
    database: AsyncDAL, sealer: Sealer, client: ServiceClient, entries: Entries, outside: Outside, *,
    now: Callable[[], datetime],
) -> ImportParts:  # fmt: skip
    """All parts of the importer."""
    places: dict[type, Place] = {
        Command: CommandPlace(entries), Counter: CounterPlace(Counters(database)),
        Variable: VariablePlace(Variables(database)), Timer: TimerPlace(client), Trigger: RulePlace(client),
        Filter: FilterPlace(client), Regular: PeoplePlace(client),
    }  # fmt: skip
    imports, rows, secrets = ImportRepository(database), RowRepository(database), SecretRepository(database, sealer)
    begun = BegunElsewhere(database, "import_states")
    connecting = Connecting(outside.http, outside.urls["nightbot"], outside.nightbot, secrets, begun, now)
    fetching = Fetching(imports, secrets, connecting, outside.http, outside.urls, now, outside.pause)
    alarm, samples = Alarm(), Samples(entries.texts.around.scripts)
    liveness = Liveness(entries.repository, PushRepository(database))
    judge, applying = Judge(places, entries.names), Applying(database, rows, places, liveness)
    return ImportParts(
        Importing(
            database, imports, rows, secrets, connecting, Choosing(rows, entries), client, samples, now, alarm.ring
        ),
        Working(imports, rows, fetching, judge, applying, Audit(database, now), client, now, alarm),
    )
