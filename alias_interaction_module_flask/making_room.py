"""A module that comes later keeps its words: the community's own command of that name gets another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from alias_interaction_module_flask.entry_repository import EntryRepository
from alias_interaction_module_flask.models import By
from flask_core.auth import utc_now
from flask_core.command_names import LONGEST
from flask_core.contracts import notices
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Stale, Unavailable
from flask_core.service_client import ServiceClient

_SUFFIX = "_custom"
_BOT = By("", "WaddleBot", Role.OWNER)


@dataclass(frozen=True, slots=True)
class MakingRoom:
    """Renames, and tells the owner."""

    entries: EntryRepository
    client: ServiceClient
    now: Callable[[], datetime] = utc_now

    async def rename(self, community_id: int, name: str) -> None:
        """Let `!name` be called `!name_custom` from now on."""
        entry = await self.entries.named(community_id, name)
        if entry is None:
            return
        for number in range(1, 100):
            other = f"{name[: LONGEST - 9]}{_SUFFIX}{number if number > 1 else ''}"
            try:
                await self.entries.change(
                    entry, msgspec.structs.replace(entry.what, name=other), _BOT, self.now(), did="make room"
                )
            except Stale:
                return
            except Conflict:
                continue
            await self._tell(community_id, name, other)
            return

    async def _tell(self, community_id: int, name: str, other: str) -> None:
        notice = notices.PutNotice(
            idempotency_key=f"alias {community_id} {name} {other}",
            about=f"alias {community_id} {name}",
            text=f"!{name} is a command of a module now. Your own one is called !{other} from now on.",
            community_id=community_id,
            link=f"/c/{community_id}/commands/own",
        )
        try:
            await self.client.call("portal", notices.NOTIFY, notice)
        except Unavailable:
            # The history of the command tells it too.
            return
