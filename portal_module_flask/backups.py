"""Makes a backup of all modules, proves one, and restores one. Each step may be done again after a crash."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from pathlib import Path

import msgspec

from flask_core import __version__
from flask_core.backup_pieces import packed
from flask_core.contracts.backup import Contents
from flask_core.errors import ServiceError, UpstreamFailed
from portal_module_flask.backup_archive import KEYS, MANIFEST, ArchiveReader, ArchiveWriter, Manifest, encode
from portal_module_flask.backup_files import BackupFolder, told_by
from portal_module_flask.backup_modules import Modules
from portal_module_flask.backup_sealing import Header

KEYS_NAME = "WADDLEBOT_ENCRYPTION_KEYS"

type Tell = Callable[[str], Awaitable[None]]


class Backups:
    """`encryption_keys` are those of this installation: without them what is sealed in the tables is lost."""

    def __init__(self, modules: Modules, folder: BackupFolder, encryption_keys: str) -> None:
        self.modules = modules
        self.folder = folder
        self.encryption_keys = encryption_keys

    async def make(self, snapshot_id: str, name: str, passphrase: str, tell: Tell, *, keep: Sequence[str] = ()) -> None:
        """Write the backup `name`; one that is there is whole, and stays. Old ones go, except those in `keep`."""
        path = self.folder.folder / name
        file = told_by(name)
        if path.exists() or file is None:
            return
        present, left_out = await self.modules.names(file.made_at)
        modules: dict[str, Contents] = {}
        for module in present:
            await tell(f"Reading {module}")
            modules[module] = await self.modules.take(module, snapshot_id)
        keys = msgspec.json.encode({KEYS_NAME: self.encryption_keys})
        manifest = Manifest(1, file.made_at, __version__, modules, hashlib.sha256(keys).hexdigest(), tuple(left_out))
        try:
            await asyncio.to_thread(_need_room, self.folder.folder, manifest)
            writer = await asyncio.to_thread(
                ArchiveWriter, path, passphrase, Header(file.made_at.astimezone(UTC), file.occasion, __version__)
            )
            try:
                await self._write(writer, manifest, keys, snapshot_id, tell)
            except BaseException:
                writer.give_up()
                raise
            await asyncio.to_thread(self.folder.tidy, keep)
        except OSError as error:
            raise UpstreamFailed(f"The backup could not be written: {error.strerror or error}.") from error
        for module in present:
            await self.modules.forget(module, snapshot_id)

    async def _write(
        self, writer: ArchiveWriter, manifest: Manifest, keys: bytes, snapshot_id: str, tell: Tell
    ) -> None:
        writer.add(MANIFEST, encode(manifest))
        writer.add(KEYS, keys)
        now_at = ""
        for module, table in manifest.tables:
            if module != now_at:
                now_at = module
                await tell(f"Writing {module}")
            writer.begin(f"{module}/{table.name}.jsonl", table.bytes)
            for number in range(table.pieces):
                piece = await self.modules.piece(module, snapshot_id, table.name, number)
                await asyncio.to_thread(writer.write, piece)
        await asyncio.to_thread(writer.finish)

    async def look_into(self, name: str, passphrase: str) -> tuple[Manifest, dict[str, str]]:
        """Read all of a backup; raises InvalidInput for a wrong passphrase or a flipped bit, NotFound if gone."""
        return await asyncio.to_thread(ArchiveReader(self.folder.path(name), passphrase).check)

    async def bring(self, name: str, passphrase: str, put: Callable[[str, str, int, str], Awaitable[None]]) -> Manifest:
        """Hand every piece of a backup to `put`, as module, table, number and how it travels."""
        loop = asyncio.get_running_loop()
        stopped = False

        def each(module: str, table: str, number: int, piece: bytes) -> None:
            if stopped:
                raise ServiceError("This was given up.")
            asyncio.run_coroutine_threadsafe(_as_coroutine(put, module, table, number, packed(piece)), loop).result()

        try:
            reader = ArchiveReader(self.folder.path(name), passphrase)
            manifest, _ = await asyncio.to_thread(reader.walk, each)
        finally:
            # A thread cannot be cancelled; it sees that nobody waits for it any more.
            stopped = True
        return manifest


async def _as_coroutine(
    put: Callable[[str, str, int, str], Awaitable[None]], module: str, table: str, number: int, body: str
) -> None:
    await put(module, table, number, body)


def _need_room(folder: Path, manifest: Manifest) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    needed = sum(table.bytes for _, table in manifest.tables)
    if shutil.disk_usage(folder).free < needed:
        raise UpstreamFailed("There is not enough room for the backup where it shall be kept.")
