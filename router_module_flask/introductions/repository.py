"""Manifests, running instances and switches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Manifest

_manifest = msgspec.json.Decoder(Manifest)


@dataclass(frozen=True, slots=True)
class Instance:
    """A process of a module and when it was last heard of."""

    module: str
    instance: str
    base_url: str
    seen_at: datetime


class ModuleRepository:
    """What survives restarts: a module that is away still answers "not answering"."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def manifests(self) -> list[Manifest]:
        """All manifests."""
        rows = await self._database.read(lambda tx: tx.rows("SELECT manifest FROM modules ORDER BY name"))
        return [_manifest.decode(row[0]) for row in rows]

    async def instances(self) -> list[Instance]:
        """All instances that were not forgotten."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT name, instance, base_url, seen_at FROM module_instances ORDER BY seen_at")
        )
        return [Instance(*row) for row in rows]

    async def heard_of(self, manifest: Manifest, now: datetime, *, changed: bool) -> None:
        """Keep that an instance was heard of, and its manifest when it changed."""

        def unit(tx: Tx) -> None:
            if changed:
                tx.run(
                    "INSERT INTO modules (name, manifest, introduced_at) VALUES (?, ?, ?)"
                    " ON CONFLICT (name) DO UPDATE SET manifest = excluded.manifest, introduced_at ="
                    " excluded.introduced_at",
                    manifest.name, msgspec.json.encode(manifest).decode(), now,
                )  # fmt: skip
            tx.run(
                "INSERT INTO module_instances (name, instance, base_url, seen_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (name, instance) DO UPDATE SET seen_at = excluded.seen_at, base_url = excluded.base_url",
                manifest.name, manifest.instance, manifest.base_url, now,
            )  # fmt: skip

        await self._database.write(unit)

    async def forget_instance(self, name: str, instance: str) -> None:
        """An instance took its leave."""
        await self._database.write(
            lambda tx: tx.run("DELETE FROM module_instances WHERE name = ? AND instance = ?", name, instance)
        )
