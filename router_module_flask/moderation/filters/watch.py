"""Filters look at every line of chat, one after the other, until one of them is hit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.datamodels import Event
from flask_core.errors import InvalidInput
from router_module_flask.models import FoundCommand, Speaker, Trace
from router_module_flask.moderation.filters import ladder
from router_module_flask.moderation.filters.consequences import consequences
from router_module_flask.moderation.filters.held_repository import HeldRepository
from router_module_flask.moderation.filters.line import Lately, Line
from router_module_flask.moderation.filters.memory import Lately as Remembered
from router_module_flask.moderation.filters.memory import Memory
from router_module_flask.moderation.filters.offence_repository import OffenceRepository
from router_module_flask.moderation.filters.permits import Permits
from router_module_flask.moderation.filters.settings import Active
from router_module_flask.moderation.filters.switched_on import Filters, SwitchedOn
from router_module_flask.moderation.verdicts import INNOCENT, Verdict

_WARN_EVERY = 5.0

type Finds = Callable[[str, int], FoundCommand | None]


class FilterWatch:
    """The way of watching that filters are."""

    def __init__(
        self,
        switched_on: SwitchedOn,
        offences: OffenceRepository,
        held: HeldRepository,
        permits: Permits,
        finds: Finds,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._switched_on = switched_on
        self._offences = offences
        self._held = held
        self._permits = permits
        self._finds = finds
        self._now = now
        self._memory = Memory()

    def idle(self, community_id: int) -> bool:
        """Whether it is known that all filters are off."""
        return self._switched_on.known(community_id) == ()

    async def judge(self, event: Event, speaker: Speaker, trace: Trace) -> Verdict:
        """What the first filter that is hit wants done; bots and our own acts pass."""
        filters = await self._switched_on.read(speaker.community_id)
        if not filters or "own_action" in event.data or event.account is None or event.account.bot:
            return INNOCENT
        line = self._line(event, speaker, filters)
        for hit in filters:
            if not hit.concerns(event, speaker) or (reason := hit.check(line)) is None:
                continue
            if hit.kind.name == "links" and await self._permits.use(speaker.community_id, event):
                trace.step("links", True, f"{reason}: permitted")
                continue
            return await self._follow(event, speaker, trace, hit, reason, line.lately)
        return INNOCENT

    def _line(self, event: Event, speaker: Speaker, filters: Filters) -> Line:
        member, edited = speaker.context.member, "edited" in event.data
        line = Line(
            event.text,
            _emotes(event),
            first=member is not None and member.first_message,
            edited=edited,
            command=self._is_command(event.text, speaker.community_id),
        )
        if not edited and any(one.kind.remembers for one in filters):
            line.lately = self._memory.note(event, speaker.member_id, line.plain)
        return line

    def _is_command(self, text: str, community_id: int) -> bool:
        try:
            return self._finds(text, community_id) is not None
        except InvalidInput:
            # It is one, only its words do not fit.
            return True

    async def _follow(
        self, event: Event, speaker: Speaker, trace: Trace, hit: Active, reason: str, lately: Lately
    ) -> Verdict:
        if hit.kind.holds:
            await self._held.hold(event, speaker, reason, self._now())
            rung, said = "delete", "deleted, held for a moderator"
        else:
            rung = ladder.rung_at(hit.settings.ladder, await self._stands(event, speaker, hit))
            said = ladder.told(rung)
        if isinstance(lately, Remembered):
            lately.begin_anew()
        trace.step(hit.kind.name, False, f"{reason}: {said}")
        says = self._says(event, hit, rung)
        return Verdict(consequences(event, speaker, hit, rung, reason, says=says), blocked=True)

    async def _stands(self, event: Event, speaker: Speaker, hit: Active) -> int:
        return await self._offences.commit(
            speaker.community_id, speaker.member_id, hit.kind.name, speaker.name, event.event_id, self._now()
        )  # fmt: skip

    def _says(self, event: Event, hit: Active, rung: str) -> bool:
        """Whether the channel is told; in a raid once in a while is enough."""
        if hit.settings.silent or (rung == "delete" and not hit.kind.holds):
            return False
        return self._memory.may_warn(event, hit.kind.name, _WARN_EVERY)


def _emotes(event: Event) -> tuple[str, ...]:
    """The platform's own emotes by name, where the trigger told them."""
    told = event.data.get("emotes")
    return tuple(name for name in told if isinstance(name, str)) if isinstance(told, list) else ()
