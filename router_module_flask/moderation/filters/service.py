"""What moderators do with filters: look, set, try a text out, forgive, decide about held messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from flask_core.auth import utc_now
from flask_core.contracts import filters as contract
from flask_core.contracts import router
from flask_core.datamodels import MAX_TEXT, Chat, Origin
from flask_core.errors import InvalidInput, NotFound, Stale
from router_module_flask.delivering.addressing import BOT
from router_module_flask.moderation.filters import ladder
from router_module_flask.moderation.filters.held_repository import Decision, HeldRepository
from router_module_flask.moderation.filters.kinds import KINDS, Kind
from router_module_flask.moderation.filters.line import Line
from router_module_flask.moderation.filters.offence_repository import OffenceRepository
from router_module_flask.moderation.filters.options import options_of
from router_module_flask.moderation.filters.repository import FilterRepository
from router_module_flask.moderation.filters.settings import FilterSettings, changed, label_of, values_of
from router_module_flask.moderation.filters.switched_on import SwitchedOn, set_as


class Speaks(Protocol):
    """The door for what no event caused."""

    async def act(self, asked: router.ActionsRequest, source: str) -> router.ActionStates:
        """Commit the actions; those due now start at once."""


class FilterService:
    """`actor` is the id of who does it, for the audit."""

    def __init__(
        self,
        repository: FilterRepository,
        switched_on: SwitchedOn,
        offences: OffenceRepository,
        held: HeldRepository,
        speaks: Speaks,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._switched_on = switched_on
        self._offences = offences
        self._held = held
        self._speaks = speaks
        self._now = now

    async def all(self, community_id: int) -> contract.FilterList:
        """Every filter as it is set."""
        rows = await self._repository.all(community_id)
        return contract.FilterList(tuple(_view(kind, *set_as(rows, name)) for name, kind in KINDS.items()))

    async def one(self, community_id: int, name: str) -> contract.Filter:
        """One filter."""
        return _view(KINDS[name], *set_as(await self._repository.all(community_id), name))

    async def put(self, asked: contract.PutFilter, actor: str) -> contract.Filter:
        """Set a filter. Raises InvalidInput naming what cannot be, Stale when somebody was faster."""
        kind = KINDS[asked.name]
        settings, version = set_as(await self._repository.all(asked.community_id), asked.name)
        wanted = changed(kind, settings, asked)
        said = _difference(_view(kind, settings, version), _view(kind, wanted, version))
        taken = asked.version == version and await self._repository.put(
            asked.community_id, asked.name, wanted, version, actor, said, self._now()
        )
        if not taken:
            current = await self.one(asked.community_id, asked.name)
            raise Stale("Somebody changed this filter meanwhile.", version=current.version)
        await self._switched_on.changed(asked.community_id)
        return _view(kind, wanted, version + 1)

    async def preview(self, asked: contract.TryText) -> contract.Hits:
        """What every filter, on or off, would say about a text."""
        if len(asked.text) > MAX_TEXT:
            raise InvalidInput(f"A line has at most {MAX_TEXT} characters.", field="text")
        rows = await self._repository.all(asked.community_id)
        line, hits = Line(asked.text, first=asked.first), []
        for name, kind in KINDS.items():
            settings, _ = set_as(rows, name)
            reason = kind.check(values_of(kind, settings))(line)
            if reason is not None:
                does = "deleted, held for a moderator" if kind.holds else ladder.told(settings.ladder[0])
                shown = does if settings.enabled else ""
                hits.append(contract.Hit(kind.name, kind.title, reason, settings.enabled, shown))
        return contract.Hits(tuple(hits))

    async def offences(self, asked: contract.ListOffences) -> contract.OffencePage:
        """Who ran into which filter."""
        return await self._offences.page(asked, self._now())

    async def forgive(self, asked: contract.OffenceOf, actor: str) -> None:
        """Raises NotFound when there is nothing to forgive."""
        if not await self._offences.forgive(
            asked.community_id, asked.member_id, asked.filter, actor, self._now()
        ):  # fmt: skip
            raise NotFound("There is nothing to forgive.")

    async def held(self, community_id: int) -> contract.HeldList:
        """First messages that wait."""
        return contract.HeldList(tuple(await self._held.waiting(community_id)))

    async def release(self, asked: contract.HeldOf, actor: str) -> None:
        """Say it in its channel after all: the platform's own line is gone."""
        held = await self._held.one(asked.community_id, asked.id)
        if held is None:
            raise _decided()
        words = Chat(f"{held.name}: {held.text}", origin=Origin.EXTERNAL, reply=False)
        target, key = router.Target(held.channel), f"held:{held.id}"
        # Said first: the key says it once, however often two moderators press.
        await self._speaks.act(router.ActionsRequest(asked.community_id, target, key, (words,), priority=1), BOT)
        await self._decide(asked, "release", actor)

    async def drop(self, asked: contract.HeldOf, actor: str) -> None:
        """Forget it."""
        await self._decide(asked, "drop", actor)

    async def _decide(self, asked: contract.HeldOf, decision: Decision, actor: str) -> None:
        if not await self._held.decide(asked.community_id, asked.id, decision, actor, self._now()):
            raise _decided()


def _decided() -> NotFound:
    return NotFound("This message does not wait any more.")


def _view(kind: Kind, settings: FilterSettings, version: int) -> contract.Filter:
    return contract.Filter(
        name=kind.name,
        title=kind.title,
        help=kind.help,
        enabled=settings.enabled,
        channels=settings.channels,
        platforms=settings.platforms,
        exempt_role=settings.exempt_role,
        exempt_label=label_of(kind, settings),
        ladder=() if kind.holds else settings.ladder,
        message=settings.message,
        default_message=kind.message,
        silent=settings.silent,
        options=options_of(kind, values_of(kind, settings)),
        holds=kind.holds,
        version=version,
    )


def _difference(before: contract.Filter, after: contract.Filter) -> str:
    """What changed, as `key: before → after`, for the audit."""
    old, new = _flat(before), _flat(after)
    return "; ".join(f"{key}: {old[key]} → {new[key]}" for key in new if old[key] != new[key])[:1000]


def _flat(view: contract.Filter) -> dict[str, str]:
    plain = {
        "enabled": view.enabled, "channels": view.channels, "platforms": view.platforms, "role": view.exempt_role,
        "label": view.exempt_label, "ladder": view.ladder, "message": view.message, "silent": view.silent,
    }  # fmt: skip
    every = plain | {option.name: option.value for option in view.options}
    return {key: _word(value) for key, value in every.items()}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(value) if isinstance(value, tuple | list) else str(value)
