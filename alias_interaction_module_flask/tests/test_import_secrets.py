"""Tokens that an import needed, when the process that fetched with them is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alias_interaction_module_flask.imports.import_repository import KEPT, LASTS, ImportRepository
from alias_interaction_module_flask.imports.models import KeptRow, Person
from alias_interaction_module_flask.imports.row_repository import RowRepository
from alias_interaction_module_flask.imports.rows import Regular
from alias_interaction_module_flask.imports.secret_repository import SecretRepository
from alias_interaction_module_flask.personal_data import PersonalData
from flask_core.begun_elsewhere import BegunElsewhere
from flask_core.contracts.module import PersonAccounts
from flask_core.datamodels import Role
from flask_core.due_work import State
from flask_core.encryption import Sealer, new_key
from flask_core.errors import Conflict
from flask_core.testing.plugin import MakeDatabase

FOLDER = Path(__file__).parents[1]
NOW = datetime(2026, 3, 11, 17, tzinfo=UTC)
ANN = Person("person-ann", "Ann", Role.ADMIN)


@pytest.mark.promise("alias.21")
async def test_a_token_is_sealed_and_goes_with_its_import_or_its_time(make_database: MakeDatabase) -> None:
    database = make_database(FOLDER)
    imports, secrets = ImportRepository(database), SecretRepository(database, Sealer(new_key()))
    await imports.add(2, "nightbot", "", ANN, NOW)
    await secrets.keep(2, "nightbot", "a secret", NOW + LASTS)
    await secrets.keep(3, "streamelements", "another", NOW + LASTS)
    kept = await database.read(lambda tx: tx.rows("SELECT sealed FROM import_tokens"))
    assert not any("secret" in sealed for (sealed,) in kept)
    assert await secrets.get(2, "nightbot", NOW) == "a secret"
    # The process died; another one gives up in the end.
    (due,) = await imports.claim("another process", NOW + timedelta(minutes=2), 50)
    await imports.record(due, due.ends(State.FAILED, "No."))
    assert await secrets.get(2, "nightbot", NOW) == ""
    # Nobody ever began an import with this one.
    await imports.forget_old(NOW + LASTS)
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM import_tokens")) == 0


async def test_one_import_runs_at_a_time_and_all_are_forgotten_after_a_month(make_database: MakeDatabase) -> None:
    database = make_database(FOLDER)
    imports = ImportRepository(database)
    one = await imports.add(2, "nightbot", "", ANN, NOW)
    with pytest.raises(Conflict, match="running already"):
        await imports.add(2, "streamelements", "grace", ANN, NOW + timedelta(seconds=1))
    await imports.add(3, "nightbot", "", ANN, NOW)
    await imports.keep_page(one.id, "commands", 0, "[]", last=True)
    await imports.ended(one, "preview", NOW)
    # Another one takes the place of what nobody applied.
    await imports.add(2, "streamelements", "grace", ANN, NOW + timedelta(seconds=1))
    assert [found.phase for found in await imports.newest(2)] == ["fetching", "dropped"]
    await imports.forget_old(NOW + KEPT + timedelta(seconds=1))
    assert [found.phase for found in await imports.newest(2)] == ["fetching"]
    assert await imports.pages(one.id) == []


async def test_a_state_is_good_once_and_not_for_long(make_database: MakeDatabase) -> None:
    secrets = BegunElsewhere(make_database(FOLDER), "import_states")
    await secrets.add("hash", "person-ann", 2, NOW + timedelta(minutes=10), NOW)
    assert await secrets.take("hash", NOW) == ("person-ann", 2)
    assert await secrets.take("hash", NOW) is None
    await secrets.add("late", "person-ann", 2, NOW + timedelta(minutes=10), NOW)
    assert await secrets.take("late", NOW + timedelta(minutes=10)) is None


async def test_who_began_an_import_and_who_was_in_it_are_told_and_erased(make_database: MakeDatabase) -> None:
    database = make_database(FOLDER)
    imports, rows, people = ImportRepository(database), RowRepository(database), PersonalData(database)
    one = await imports.add(2, "nightbot", "", ANN, NOW)
    await imports.keep_page(one.id, "regulars", 0, '{"regulars":[{"providerId":"1001"}]}', last=True)
    linus = KeptRow(0, "regular", "r1", "Linus", "twitch Linus", Regular("Linus", "twitch", "1001"), "ok", ())
    await rows.replace(one.id, [linus])
    asked = PersonAccounts("request-1", person_id="person-ann")
    (told,) = (await people.export(asked)).tables["imports"]
    assert (told["community"], told["source"]) == (2, "nightbot")
    assert (await people.erase(asked)).counts["imports"] == 1
    assert "imports" not in (await people.export(asked)).tables
    assert [found.person.name for found in await imports.newest(2)] == ["deleted member"]
    counts = (await people.erase(PersonAccounts("request-2", accounts=(("twitch", "1001"),)))).counts
    assert counts["import_rows"] == 1
    assert (await rows.all(one.id), await imports.pages(one.id)) == ([], [])
    assert (await people.erase_community(2)).counts["imports"] == 1
    assert await imports.newest(2) == []
