"""A backup goes on where it was cut off, is made by the clock, and only as many stay as are worth it."""

from __future__ import annotations

import asyncio
import secrets
import string
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.auth import utc_now
from flask_core.contracts import backup
from flask_core.contracts import router as contract
from flask_core.database import AsyncDAL
from flask_core.datamodels import Manifest
from flask_core.encryption import Sealer, new_key
from flask_core.errors import Conflict, Forbidden, InvalidInput, Unauthenticated, Unavailable
from flask_core.operations import Acting, Caller
from flask_core.runtime import Runtime
from flask_core.testing.installation import Installation, installation
from portal_module_flask.backup_archive import ArchiveReader
from portal_module_flask.backup_files import BackupFile, BackupFolder, name_of, superfluous, told_by
from portal_module_flask.backup_jobs import BackupJobs
from portal_module_flask.backup_modules import Modules
from portal_module_flask.backup_repository import JobRepository
from portal_module_flask.backups import Backups

SECRET = "a long winter on the ice"
FOLDER = Path(__file__).parents[1]
FOLDERS = ("memories_interaction_module_flask", "alias_interaction_module_flask")
KEY = new_key()

type MakeDatabase = Callable[[Path], AsyncDAL]


class Interrupted(Modules):
    """Stands still before the first piece, and never goes on."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.stands = asyncio.Event()

    async def piece(self, module: str, snapshot_id: str, table: str, number: int) -> bytes:
        self.stands.set()
        return await asyncio.Future()


class StopsAtTheSecond(Modules):
    """Restores one module, and stands still before the next."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.stands = asyncio.Event()

    async def apply(self, module: str, restore_id: str) -> None:
        if module == "memories":
            self.stands.set()
            await asyncio.Future()
        await super().apply(module, restore_id)


class Clock:
    """Says what time it is, and lets it pass."""

    def __init__(self) -> None:
        self.at = utc_now()

    def __call__(self) -> datetime:
        return self.at


@pytest_asyncio.fixture
async def inst(database_url: str) -> AsyncIterator[Installation]:
    """Two modules, of which one has quotes."""
    async with installation(FOLDERS, database_url) as made:
        await remember(made, 3)
        yield made


async def remember(inst: Installation, number: int) -> None:
    """The module counts as many settings of communities."""
    insert = "INSERT INTO community_settings (community_id, document, version, changed_at) VALUES (?, '{}', 1, ?)"
    database = inst.services["memories"].database
    first = int(await database.read(lambda tx: tx.value("SELECT count(*) FROM community_settings")))
    await database.write(lambda tx: tx.many(insert, [(first + n, utc_now()) for n in range(number)]))


def jobs_of(
    inst: Installation, database: AsyncDAL, folder: Path, clock: Clock, modules: Modules | None = None
) -> BackupJobs:
    """What a portal process makes of them."""
    modules = modules or Modules(inst.client("portal"), inst.runtime)
    return BackupJobs(
        JobRepository(database), Backups(modules, BackupFolder(folder), KEY), Sealer(KEY), passphrase=SECRET,
        at=(3, 30), now=clock,
    )  # fmt: skip


@pytest.mark.promise("portal.18")
async def test_a_killed_portal_goes_on_with_the_backup_as_it_was(
    inst: Installation, make_database: MakeDatabase, tmp_path: Path
) -> None:
    clock, database = Clock(), make_database(FOLDER)
    interrupted = Interrupted(inst.client("portal"), inst.runtime)
    first = jobs_of(inst, database, tmp_path, clock, interrupted)
    job = await first.back_up("")
    dying = asyncio.create_task(first.step())
    await interrupted.stands.wait()
    contents = await interrupted.take("memories", job.id)
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying
    assert BackupFolder(tmp_path).all() == []
    await remember(inst, 2)
    second = jobs_of(inst, database, tmp_path, clock)
    with pytest.raises(Conflict, match="under way"):
        await second.back_up("")
    assert await second.step() is False
    clock.at += timedelta(seconds=61)
    assert await second.step() is True
    (ended,) = await second.repository.latest()
    assert (ended.state, ended.problem, ended.sealed) == ("done", "", "")
    manifest, keys = ArchiveReader(tmp_path / job.file, SECRET).check()
    assert manifest.modules["memories"] == contents
    assert keys == {"WADDLEBOT_ENCRYPTION_KEYS": KEY}
    settings = next(table for table in contents.tables if table.name == "community_settings")
    assert settings.rows == 3
    left = await inst.services["memories"].database.read(lambda tx: tx.value("SELECT count(*) FROM backup_pieces"))
    assert left == 0


