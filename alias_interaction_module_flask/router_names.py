"""Asks the router which words mean something already, and tells it which ones a community has for itself."""

from __future__ import annotations

from collections.abc import Sequence

from alias_interaction_module_flask.models import Entry
from flask_core.contracts import names
from flask_core.datamodels import Cooldowns
from flask_core.errors import Unavailable
from flask_core.service_client import ServiceClient

_TIMEOUT = 8.0


class RouterNames:
    """Its word counts; while it is away everything is taken on trust, and put right when it is back."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def owners(self, community_id: int, words: Sequence[str]) -> dict[str, str] | None:
        """Which of the words modules have, and which module; None while nobody can tell."""
        try:
            asked = names.NamesAsked(community_id, tuple(words))
            return (await self._client.call("router", names.CHECK_NAMES, asked)).taken
        except Unavailable:
            return None

    async def push(self, community_id: int, version: int, entries: Sequence[Entry]) -> names.DynamicState:
        """Let these be the community's own commands from now on."""
        items = tuple(command_of(entry) for entry in entries)
        return await self._client.call(
            "router", names.PUT_DYNAMIC, names.DynamicCommands(community_id, version, items)
        )  # fmt: skip

    async def versions(self) -> dict[int, int]:
        """Which version of each community's commands the router has."""
        return (await self._client.call("router", names.DYNAMIC_VERSIONS, names.Nothing())).versions


def command_of(entry: Entry) -> names.DynamicCommand:
    """A command as the router has to know it."""
    what = entry.what
    return names.DynamicCommand(
        name=what.name,
        help=f"Runs {what.body}"[:80] if what.kind == "alias" else "",
        role=what.role,
        cooldowns=Cooldowns(what.cooldown_member, what.cooldown_channel),
        platforms=what.platforms,
        channels=what.channels,
        when=what.when,
        timeout=_TIMEOUT,
        hidden=what.hidden,
        enabled=what.enabled,
    )
