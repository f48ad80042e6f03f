"""Manifests, running instances, external modules and switches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from flask_core.contracts.router import Enablement
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Manifest
from router_module_flask.audit import INSTALLATION, Change, write_down

_manifest = msgspec.json.Decoder(Manifest)


@dataclass(frozen=True, slots=True)
class Instance:
    """A process of a module and when it was last heard of."""

    module: str
    instance: str
    base_url: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ExternalModule:
    """A third party's module, called by webhook."""

    manifest: Manifest
    url: str
    sealed_secret: str


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

    async def external(self) -> list[ExternalModule]:
        """All registered modules of third parties."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT manifest, url, sealed_secret FROM external_modules ORDER BY name")
        )
        return [ExternalModule(_manifest.decode(row[0]), row[1], row[2]) for row in rows]

    async def register(self, module: ExternalModule, now: datetime) -> None:
        """Keep or replace a third party's module."""

        def unit(tx: Tx) -> None:
            name, version = module.manifest.name, module.manifest.version
            was = tx.row("SELECT url, manifest FROM external_modules WHERE name = ?", name)
            tx.run(
                "INSERT INTO external_modules (name, manifest, url, sealed_secret, registered_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET manifest = excluded.manifest, url = excluded.url,"
                " sealed_secret = excluded.sealed_secret, registered_at = excluded.registered_at",
                name, msgspec.json.encode(module.manifest).decode(), module.url, module.sealed_secret, now,
            )  # fmt: skip
            before = None if was is None else {"url": was[0], "version": _manifest.decode(was[1]).version}
            after = {"url": module.url, "version": version}
            write_down(tx, Change(INSTALLATION, "marketplace", "module.register", name, "", before, after), now)

        await self._database.write(unit)

    async def of(self, community_id: int) -> dict[tuple[str, str], bool]:
        """(module, channel or "") → on or off, for everything that somebody switched."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT module, channel, enabled FROM enablement WHERE community_id = ?", community_id)
        )
        return {(module, channel): bool(enabled) for module, channel, enabled in rows}

    async def switch(self, community_id: int, state: Enablement, channel: str, actor: str, now: datetime) -> None:
        """Keep a switch and write down who pressed it."""

        def unit(tx: Tx) -> None:
            was = tx.value(
                "SELECT enabled FROM enablement WHERE community_id = ? AND module = ? AND channel = ?",
                community_id, state.module, channel,
            )  # fmt: skip
            tx.run(
                "INSERT INTO enablement (community_id, module, channel, enabled, version, changed_at)"
                " VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (community_id, module, channel) DO UPDATE SET"
                " enabled = excluded.enabled, version = enablement.version + 1, changed_at = excluded.changed_at",
                community_id, state.module, channel, state.enabled, now,
            )  # fmt: skip
            said = f"{'on' if state.enabled else 'off'}{' in ' + channel if channel else ''}"
            before = None if was is None else bool(was)
            switched = Change(community_id, actor, "module.switch", state.module, said, before, state.enabled)
            write_down(tx, switched, now)

        await self._database.write(unit)
