"""Operators back everything up, prove it, and put it back; what is wrong is told before anything is touched."""

from __future__ import annotations

import asyncio
import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flask_core.contracts.backup import Contents
from flask_core.database_connections import open_connection
from flask_core.errors import InvalidInput
from portal_module_flask.backup_archive import KEYS, MANIFEST, ArchiveReader, ArchiveWriter, Manifest, encode
from portal_module_flask.backup_jobs import BackupJobs
from portal_module_flask.backup_sealing import Header
from portal_module_flask.tests.house import FOLDERS, House, Visitor, new_house
from portal_module_flask.views import backups as pages

PAGE = "/operator/backups"
SECRET = "a long winter on the ice"
# Written by merely being there: who runs, who looked in last, what was counted by the hour.
RESTLESS = {"modules", "module_instances", "sessions", "module_runs"}


def _when() -> datetime:
    return datetime(2026, 3, 1, 3, 30, tzinfo=UTC)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def the_one_in(folder: Path, occasion: str = "by-hand") -> Path:
    """The newest."""
    return max(folder.glob(f"*-{occasion}.wbk"))


async def ended(house: House, words: str, visitor: Visitor | None = None) -> str:
    """The page once nothing is under way any more; it says that."""
    jobs: BackupJobs = house.inst.app("portal").extensions["backups"]
    async with asyncio.timeout(60):
        while not (latest := await jobs.repository.latest(1)) or not latest[0].ended_at:  # noqa: ASYNC110 - a row tells nobody
            await asyncio.sleep(0.02)
    html = await (visitor or house).page(PAGE)
    assert words in html
    return html


async def backed_up(house: House) -> None:
    await house.send(PAGE, passphrase=SECRET, again=SECRET)
    html = await ended(house, "Backed up")
    assert "✓ done" in html
    assert "under way" not in html


def tables(path: Path) -> dict[str, str]:
    """Tables with what their rows add up to."""
    manifest, _ = ArchiveReader(path, SECRET).check()
    return {f"{m}.{t.name}": f"{t.rows} {t.sha256}" for m, t in manifest.tables if t.name not in RESTLESS}


