"""The one file that holds an installation: a tar of manifest.json, keys.json and module/table.jsonl, sealed."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from flask_core.backup_pieces import Measure
from flask_core.contracts.backup import PIECE_BYTES, Contents, Table
from flask_core.errors import InvalidInput
from portal_module_flask.backup_sealing import Header, Sealing, Unsealing, damaged

MANIFEST, KEYS = "manifest.json", "keys.json"
_GZIP = 31
_LONGEST_PAGE = 16 * 1024 * 1024


class Manifest(msgspec.Struct, frozen=True):
    """What the archive holds, by module; `left_out` are modules that had not been there for a week."""

    format: int
    made_at: datetime
    version: str
    modules: dict[str, Contents]
    keys_sha256: str
    left_out: tuple[str, ...] = ()

    @property
    def tables(self) -> Iterator[tuple[str, Table]]:
        """Modules with their tables, in the order of the archive."""
        for module, contents in sorted(self.modules.items()):
            for table in contents.tables:
                yield module, table


class ArchiveWriter:
    """Writes beside and renames at the end, so that a backup is whole or not there."""

    def __init__(self, path: Path, passphrase: str, header: Header) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        self._beside = path.with_suffix(".part")
        self._beside.unlink(missing_ok=True)
        self._file = os.fdopen(os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._sealing = Sealing(self._file, passphrase, header)
        self._deflating = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        self._left = 0
        self._padding = 0

    def begin(self, name: str, size: int) -> None:
        """The next file; exactly `size` bytes are written then."""
        entry = tarfile.TarInfo(name)
        entry.size = self._left = size
        entry.mode = 0o600
        self._padding = -size % tarfile.BLOCKSIZE
        self._put(entry.tobuf(tarfile.PAX_FORMAT))
        self._end_of_file()

    def write(self, data: bytes) -> None:
        """Some of the file that was begun."""
        self._left -= len(data)
        if self._left < 0:
            raise RuntimeError("more was written than was announced")
        self._put(data)
        self._end_of_file()

    def _end_of_file(self) -> None:
        if not self._left and self._padding:
            self._put(bytes(self._padding))
            self._padding = 0

    def add(self, name: str, data: bytes) -> None:
        """A small file."""
        self.begin(name, len(data))
        if data:
            self.write(data)

    def finish(self) -> None:
        """Close it, and give it its name once it is on the disk."""
        self._put(bytes(tarfile.BLOCKSIZE * 2))
        self._sealing.write(self._deflating.flush())
        self._sealing.finish()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._beside.replace(self._path)

    def give_up(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        self._beside.unlink(missing_ok=True)

    def _put(self, data: bytes) -> None:
        self._sealing.write(self._deflating.compress(data))


def encode(manifest: Manifest) -> bytes:
    """As it lies in the archive."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


class ArchiveReader:
    """The files of an archive, one after another. Everything that is read was proved to be what was written."""

    def __init__(self, path: Path, passphrase: str) -> None:
        self._path = path
        self._passphrase = passphrase

    def check(self) -> tuple[Manifest, dict[str, str]]:
        """Read all of it; what it holds, and the keys of its secrets. Raises InvalidInput for anything amiss."""
        return self.walk(lambda _module, _table, _number, _piece: None)

    def walk(self, each: Callable[[str, str, int, bytes], Any]) -> tuple[Manifest, dict[str, str]]:
        """Hand over each piece as module, table, number and bytes; like `check` in all else."""
        with self._path.open("rb") as file, Unsealing(file, self._passphrase) as unsealing:
            buffered = io.BufferedReader(unsealing, PIECE_BYTES)
            try:
                with tarfile.open(fileobj=buffered, mode="r|gz") as tar:
                    found = _walk(tar, each)
                while buffered.read(PIECE_BYTES):
                    # The end is looked at, too.
                    continue
            except (tarfile.TarError, zlib.error, EOFError, OSError, msgspec.MsgspecError) as error:
                raise damaged() from error
        return found


def _walk(tar: tarfile.TarFile, each: Callable[[str, str, int, bytes], Any]) -> tuple[Manifest, dict[str, str]]:
    manifest = msgspec.json.decode(_small(tar, MANIFEST), type=Manifest)
    if manifest.format != 1:
        raise InvalidInput("This backup was made by a newer version of WaddleBot.")
    keys = _small(tar, KEYS)
    if hashlib.sha256(keys).hexdigest() != manifest.keys_sha256:
        raise damaged()
    for module, table in manifest.tables:
        measure, file = Measure(), _next(tar, f"{module}/{table.name}.jsonl")
        number = 0
        while piece := file.read(PIECE_BYTES):
            measure.add(piece)
            each(module, table.name, number, piece)
            number += 1
        if not measure.fits(table):
            raise damaged()
    if tar.next() is not None:
        raise damaged()
    return manifest, msgspec.json.decode(keys, type=dict[str, str])


def _next(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    entry = tar.next()
    if entry is None or entry.name != name:
        raise InvalidInput(f"This backup lacks {name}.")
    file = tar.extractfile(entry)
    if file is None:
        raise damaged()
    return file


def _small(tar: tarfile.TarFile, name: str) -> bytes:
    return _next(tar, name).read(_LONGEST_PAGE)
