"""The operations on counters and variables."""

from __future__ import annotations

from alias_interaction_module_flask.desk import Desk
from alias_interaction_module_flask.models import Counter
from alias_interaction_module_flask.views import counter_view, variable_view
from flask_core.contracts import alias as contract
from flask_core.errors import InvalidInput, NotFound
from flask_core.operations import Caller, Endpoints


def add_counter_endpoints(api: Endpoints, desk: Desk) -> None:
    """Offer them."""
    counters, variables = desk.counters, desk.variables

    @api.offers(contract.COUNTERS)
    async def counted(asked: contract.CommunityId, _: Caller) -> contract.CounterList:
        return contract.CounterList(tuple(counter_view(one) for one in await counters.listed(asked.community_id)))

    @api.offers(contract.COUNTER)
    async def counter(asked: contract.CounterOf, _: Caller) -> contract.CounterView:
        return counter_view(await counters.get(asked.community_id, asked.name))

    @api.offers(contract.PUT_COUNTER)
    async def put_counter(asked: contract.PutCounter, caller: Caller) -> contract.CounterView:
        async with desk.noted(caller, asked.community_id, "counter.set", asked.name, _told(asked)):
            return counter_view(await _put(desk, asked))

    @api.offers(contract.DELETE_COUNTER)
    async def delete_counter(asked: contract.CounterOf, caller: Caller) -> None:
        async with desk.noted(caller, asked.community_id, "counter.remove", asked.name, ""):
            await counters.remove(asked.community_id, asked.name)

    @api.offers(contract.VARIABLES)
    async def kept(asked: contract.CommunityId, _: Caller) -> contract.VariableList:
        return contract.VariableList(tuple(variable_view(one) for one in await variables.listed(asked.community_id)))

    @api.offers(contract.VARIABLE)
    async def variable(asked: contract.VariableOf, _: Caller) -> contract.VariableView:
        found = await variables.find(asked.community_id, asked.name)
        if found is None:
            raise NotFound(f'No variable "{asked.name[:60]}".')
        return variable_view(found)

    @api.offers(contract.PUT_VARIABLE)
    async def put_variable(asked: contract.PutVariable, caller: Caller) -> contract.VariableView:
        async with desk.noted(caller, asked.community_id, "text.keep", asked.name, ""):
            return variable_view(await variables.set(asked.community_id, asked.name, asked.value))

    @api.offers(contract.DELETE_VARIABLE)
    async def delete_variable(asked: contract.VariableOf, caller: Caller) -> None:
        async with desk.noted(caller, asked.community_id, "text.remove", asked.name, ""):
            await variables.remove(asked.community_id, asked.name)


async def _put(desk: Desk, asked: contract.PutCounter) -> Counter:
    counters = desk.counters
    if asked.value is not None and asked.change is not None:
        raise InvalidInput("Give a value or a change, not both.", field="change")
    if asked.value is not None:
        await counters.set(asked.community_id, asked.name, asked.value)
    elif asked.change is not None:
        await counters.add(asked.community_id, asked.name, asked.change)
    if asked.on_screen is not None:
        return await counters.show(asked.community_id, asked.name, on_screen=asked.on_screen)
    return await counters.get(asked.community_id, asked.name)


def _told(asked: contract.PutCounter) -> str:
    chosen = (("", asked.value), ("by ", asked.change), ("on screen ", asked.on_screen))
    return ", ".join(f"{words}{value}" for words, value in chosen if value is not None)