@pytest.mark.promise("portal.14")
async def test_after_wipe_and_restore_everything_is_what_it_was(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    settings = {"BACKUP_TARGET": str(folder)}
    first = database_url.replace("test.db", "first.db")
    async with new_house(FOLDERS, first, monkeypatch, settings=settings) as house:
        await house.settle_in()
        await house.send(f"{house.here}/memories", kind="quote", content="Fish for <everybody>")
        await house.send(f"{house.here}/overlays", name="Scene")
        overlay = await address(house, f"{house.here}/overlays")
        cookie, here = house.cookie(), house.here
        await backed_up(house)
    kept = the_one_in(folder)
    second = database_url.replace("test.db", "second.db")
    async with new_house(FOLDERS, second, monkeypatch, settings=settings) as house:
        await house.set_up()
        form = {"file": kept.name, "passphrase": SECRET}
        seen = await house.send(f"{PAGE}/preview", 200, on=PAGE, **form)
        assert "memories" in seen
        assert "0 → 1" in seen
        assert "Tick the box" in await house.send(f"{PAGE}/restore", 400, on=PAGE, **form)
        await house.send(f"{PAGE}/restore", on=PAGE, sure="yes", **form)
        ann = Visitor(house.inst.app("portal").test_client())
        ann.web.set_cookie("localhost", "waddlebot", cookie)
        html = await ended(house, "Restored", ann)
        assert "✓ done" in html
        assert "Fish for &lt;everybody&gt;" in await ann.page(f"{here}/memories")
        assert len(overlay) > 20
        assert await address(ann, f"{here}/overlays") == overlay
        await backed_up(House(ann.web, house.inst))
    before = the_one_in(folder, "before-restore")
    assert tables(before)["memories.memories"].startswith("0 ")
    again = the_one_in(folder)
    assert again != kept
    assert tables(again) == tables(kept)


async def address(visitor: Visitor, overlays: str) -> str:
    """The address of the community's first overlay, which is kept sealed."""
    shows = re.search(rf'"({overlays}/\d+/address)"', await visitor.page(overlays))
    assert shows is not None
    return (await visitor.send(shows[1], 200, on=overlays)).split("/overlay/")[1].split("<")[0]


@pytest.mark.promise("portal.14")
async def test_a_wrong_passphrase_and_one_flipped_byte_are_refused(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with new_house(
        FOLDERS, f"sqlite://{tmp_path}/house.db", monkeypatch, settings={"BACKUP_TARGET": str(folder)}
    ) as house:
        await house.settle_in()
        assert "at least 12 characters" in await house.send(PAGE, 400, passphrase="short", again="short")
        assert "not the same" in await house.send(PAGE, 400, passphrase=SECRET, again="")
        with monkeypatch.context() as long_ago:
            long_ago.setattr(pages, "FRESH_SIGN_IN", timedelta(0))
            assert "Sign in again to do that." in await house.send(PAGE, 401, passphrase=SECRET, again=SECRET)
        await backed_up(house)
        await house.send(f"{house.here}/memories", kind="quote", content="said later")
        path = the_one_in(folder)
        whole = path.read_bytes()
        assert b"Penguins" not in whole
        form = {"file": path.name, "passphrase": SECRET}
        wrong = form | {"passphrase": "a long summer on the ice"}
        assert "does not open" in await house.send(f"{PAGE}/preview", 400, on=PAGE, **wrong)
        await house.send(f"{PAGE}/restore", on=PAGE, sure="yes", **wrong)
        assert "does not open" in await ended(house, "Restored")
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert "damaged" in await house.send(f"{PAGE}/preview", 400, on=PAGE, **form)
        await house.send(f"{PAGE}/restore", on=PAGE, sure="yes", **form)
        await ended(house, "This backup is damaged")
        assert "There is no such backup" in await house.send(
            f"{PAGE}/restore", 404, on=PAGE, sure="yes", file="../../etc/passwd", passphrase=SECRET
        )
        assert "said later" in await house.page(f"{house.here}/memories")
        assert "before a restore" not in await house.page(PAGE)


async def test_every_flipped_byte_and_every_end_cut_off_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "one.wbk"
    keys = b"{}"
    nobody = Manifest(1, _when(), "1", {}, _sha(keys))
    writer = ArchiveWriter(path, SECRET, Header(_when(), "by-hand", "1", cost=2))
    writer.add(MANIFEST, encode(nobody))
    writer.add(KEYS, keys)
    writer.finish()
    whole = path.read_bytes()
    assert ArchiveReader(path, SECRET).check()[0] == nobody
    for place in [*range(0, len(whole), 7), len(whole) - 1]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(InvalidInput):
            ArchiveReader(path, SECRET).check()
    for end in (len(whole) - 1, len(whole) // 2, 30, 0):
        path.write_bytes(whole[:end])
        with pytest.raises(InvalidInput):
            ArchiveReader(path, SECRET).check()


def without(path: Path, left_out: str) -> None:
    """Make the archive again, well sealed, with a table less."""
    pieces: list[tuple[str, bytes]] = []
    manifest, _ = ArchiveReader(path, SECRET).walk(lambda m, t, _, piece: pieces.append((f"{m}/{t}", piece)))
    modules = {
        module: Contents(contents.steps, tuple(t for t in contents.tables if f"{module}/{t.name}" != left_out))
        for module, contents in manifest.modules.items()
    }
    keys = b"{}"
    fewer = Manifest(1, manifest.made_at, manifest.version, modules, _sha(keys))
    writer = ArchiveWriter(path, SECRET, Header(manifest.made_at, "by-hand", "1"))
    writer.add(MANIFEST, encode(fewer))
    writer.add(KEYS, keys)
    for module, table in fewer.tables:
        writer.begin(f"{module}/{table.name}.jsonl", table.bytes)
        for name, piece in pieces:
            if name == f"{module}/{table.name}":
                writer.write(piece)
    writer.finish()


@pytest.mark.promise("portal.15")
async def test_a_proof_fails_when_a_table_was_left_out_and_the_page_says_so(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    async with new_house(FOLDERS, database_url, monkeypatch, settings={"BACKUP_TARGET": str(folder)}) as house:
        await house.settle_in()
        await backed_up(house)
        assert "No backup that is here was proved yet" in await house.page(PAGE)
        form = {"file": the_one_in(folder).name, "passphrase": SECRET}
        await house.send(f"{PAGE}/proof", on=PAGE, **form)
        html = await ended(house, "Last proved")
        assert "No backup that is here" not in html
        without(the_one_in(folder), "memories/memory_votes")
        await house.send(f"{PAGE}/proof", on=PAGE, **form)
        html = await ended(house, "memories: The backup has no table memory_votes.")
        assert "No backup that is here was proved yet" in html
        assert schemas_left(house) == []


def schemas_left(house: House) -> list[str]:
    """Tables that a proof made and did not take away."""
    database = house.inst.services["memories"].database
    if database.dialect == "sqlite":
        return []
    connection = open_connection(database.url, "")
    try:
        named = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE position(? IN nspname) = 1", (f"{database.schema}_",)
        )
        return [row[0] for row in named.fetchall()]
    finally:
        connection.close()
