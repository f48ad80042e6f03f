"""Where modules run: switches of a community and of its channels, and the terms of third parties' modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts import router
from flask_core.contracts.external import Grant
from flask_core.datamodels import ChannelKey
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from flask_core.operations import Caller
from router_module_flask.customs.known import KnownCustoms
from router_module_flask.customs.overrides import checked_name
from router_module_flask.customs.switch_repository import SwitchRepository, Terms
from router_module_flask.executors.grants import Grants
from router_module_flask.introductions.directory import ALWAYS_ON, CommandDirectory

_LONGEST_PAUSE, _LARGEST_SETTINGS = 200, 16 * 1024
_KEPT = ("settings", "paused", "entitled_until")
_TERMS = ("scopes", *_KEPT)


class Switches:
    """Every change is told to all replicas and written down."""

    def __init__(
        self,
        repository: SwitchRepository,
        directory: CommandDirectory,
        customs: KnownCustoms,
        grants: Grants,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._directory = directory
        self._customs = customs
        self._grants = grants
        self._now = now

    async def of(self, community_id: int) -> dict[str, router.Enablement]:
        """Every module's state in a community."""
        rows = await self._repository.of(community_id)
        customs = await self._customs.of(community_id)
        states = {}
        for name in sorted(self._directory.manifests):
            external = name in self._directory.external
            channels = {channel: on for (module, channel), (on, _) in rows.items() if module == name and channel}
            enabled, terms = rows.get((name, ""), (not external, Terms()))
            sign = "#" if external else "!"
            cards = self._directory.manifests[name].commands
            renames = {
                card.path: customs.commands[sign + card.path].rename
                for card in cards
                if sign + card.path in customs.commands and customs.commands[sign + card.path].rename
            }
            scopes = await self._grants.of(community_id, name) if external else ()
            states[name] = router.Enablement(
                name,
                enabled,
                name in ALWAYS_ON,
                channels,
                terms.version,
                scopes=tuple(sorted(scopes)),
                settings=terms.settings,
                renames=renames,
                paused=terms.paused,
                entitled_until=terms.entitled_until,
            )
        return states

    async def one(self, community_id: int, module: str) -> router.Enablement:
        """A module's state; raises NotFound."""
        self._known(module)
        return (await self.of(community_id))[module]

    async def refusal(self, community_id: int, module: str, channel: str) -> str | None:
        """Why `module` does nothing in a channel, or None."""
        if module in ALWAYS_ON or module not in self._directory.manifests:
            return None
        customs = await self._customs.of(community_id)
        otherwise = module not in self._directory.external
        return customs.refusal(module, channel, self._now, otherwise=otherwise)

    async def runs(self, community_id: int, module: str, channel: str) -> bool:
        """Whether a module that is known runs in a channel."""
        return module in self._directory.manifests and await self.refusal(community_id, module, channel) is None

    async def switch(
        self, community_id: int, module: str, on: bool, *, channel: str = "", by: str
    ) -> router.Enablement:
        """Switch a module on or off, in one channel or everywhere in the community."""
        return await self._put(router.PutEnablement(community_id, module, on, channel), by)

    async def put(self, asked: router.PutEnablement, caller: Caller) -> router.Enablement:
        """Change what is given. Scopes, settings and payment come from the marketplace and from nobody else."""
        by = caller.acting.person_id if caller.acting is not None else caller.service
        if any(getattr(asked, name) is not msgspec.UNSET for name in _TERMS) and caller.service != "marketplace":
            raise Forbidden("The marketplace decides what a module may do, and until when.")
        return await self._put(asked, by)

    async def _put(self, asked: router.PutEnablement, by: str) -> router.Enablement:
        self._known(asked.module)
        if asked.module in ALWAYS_ON:
            raise Conflict(f"{asked.module} cannot be switched off.", locked=asked.module)
        channels = dict(asked.channels)
        if asked.channel:
            channels[asked.channel] = asked.enabled
        self._check(asked, channels)
        switched: dict[str, bool | None] = {str(ChannelKey.parse(key)): on for key, on in channels.items()}
        if not asked.channel:
            switched[""] = asked.enabled
        names = self._names(asked.module, asked.renames)
        if asked.scopes is not msgspec.UNSET:
            await self._grants.grant(Grant(asked.community_id, asked.module, asked.scopes), by)
        given = {name: value for name in _KEPT if (value := getattr(asked, name)) is not msgspec.UNSET}
        await self._repository.put(
            asked.community_id, asked.module, switched, given, names, by, self._now(),
            otherwise=asked.module not in self._directory.external,
        )  # fmt: skip
        await self._customs.changed(asked.community_id)
        return await self.one(asked.community_id, asked.module)

    def _known(self, module: str) -> None:
        if module not in self._directory.manifests:
            raise NotFound(f"No module is called {module[:40]}.")

    def _check(self, asked: router.PutEnablement, channels: Mapping[str, Any]) -> None:
        if len(channels) > router.MOST_SWITCHED_CHANNELS:
            raise InvalidInput(f"Name up to {router.MOST_SWITCHED_CHANNELS} channels at once.", field="channels")
        if asked.paused is not msgspec.UNSET and len(asked.paused) > _LONGEST_PAUSE:
            raise InvalidInput(f"Say in {_LONGEST_PAUSE} characters why it is paused.", field="paused")
        if asked.settings is not msgspec.UNSET and len(msgspec.json.encode(asked.settings)) > _LARGEST_SETTINGS:
            raise InvalidInput("Settings have 16 KiB at most.", field="settings")

    def _names(self, module: str, renames: Mapping[str, str]) -> dict[str, str]:
        """Commands of the module to their new names; raises for words that are taken or that nobody can type."""
        sign = "#" if module in self._directory.external else "!"
        names = {}
        for path, name in renames.items():
            owner = self._directory.owner_of((sign, *path.split()))
            if owner != module:
                raise NotFound(f"{module} has no command {path[:50]}.")
            names[sign + path] = checked_name(self._directory, sign, path, name)
        return names
