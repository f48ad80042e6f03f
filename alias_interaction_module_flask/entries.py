"""The rules about a community's own commands: adding, changing, removing, bringing back."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from alias_interaction_module_flask.config import CommunityChoices
from alias_interaction_module_flask.entry_repository import EntryRepository, taken
from alias_interaction_module_flask.models import By, Entry, Kind, Origin, Wish
from alias_interaction_module_flask.router_names import RouterNames
from alias_interaction_module_flask.targets import check_circle, first_word
from alias_interaction_module_flask.texts import Texts
from alias_interaction_module_flask.wishes import check_rights, checked, checked_name
from flask_core.auth import utc_now
from flask_core.command_names import plain_name
from flask_core.community_settings import CommunitySettings
from flask_core.datamodels import Role
from flask_core.errors import Conflict, InvalidInput, NotFound, Stale


@dataclass(frozen=True, slots=True)
class Entries:
    """`by` is who acts; `changed` wakes whoever tells the router."""

    repository: EntryRepository
    names: RouterNames
    texts: Texts
    settings: CommunitySettings[CommunityChoices]
    max_commands: int
    now: Callable[[], datetime] = utc_now
    changed: Callable[[], None] = lambda: None

    async def wish(self, community_id: int, kind: Kind, name: str, body: str, **fields: Any) -> Wish:
        """What somebody wants, with the community's defaults for what they do not say."""
        choices, _ = await self.settings.read(community_id)
        fields.setdefault("cooldown_channel", float(choices.default_cooldown_channel if kind == "text" else 0))
        fields.setdefault("cooldown_member", float(choices.default_cooldown_member if kind == "text" else 0))
        return Wish(kind, name, body, **fields)

    async def add(self, community_id: int, wish: Wish, by: By, *, origin: Origin | None = None) -> Entry:
        """Keep a new one. Raises Conflict for a taken name, InvalidInput, Forbidden, LimitReached."""
        wish = checked(wish)
        await self._may(community_id, by, wish)
        if await self.repository.named(community_id, wish.name) is not None:
            raise taken(wish.name)
        await self.check_free(community_id, wish.name)
        await self._check_body(community_id, wish, origin or Origin())
        made = await self.repository.add(
            community_id, wish, by, self.now(), at_most=self.max_commands, origin=origin or Origin()
        )
        self.changed()
        return made

    async def change(self, before: Entry, by: By, *, version: int | None = None, **fields: Any) -> Entry:
        """Change fields of a wish. Raises Stale when `version` is not the present one."""
        if version is not None and version != before.version:
            raise Stale(f"Somebody changed !{before.name} meanwhile.")
        wish = checked(msgspec.structs.replace(before.what, **fields))
        await self._may(before.community_id, by, before.what, wish)
        if wish.name != before.name:
            await self.check_free(before.community_id, wish.name)
        if (wish.body, wish.kind, wish.name, wish.role) != _checked_of(before.what):
            await self._check_body(before.community_id, wish, before.origin)
        if wish == before.what:
            return before
        after = await self.repository.change(before, wish, by, self.now())
        self.changed()
        return after

    async def remove(self, before: Entry, by: By) -> Entry:
        """Put it into the bin for 30 days."""
        await self._may(before.community_id, by, before.what)
        gone = await self.repository.remove(before, by, self.now())
        self.changed()
        return gone

    async def restore(self, before: Entry, by: By) -> Entry:
        """Take it out of the bin; raises Conflict when its name means something else by now."""
        if before.deleted_at is None:
            raise Conflict(f"!{before.name} is not in the bin.")
        await self._may(before.community_id, by, before.what)
        await self.check_free(before.community_id, before.name)
        await self._check_body(before.community_id, before.what, before.origin)
        back = await self.repository.restore(before, by, self.now(), at_most=self.max_commands)
        self.changed()
        return back

    async def named(self, community_id: int, name: str, kind: Kind | None = None) -> Entry:
        """One by its name; raises NotFound with the nearest name that there is."""
        found = await self.repository.named(community_id, name)
        if found is not None and kind in {None, found.what.kind}:
            return found
        others = [entry.name for entry in await self.repository.all(community_id) if kind in {None, entry.what.kind}]
        near = difflib.get_close_matches(plain_name(name), others, n=1)
        hint = f" Did you mean !{near[0]}?" if near else ""
        raise NotFound(f"There is no !{plain_name(name)[:50]}.{hint}")

    async def binned(self, community_id: int, name: str) -> Entry:
        """What was called so and is in the bin; raises NotFound."""
        found = await self.repository.binned(community_id, checked_name(name))
        if found is None:
            raise NotFound(f"There is no !{plain_name(name)[:50]} in the bin.")
        return found

    async def one(self, community_id: int, entry_id: int) -> Entry:
        """One by its id; raises NotFound for another community's."""
        found = await self.repository.one(community_id, entry_id)
        if found is None:
            raise NotFound("There is no such command.")
        return found

    async def check_free(self, community_id: int, name: str) -> None:
        """Raise Conflict for a name that a module has; nobody can take it."""
        owners = await self.names.owners(community_id, (name,))
        if owners and name in owners:
            raise Conflict(f"!{name} is a command of {owners[name]} and stays one. Choose another name.", name=name)

    async def may_edit(self, community_id: int, by: By) -> bool:
        """Whether somebody may change commands at all."""
        return by.role >= await self._edit_role(community_id)

    async def _edit_role(self, community_id: int) -> Role:
        choices, _ = await self.settings.read(community_id)
        return Role.named(choices.edit_role)

    async def _may(self, community_id: int, by: By, *wishes: Wish) -> None:
        check_rights(by, *wishes, edit_role=await self._edit_role(community_id))

    async def _check_body(self, community_id: int, wish: Wish, origin: Origin) -> None:
        """Raise InvalidInput for a text that cannot be read, a line that leads nowhere or in a circle."""
        await self.texts.check(community_id, wish, imported=bool(origin.source))
        if wish.kind == "text":
            return
        others = await self.repository.all(community_id)
        target = first_word(wish.body)
        check_circle(wish.name, wish.body, others)
        if target and target not in {entry.name for entry in others}:
            owners = await self.names.owners(community_id, (target,))
            if owners is not None and target not in owners:
                raise InvalidInput(f"There is no !{target[:50]} here.", field="body")


def _checked_of(wish: Wish) -> tuple[str, str, str, Role]:
    return wish.body, wish.kind, wish.name, wish.role
