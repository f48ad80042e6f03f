"""Registered modules of third parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from flask_core.contracts.external import Executor, LambdaFunction, OpenWhiskAction, Webhook
from flask_core.database import AsyncDAL
from flask_core.datamodels import Manifest
from flask_core.encryption import Sealer

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
        manifest = msgspec.json.encode(module.manifest).decode()
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO external_modules (name, manifest, kind, url, sealed_secret, registered_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET manifest = excluded.manifest,"
                " kind = excluded.kind, url = excluded.url, sealed_secret = excluded.sealed_secret,"
                " registered_at = excluded.registered_at",
                module.manifest.name, manifest, kind, url, sealed, now,
            )
        )  # fmt: skip

    async def drop(self, name: str) -> bool:
        """Forget a module; False when there was none."""
        return bool(await self._database.write(lambda tx: tx.run("DELETE FROM external_modules WHERE name = ?", name)))
