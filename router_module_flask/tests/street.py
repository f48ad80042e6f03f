"""A town whose filters are set by its owner; people write and see what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from flask_core.contracts import filters as contract
from flask_core.contracts import router
from flask_core.datamodels import Chat, Moderate
from flask_core.errors import ServiceError
from router_module_flask.tests.conftest import Town


@dataclass
class Street:
    """The town, seen by its moderators."""

    town: Town

    async def ask(self, operation: Any, asked: Any) -> Any:
        """What the router answers to Ann."""
        return await self.town.portal.client.call("router", operation, asked, acting=self.town.owner)

    async def refused(self, operation: Any, asked: Any) -> ServiceError:
        """The refusal that Ann gets."""
        try:
            await self.ask(operation, asked)
        except ServiceError as error:
            return error
        raise AssertionError("it was not refused")

    async def set(self, name: Any, **fields: Any) -> contract.Filter:
        """Switch a filter on, or set it otherwise."""
        here = self.town.community_id
        before = await self.ask(contract.FILTER, contract.FilterOf(here, name))
        asked = contract.PutFilter(here, name, before.version, **{"enabled": True, **fields})
        after: contract.Filter = await self.ask(contract.PUT_FILTER, asked)
        return after

    async def line(
        self, text: str, user: str = "dee", *, data: dict[str, Any] | None = None, **flags: Any
    ) -> router.TraceView:
        """Somebody writes; the way of the line, when it is over and what follows was done."""
        event = self.town.event(text, user, **flags)
        event = msgspec.structs.replace(event, data={**event.data, **(data or {})})
        await self.town.portal.client.call("router", router.INGEST, router.batch_of([event]))
        trace = await self.town.recorded(event.event_id)
        await self.town.router.deliveries.settle()
        return trace

    async def passes(self, text: str, user: str = "dee", **more: Any) -> bool:
        """Whether nothing happened to the line."""
        return (await self.line(text, user, **more)).outcome != "blocked"

    async def does(self, text: str, user: str = "dee", **more: Any) -> str:
        """What happens to a line and its author: `delete`, `delete timeout 300` …"""
        before = len(self.town.said)
        await self.line(text, user, **more)
        acts = [one.action for one in self.town.said[before:] if isinstance(one.action, Moderate)]
        return " ".join(f"{act.operation} {act.seconds}" if act.seconds else act.operation for act in acts)

    @property
    def words(self) -> str:
        """What the bot said last."""
        said = [one.action.text for one in self.town.said if isinstance(one.action, Chat)]
        return said[-1] if said else ""

    async def offences(self, **more: Any) -> list[tuple[str, str, int, int]]:
        """Who stands where: name, filter, what counts, all."""
        found = await self.ask(contract.OFFENCES, contract.ListOffences(self.town.community_id, **more))
        return [(one.name, one.filter, one.standing, one.total) for one in found.items]
