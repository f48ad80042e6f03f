"""Looks at what was written, evaluates what was imported, and keeps how both bots compare; says and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alias_interaction_module_flask.evaluator.evaluation import evaluate
from alias_interaction_module_flask.evaluator.execution import Execution
from alias_interaction_module_flask.evaluator.world import Person as Caller
from alias_interaction_module_flask.imports.import_repository import ImportRepository
from alias_interaction_module_flask.imports.row_repository import RowRepository
from alias_interaction_module_flask.imports.rows import Command
from alias_interaction_module_flask.imports.scanning import called
from alias_interaction_module_flask.models import Wish
from alias_interaction_module_flask.places import Place
from alias_interaction_module_flask.shadow.comparing import ANSWERS_WITHIN, Line, Use, uses, verdict
from alias_interaction_module_flask.shadow.shadow_repository import ShadowRepository, Watch
from alias_interaction_module_flask.texts import Texts, read
from flask_core.contracts import router
from flask_core.contracts.alias_shadow import Run
from flask_core.datamodels import MessageType, Role
from flask_core.due_work import Due, DueWork, Result, State
from flask_core.service_client import ServiceClient

_EVERY = timedelta(seconds=5)
_SLACK = timedelta(seconds=1)
_PER_PAGE, _MOST_PAGES = 100, 10
# They ask somebody else, whom a second bot's question would disturb.
_ASKS = frozenset({
    "urlfetch", "customapi", "ai", "weather", "lastfm", "steam", "leagueoflegends", "teamfighttactics", "tft",
    "setgame", "settitle",
})  # fmt: skip
_CHANCE = frozenset({"random", "count", "eval", "pick", "percent", "getcount", "8ball", "countdown", "countup", "time"})


@dataclass(frozen=True, slots=True)
class Watching:
    """Chat is read from the router's traces, for the admin who asked, so no line is handed over for this."""

    shadows: ShadowRepository
    imports: ImportRepository
    rows: RowRepository
    texts: Texts
    client: ServiceClient
    now: Callable[[], datetime]

    async def work(self, due: Due[Watch]) -> Result:
        """What was written since the last look, but for what may still be answered."""
        watch, now = due.row, self.now()
        if now >= due.expires_at:
            return due.ends(State.DELIVERED)
        one = await self.imports.one(watch.community_id, watch.import_id)
        if one is None or one.phase != "preview":
            return due.ends(State.DELIVERED, "The import was taken over or left.")
        seen_until = now - ANSWERS_WITHIN - _SLACK
        if seen_until > watch.seen_until:
            await self._compare(watch, seen_until)
        return due.look_again(State.WAITING, now + _EVERY)

    async def _compare(self, watch: Watch, until: datetime) -> None:
        wishes = await self.wishes(watch.import_id)
        runs = []
        for use in uses(await self._lines(watch), watch.bot, wishes):
            if not watch.seen_until <= use.line.at < until:
                continue
            run = await self._run(watch.community_id, use, wishes[use.command])
            if run is not None:
                runs.append((use.line.event_id, run))
        await self.shadows.keep(watch.community_id, until, runs)

    async def wishes(self, import_id: int) -> Mapping[str, Wish]:
        """The texts of an import that can be compared, by name."""
        rows = await self.rows.all(import_id)
        found = [row.becomes.wish for row in rows if isinstance(row.becomes, Command) and row.choice != "skip"]
        return {wish.name: wish for wish in found if wish.kind == "text" and wish.enabled and not _names(wish) & _ASKS}

    async def _lines(self, watch: Watch) -> list[Line]:
        """What was written since, newest pages first."""
        lines: list[Line] = []
        before = ""
        for _ in range(_MOST_PAGES):
            asked = router.ListTraces(watch.community_id, limit=_PER_PAGE, before=before)
            acting = watch.person.acting(watch.community_id, self.now())
            found: router.TraceList = await self.client.call("router", router.TRACES, asked, acting=acting)
            lines += [
                Line(one.event_id, one.channel, one.speaker, one.text, one.occurred_at)
                for one in found.items
                if one.text and one.message_type == MessageType.CHAT
            ]
            if len(found.items) < _PER_PAGE or found.items[-1].occurred_at < watch.seen_until:
                break
            before = found.items[-1].event_id
        return lines

    async def _run(self, community_id: int, use: Use, wish: Wish) -> Run | None:
        if wish.role > Role.VIEWER and not use.theirs:
            # Whether the caller might have used it is not known; the other bot may have been right to be silent.
            return None
        ours = await self._ours(community_id, use, wish)
        said = verdict(ours, use.theirs, numbers=bool(_names(wish) & _CHANCE))
        if said is None:
            return None
        return Run(use.command, use.line.text, use.line.at, said, ours, use.theirs)

    async def _ours(self, community_id: int, use: Use, wish: Wish) -> str:
        """What we would have said; computed, and neither kept nor sent."""
        place, speaker = Place(community_id, use.line.channel), use.line.speaker
        channel = await self.texts.around.places.name(place)
        execution = Execution(
            execution_id=f"shadow {use.line.event_id}", platform=place.platform, channel_id=place.channel_id,
            server_id=place.server_id, channel_name=channel.lower(), channel_display_name=channel, community=channel,
            community_id=community_id, name=wish.name, trigger=f"!{wish.name}", text=use.words,
            caller=Caller(speaker, speaker.lower()), role=wish.role, command_role=wish.role, now=use.line.at, test=True,
        )  # fmt: skip
        return (
            await evaluate(read(wish.body, wish.dialect), execution, self.texts.around.at(place, imported=True))
        ).text

    def loop(self, owner: str) -> DueWork[Watch]:
        """What every replica runs."""
        return DueWork(self.shadows, self.work, now=self.now, owner=owner)


def _names(wish: Wish) -> set[str]:
    return {variable.name.partition(".")[0] for variable in called(wish.body, wish.dialect)}