async def test_only_an_operator_who_just_signed_in_opens_a_restore_and_then_nobody_else_writes(
    inst: Installation,
) -> None:
    portal, router = inst.client("portal"), inst.client("router")
    ann = Acting("person-ann", utc_now(), operator=True, name="Ann")
    contents = (await portal.call("memories", backup.TAKE, backup.Take("s1"))).contents
    assert contents is not None
    asked = backup.OpenRestore("r1", contents)
    for client, acting, refusal in (
        (portal, None, Forbidden),
        (router, ann, Forbidden),
        (portal, Acting("person-eve", utc_now()), Forbidden),
        (portal, Acting("person-ann", utc_now() - timedelta(minutes=16), operator=True), Unauthenticated),
    ):
        with pytest.raises(refusal):
            await client.call("memories", backup.OPEN, asked, acting=acting)
    with pytest.raises(Forbidden):
        await router.call("memories", backup.TAKE, backup.Take("s2"))
    await remember(inst, 1)
    await portal.call("memories", backup.OPEN, asked, acting=ann)
    with pytest.raises(Unavailable, match="being restored"):
        await remember(inst, 1)
    assert (await portal.call("memories", backup.END, backup.RestoreOf("r1"))).state == "abandoned"
    await remember(inst, 1)


@pytest.mark.promise("portal.18")
async def test_a_portal_killed_between_two_modules_restores_the_second_too_and_nothing_is_written_between(
    inst: Installation, make_database: MakeDatabase, tmp_path: Path
) -> None:
    clock, database = Clock(), make_database(FOLDER)
    kept = await jobs_of(inst, database, tmp_path, clock).back_up("")
    await jobs_of(inst, database, tmp_path, clock).step()
    await remember(inst, 4)
    stopping = StopsAtTheSecond(inst.client("portal"), inst.runtime)
    first = jobs_of(inst, database, tmp_path, clock, stopping)
    await first.restore(kept.file, "", Acting("person-ann", utc_now(), operator=True))
    dying = asyncio.create_task(first.step())
    await stopping.stands.wait()
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying
    with pytest.raises(Unavailable, match="being restored"):
        await remember(inst, 1)
    clock.at += timedelta(seconds=61)
    second = jobs_of(inst, database, tmp_path, clock)
    assert await second.step() is True
    restored = next(job for job in await second.repository.latest() if job.kind == "restore")
    assert (restored.state, restored.problem) == ("done", "")
    settings = "SELECT count(*) FROM community_settings"
    assert await inst.services["memories"].database.read(lambda tx: tx.value(settings)) == 3
    before = next(file for file in BackupFolder(tmp_path).all() if file.occasion == "before-restore")
    manifest, _ = ArchiveReader(tmp_path / before.name, SECRET).check()
    kept_rows = {table.name: table.rows for table in manifest.modules["memories"].tables}
    assert kept_rows["community_settings"] == 7
    await remember(inst, 1)


async def test_modules_on_other_machines_are_backed_up_and_restored_over_the_network(
    database_url: str, make_database: MakeDatabase, tmp_path: Path
) -> None:
    async with installation(FOLDERS, database_url, listening=True) as inst:
        await remember(inst, 3)
        noise = "".join(secrets.choice(string.ascii_letters) for _ in range(300_000))
        write = inst.services["memories"].database.write
        await write(lambda tx: tx.run("UPDATE community_settings SET document = ? WHERE community_id = 1", noise))
        elsewhere = Runtime()
        elsewhere.modules["router"] = router = Installation(elsewhere).fake("router")
        states = [seen("alias", 1), seen("memories", 1), seen("bought", 1), seen("gone", 0)]

        @router.offers(contract.MODULES)
        async def known(_: contract.Nothing, __: Caller) -> contract.ModuleList:
            return contract.ModuleList(tuple(states))

        @router.offers(contract.MODULE)
        async def one(asked: contract.ModuleName, _: Caller) -> contract.ModuleDetails:
            state = next(state for state in states if state.manifest.name == asked.name)
            return contract.ModuleDetails(state, (), asked.name == "bought")

        client = Installation(elsewhere).client("portal")
        for name in ("alias", "memories"):
            client.knows(name, inst.url(name))
        database = make_database(FOLDER)
        jobs = jobs_of(inst, database, tmp_path, Clock(), Modules(client, elsewhere))
        kept = await jobs.back_up("")
        await jobs.step()
        manifest, _ = ArchiveReader(tmp_path / kept.file, SECRET).check()
        assert (sorted(manifest.modules), manifest.left_out) == (["alias", "memories"], ("gone",))
        await write(lambda tx: tx.run("UPDATE community_settings SET document = 'lost'"))
        await jobs.restore(kept.file, "", Acting("person-ann", utc_now(), operator=True))
        await jobs.step()
        assert {job.problem for job in await jobs.repository.latest()} == {""}
        document = "SELECT document FROM community_settings WHERE community_id = 1"
        assert await inst.services["memories"].database.read(lambda tx: tx.value(document)) == noise
        await client.transport.close()


