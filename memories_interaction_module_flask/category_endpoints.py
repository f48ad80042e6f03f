"""The operations on categories."""

from __future__ import annotations

from flask_core.contracts import memories as contract
from flask_core.operations import Caller, Endpoints
from memories_interaction_module_flask.categories import Categories
from memories_interaction_module_flask.models import Category


def add_category_endpoints(api: Endpoints, categories: Categories) -> None:
    """Offer them."""

    @api.offers(contract.CATEGORIES)
    async def listed(asked: contract.CommunityId, _: Caller) -> contract.CategoryList:
        return contract.CategoryList(tuple(_view(one) for one in await categories.listed(asked.community_id)))

    @api.offers(contract.ADD_CATEGORY)
    async def add(asked: contract.AddCategory, _: Caller) -> contract.CategoryView:
        return _view(await categories.add(asked.community_id, asked.name, asked.colour, asked.icon))

    @api.offers(contract.PATCH_CATEGORY)
    async def change(asked: contract.PatchCategory, _: Caller) -> contract.CategoryView:
        return _view(
            await categories.change(asked.community_id, asked.id, name=asked.name, colour=asked.colour, icon=asked.icon)
        )

    @api.offers(contract.DELETE_CATEGORY)
    async def delete(asked: contract.CategoryOf, _: Caller) -> None:
        await categories.delete(asked.community_id, asked.id)


def _view(category: Category) -> contract.CategoryView:
    return contract.CategoryView(category.id, category.name, category.colour, category.icon)
