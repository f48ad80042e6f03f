"""Puts the desk together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from identity_core_module_flask.account_repository import AccountRepository
from identity_core_module_flask.desk.part_repository import PartRepository
from identity_core_module_flask.desk.passes import DeskPasses
from identity_core_module_flask.desk.receipts import Receipts
from identity_core_module_flask.desk.repository import DeskRepository
from identity_core_module_flask.desk.service import Desk
from identity_core_module_flask.desk.work import DeskWork
from identity_core_module_flask.sessions import Sessions
from identity_core_module_flask.tellings import Tellings

if TYPE_CHECKING:
    from identity_core_module_flask.wiring import Means


@dataclass(frozen=True, slots=True)
class DeskParts:
    """What the desk does."""

    desk: Desk
    passes: DeskPasses
    parts: PartRepository
    work: DeskWork
    receipts: Receipts
    repository: DeskRepository


def wire_desk(
    means: Means,
    accounts: AccountRepository,
    sessions: Sessions,
    tellings: Tellings,
    portal_url: str,
    now: Callable[[], datetime],
) -> DeskParts:
    """The desk, with its due work."""
    repository, receipts = DeskRepository(means.database), Receipts(means.sealer.keyed_hash)
    parts = PartRepository(means.database, receipts.sign, now)
    desk = Desk(
        repository, accounts, sessions, tellings, means.services, means.shared, means.sealer, portal_url=portal_url,
        now=now,
    )  # fmt: skip
    work = DeskWork(repository, parts, means.services, means.sealer, now)
    return DeskParts(desk, DeskPasses(means.shared, accounts, now), parts, work, receipts, repository)