def seen(name: str, instances: int) -> contract.ModuleState:
    """A module as the router knows it."""
    manifest = Manifest(name=name, version="1", kind="core", base_url="", instance="1", description="")
    return contract.ModuleState(manifest, instances, bool(instances), utc_now() - timedelta(days=8))


async def test_a_backup_with_keys_of_another_installation_is_not_restored_here(
    inst: Installation, make_database: MakeDatabase, tmp_path: Path
) -> None:
    clock, database = Clock(), make_database(FOLDER)
    jobs = jobs_of(inst, database, tmp_path, clock)
    job = await jobs.back_up(SECRET)
    await jobs.step()
    jobs.backups.encryption_keys = new_key()
    await jobs.restore(job.file, SECRET, Acting("person-ann", utc_now(), operator=True))
    await jobs.step()
    failed = next(one for one in await jobs.repository.latest() if one.kind == "restore")
    assert "keys that this installation does not have" in failed.problem
    await remember(inst, 1)


async def test_the_clock_makes_one_backup_a_day_and_proves_one_a_week(
    inst: Installation, make_database: MakeDatabase, tmp_path: Path
) -> None:
    clock, database = Clock(), make_database(FOLDER)
    jobs = jobs_of(inst, database, tmp_path, clock)
    for _ in range(9):
        for _ in range(3):
            await jobs.look_at_the_clock()
            await jobs.step()
        clock.at += timedelta(days=1)
    done = await jobs.repository.latest()
    assert [job.kind for job in done].count("backup") == 9
    assert [job.kind for job in done].count("proof") == 2
    assert {job.state for job in done} == {"done"}
    assert len(BackupFolder(tmp_path).all()) >= 7
    assert len(await jobs.repository.proofs()) >= 1


async def test_a_passphrase_is_long_and_a_folder_that_cannot_be_written_is_told(
    inst: Installation, make_database: MakeDatabase, tmp_path: Path
) -> None:
    clock, database = Clock(), make_database(FOLDER)
    (tmp_path / "file").write_text("in the way")
    jobs = jobs_of(inst, database, tmp_path / "file" / "backups", clock)
    with pytest.raises(InvalidInput, match="at least 12"):
        await jobs.back_up("short")
    await jobs.back_up(SECRET)
    await jobs.step()
    (failed,) = await jobs.repository.latest()
    assert "could not be written" in failed.problem
    assert failed.sealed == ""


def test_seven_days_four_weeks_and_six_months_stay() -> None:
    newest = datetime(2026, 11, 27, 3, 30, tzinfo=UTC)
    daily = [BackupFile(f"d{n}", newest - timedelta(days=n), "daily") for n in range(400)]
    by_hand = [BackupFile(f"h{n}", newest - timedelta(days=n), "by-hand") for n in range(12)]
    gone = {file.name for file in superfluous([*reversed(daily), *by_hand])}
    stay = [file.made_at for file in daily if file.name not in gone]
    assert stay[:7] == [newest - timedelta(days=n) for n in range(7)]
    assert {at.isocalendar()[1] for at in stay} >= {48, 47, 46, 45}
    assert {at.month for at in stay} == {11, 10, 9, 8, 7, 6}
    assert len(stay) <= 7 + 4 + 6
    assert {file.name for file in by_hand} & gone == {"h10", "h11"}


def test_a_name_tells_when_and_why_and_no_other_file_is_taken_for_a_backup() -> None:
    at = datetime(2026, 3, 1, 3, 30, tzinfo=UTC)
    assert told_by(name_of(at, "daily"), 7) == BackupFile("waddlebot-20260301T033000Z-daily.wbk", at, "daily", 7)
    for other in ("waddlebot-20269901T033000Z-daily.wbk", "notes.txt", "../waddlebot-20260301T033000Z-daily.wbk"):
        assert told_by(other) is None
