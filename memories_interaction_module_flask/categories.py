"""Categories: how they may be called and look."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flask_core.errors import Conflict, InvalidInput, NotFound
from memories_interaction_module_flask.category_repository import CategoryRepository
from memories_interaction_module_flask.limits import clean
from memories_interaction_module_flask.models import Category

NAME, ICON = 60, 16
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Categories:
    """The rules about categories."""

    repository: CategoryRepository

    async def listed(self, community_id: int) -> list[Category]:
        """All, by name."""
        return await self.repository.listed(community_id)

    async def add(self, community_id: int, name: str, colour: str, icon: str) -> Category:
        """A new one."""
        new = _checked(Category(0, name, colour, icon))
        return await self.repository.add(community_id, new.name, new.colour, new.icon)

    async def ensure(self, community_id: int, name: str) -> None:
        """Make one of that name unless there is one."""
        try:
            await self.add(community_id, name, "", "")
        except Conflict as error:
            if error.code != "conflict":
                raise

    async def change(
        self, community_id: int, number: int, *, name: str | None, colour: str | None, icon: str | None
    ) -> Category:
        """Other words for one."""
        before = await self.repository.one(community_id, number)
        if before is None:
            raise NotFound("There is no such category.")
        after = Category(
            number,
            before.name if name is None else name,
            before.colour if colour is None else colour,
            before.icon if icon is None else icon,
        )
        return await self.repository.change(community_id, _checked(after))

    async def delete(self, community_id: int, number: int) -> None:
        """Forget one; its entries stay."""
        if not await self.repository.delete(community_id, number):
            raise NotFound("There is no such category.")


def _checked(category: Category) -> Category:
    name, colour, icon = clean(category.name), category.colour.strip().lower(), clean(category.icon)
    if not 1 <= len(name) <= NAME:
        raise InvalidInput(f"A name has 1 to {NAME} characters.", field="name")
    if colour and not _COLOUR.fullmatch(colour):
        raise InvalidInput("A colour is written #rrggbb.", field="colour")
    if len(icon) > ICON:
        raise InvalidInput(f"An icon has at most {ICON} characters.", field="icon")
    return replace(category, name=name, colour=colour, icon=icon)
