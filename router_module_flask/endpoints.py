"""What the router offers other modules."""

from __future__ import annotations

from flask_core.contracts import router
from flask_core.errors import Forbidden, NotFound
from flask_core.operations import Caller, Endpoints
from router_module_flask.ingest import Ingest
from router_module_flask.introductions.registry import Registry
from router_module_flask.overview import Overview
from router_module_flask.trace_repository import TraceRepository
from router_module_flask.unasked import Unasked


def endpoints(
    ingest: Ingest,
    unasked: Unasked,
    registry: Registry,
    traces: TraceRepository,
    overview: Overview,
) -> Endpoints:
    """The router's operations."""
    api = Endpoints()

    @api.offers(router.INGEST)
    async def take_events(asked: router.RawBatch, caller: Caller) -> router.IngestAnswer:
        return await ingest.take(asked, caller.service)

    @api.offers(router.ACT)
    async def act(asked: router.ActionsRequest, caller: Caller) -> router.ActionStates:
        return await unasked.act(asked, caller.service)

    @api.offers(router.ACTIONS)
    async def what_became(asked: router.ActionKey, caller: Caller) -> router.ActionStates:
        return await unasked.states(asked.key, caller.service)

    @api.offers(router.INTRODUCE)
    async def introduce(asked: router.Introduction, caller: Caller) -> router.Welcome:
        if not caller.service == asked.name == asked.manifest.name:
            raise Forbidden("A module introduces itself only.")
        return await registry.introduce(asked.manifest)

    @api.offers(router.LEAVE)
    async def leave(asked: router.InstanceName, caller: Caller) -> None:
        if caller.service != asked.name:
            raise Forbidden("A module takes leave for itself only.")
        await registry.leave(asked.name, asked.instance)

    @api.offers(router.MODULES)
    async def modules(_: router.Nothing, __: Caller) -> router.ModuleList:
        return await registry.states()

    @api.offers(router.MODULE)
    async def module(asked: router.ModuleName, _: Caller) -> router.ModuleDetails:
        return await registry.details(asked.name)

    @api.offers(router.COMMANDS)
    async def commands(asked: router.ListCommands, _: Caller) -> router.CommandList:
        return await overview.commands(asked)

    @api.offers(router.TRACE)
    async def trace(asked: router.TraceOf, _: Caller) -> router.TraceView:
        found = await traces.one(asked.community_id, asked.event_id)
        if found is None:
            raise NotFound("Nothing is recorded of that.")
        return found

    @api.offers(router.TRACES)
    async def newest(asked: router.ListTraces, _: Caller) -> router.TraceList:
        found = await traces.newest(
            asked.community_id, channel=asked.channel, q=asked.q, limit=asked.limit, before=asked.before
        )
        return router.TraceList(tuple(found))

    @api.offers(router.STATE)
    async def state(_: router.Nothing, __: Caller) -> router.RouterState:
        return await overview.state()

    return api
