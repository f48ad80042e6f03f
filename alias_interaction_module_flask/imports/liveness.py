"""Whether a command that a timer or a rule runs is one that the router knows by now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from alias_interaction_module_flask.entry_repository import EntryRepository
from alias_interaction_module_flask.imports.rows import Becomes, Timer, Trigger
from alias_interaction_module_flask.push_repository import PushRepository
from alias_interaction_module_flask.targets import first_word
from flask_core.contracts.rules import RunLine
from flask_core.errors import Unavailable

_PATIENCE, _BETWEEN = 5.0, 0.05


@dataclass(frozen=True, slots=True)
class Liveness:
    """New commands are told to the router beside us: what runs them comes after."""

    entries: EntryRepository
    pushes: PushRepository

    async def why_not(self, community_id: int, becomes: Becomes) -> str:
        """Why a timer or rule cannot be made yet, as a sentence; "" when it can.

        Raises Unavailable while the router has not heard of the community's newest commands.
        """
        target = runs(becomes)
        entry = await self.entries.named(community_id, target) if target else None
        if entry is None:
            return ""
        if not entry.what.enabled:
            return f"!{target} is off. Switch it on and import again."
        await self._told(community_id)
        return ""

    async def _told(self, community_id: int) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                while True:
                    version, acknowledged = await self.pushes.versions(community_id)
                    if acknowledged >= version:
                        return
                    await asyncio.sleep(_BETWEEN)
        except TimeoutError:
            raise Unavailable("The router does not know the new commands yet.", retry_after=5) from None


def runs(becomes: Becomes) -> str:
    """The command that it runs, without its sign; "" for none."""
    line = ""
    if isinstance(becomes, Timer):
        line = becomes.settings.command
    elif isinstance(becomes, Trigger):
        line = next((action.line for action in becomes.rule.actions if isinstance(action, RunLine)), "")
    return first_word(line) if line else ""
