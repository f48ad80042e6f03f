"""Registered modules of third parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from flask_core.contracts.external import Executor, LambdaFunction, OpenWhiskAction, Webhook
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Manifest
from flask_core.encryption import Sealer
from router_module_flask.audit import INSTALLATION, Change, write_down

_manifest = msgspec.json.Decoder(Manifest)


@dataclass(frozen=True, slots=True)
class Registered:
    """A module and how it is called."""

    manifest: Manifest
    executor: Executor


class ExternalRepository:
    """Secrets are sealed at rest."""

    def __init__(self, database: AsyncDAL, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def all(self) -> list[Registered]:
        """Every registered module."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT manifest, kind, url, sealed_secret FROM external_modules ORDER BY name")
        )
        return [Registered(_manifest.decode(row[0]), self._executor(*row[1:])) for row in rows]

    def _executor(self, kind: str, url: str, sealed: str) -> Executor:
        if kind == "lambda":
            return LambdaFunction(url)
        if kind == "openwhisk":
            return OpenWhiskAction(url)
        secret, _, former = self._sealer.open(sealed).decode().partition("\n")
        return Webhook(url, secret, former)

    async def keep(self, module: Registered, now: datetime) -> None:
        """Register or replace a module."""
        executor = module.executor
        kind = str(executor.__struct_config__.tag)
        url, sealed = "", ""
        if isinstance(executor, Webhook):
            url, sealed = executor.url, self._sealer.seal(f"{executor.secret}\n{executor.former_secret}")
        elif isinstance(executor, LambdaFunction):
            url = executor.function
        else:
            url = executor.action
        name, manifest = module.manifest.name, msgspec.json.encode(module.manifest).decode()
        became = {"kind": kind, "url": url, "version": module.manifest.version}

        def unit(tx: Tx) -> None:
            was = _kept(tx, name)
            tx.run(
                "INSERT INTO external_modules (name, manifest, kind, url, sealed_secret, registered_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET manifest = excluded.manifest,"
                " kind = excluded.kind, url = excluded.url, sealed_secret = excluded.sealed_secret,"
                " registered_at = excluded.registered_at",
                name, manifest, kind, url, sealed, now,
            )  # fmt: skip
            write_down(tx, Change(INSTALLATION, "marketplace", "module.register", name, "", was, became), now)

        await self._database.write(unit)

    async def drop(self, name: str, now: datetime) -> bool:
        """Forget a module; False when there was none."""

        def unit(tx: Tx) -> bool:
            was = _kept(tx, name)
            if was is None:
                return False
            tx.run("DELETE FROM external_modules WHERE name = ?", name)
            write_down(tx, Change(INSTALLATION, "marketplace", "module.drop", name, "", was), now)
            return True

        return await self._database.write(unit)


def _kept(tx: Tx, name: str) -> dict[str, str] | None:
    """What is written down of a registered module."""
    row = tx.row("SELECT kind, url, manifest FROM external_modules WHERE name = ?", name)
    return None if row is None else {"kind": row[0], "url": row[1], "version": _manifest.decode(row[2]).version}
