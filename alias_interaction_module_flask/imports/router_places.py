"""Timers, rules and filters: the router keeps them, and looks itself whether the admin may set them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from alias_interaction_module_flask.imports.placing import Present, Who
from alias_interaction_module_flask.imports.rows import Becomes, Filter, Timer, Trigger
from alias_interaction_module_flask.models import Origin
from flask_core.contracts import filters, rules, timers
from flask_core.errors import Conflict, NotFound
from flask_core.service_client import ServiceClient

_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class _RouterPlace:
    client: ServiceClient

    async def _ask(self, who: Who, operation: Any, request: Any) -> Any:
        return await self.client.call("router", operation, request, acting=who.acting)


class TimerPlace(_RouterPlace):
    """By name."""

    async def find(self, who: Who, result_id: str) -> Present | None:
        """By its name."""
        try:
            return _timer(await self._ask(who, timers.TIMER, timers.TimerOf(who.community_id, result_id)))
        except NotFound:
            return None

    async def in_the_way(self, who: Who, becomes: Becomes) -> Present | None:
        """By its name."""
        assert isinstance(becomes, Timer)
        return await self.find(who, becomes.name)

    async def make(self, who: Who, becomes: Becomes, origin: Origin) -> Present:
        """A new timer."""
        assert isinstance(becomes, Timer)
        asked = timers.AddTimer(who.community_id, becomes.name, becomes.settings, becomes.enabled)
        return _timer(await self._ask(who, timers.ADD_TIMER, asked))

    async def change(self, who: Who, present: Present, becomes: Becomes, origin: Origin) -> Present:
        """Other texts, another rhythm."""
        assert isinstance(becomes, Timer)
        asked = timers.ChangeTimer(
            who.community_id, present.result_id, becomes.settings, becomes.enabled, present.version
        )
        return _timer(await self._ask(who, timers.CHANGE_TIMER, asked))

    async def remove(self, who: Who, present: Present) -> None:
        """Away with it."""
        await self._ask(who, timers.REMOVE_TIMER, timers.TimerOf(who.community_id, present.result_id))


def _timer(view: timers.TimerView) -> Present:
    return Present(view.name, view.version, Timer(view.name, view.settings, view.enabled))


class RulePlace(_RouterPlace):
    """By number. Rules have no names of their own, so none is in the way of another."""

    async def find(self, who: Who, result_id: str) -> Present | None:
        """By its number."""
        try:
            return _rule(await self._ask(who, rules.GET, rules.RuleOf(who.community_id, int(result_id))))
        except NotFound:
            return None

    async def in_the_way(self, who: Who, becomes: Becomes) -> Present | None:
        """The very same rule: made by an attempt that never heard so."""
        assert isinstance(becomes, Trigger)
        page = 1
        while True:
            asked = rules.ListRules(who.community_id, page, _PER_PAGE)
            found: rules.RulePage = await self._ask(who, rules.LIST, asked)
            for rule in found.items:
                if (rule.name, rule.match, rule.pattern) == (
                    becomes.rule.name, becomes.rule.match, becomes.rule.pattern,
                ):  # fmt: skip
                    return _rule(rule)
            if page * _PER_PAGE >= found.total:
                return None
            page += 1

    async def make(self, who: Who, becomes: Becomes, origin: Origin) -> Present:
        """A new rule."""
        assert isinstance(becomes, Trigger)
        return _rule(await self._ask(who, rules.ADD, rules.AddRule(who.community_id, becomes.rule)))

    async def change(self, who: Who, present: Present, becomes: Becomes, origin: Origin) -> Present:
        """The whole rule anew."""
        assert isinstance(becomes, Trigger)
        asked = rules.PutRule(who.community_id, int(present.result_id), present.version, becomes.rule)
        return _rule(await self._ask(who, rules.PUT, asked))

    async def remove(self, who: Who, present: Present) -> None:
        """Away with it."""
        await self._ask(who, rules.DELETE, rules.RuleOf(who.community_id, int(present.result_id)))


def _rule(rule: rules.Rule) -> Present:
    fields = {name: getattr(rule, name) for name in rules.Draft.__struct_fields__}
    return Present(str(rule.number), rule.version, Trigger(rule.name, rules.Draft(**fields)))


class FilterPlace(_RouterPlace):
    """Every filter is there always; one that nobody touched yet has version 0. Nothing switches one on."""

    async def find(self, who: Who, result_id: str) -> Present | None:
        """By its name."""
        name = msgspec.convert(result_id, filters.FilterName)
        return _filter(await self._ask(who, filters.FILTER, filters.FilterOf(who.community_id, name)))

    async def in_the_way(self, who: Who, becomes: Becomes) -> Present | None:
        """The filter itself."""
        assert isinstance(becomes, Filter)
        return await self.find(who, becomes.name)

    async def make(self, who: Who, becomes: Becomes, origin: Origin) -> Present:
        """There is always one to change."""
        present = await self.in_the_way(who, becomes)
        assert present is not None
        if present.touched:
            raise Conflict("This filter was set up here meanwhile.")
        return await self.change(who, present, becomes, origin)

    async def change(self, who: Who, present: Present, becomes: Becomes, origin: Origin) -> Present:
        """Other settings; whether it is on stays."""
        assert isinstance(becomes, Filter)
        asked = filters.PutFilter(
            who.community_id, msgspec.convert(becomes.name, filters.FilterName), present.version,
            exempt_role=becomes.exempt_role, ladder=becomes.ladder, message=becomes.message, silent=becomes.silent,
            values=dict(becomes.values),
        )  # fmt: skip
        return _filter(await self._ask(who, filters.PUT_FILTER, asked))

    async def remove(self, who: Who, present: Present) -> None:
        """Nobody can."""


def _filter(view: filters.Filter) -> Present:
    values = {option.name: option.value for option in view.options}
    shown = Filter(view.name, view.ladder, view.exempt_role, view.message, view.silent, values)
    return Present(view.name, view.version, shown, touched=view.version > 0)
