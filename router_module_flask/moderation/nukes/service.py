"""Acts on many messages of the last minutes at once, and takes exactly that back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import batched

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts import community
from flask_core.contracts.module import Priority
from flask_core.contracts.nukes import Hit, MakeNuke, Nuke, NukeAct, Undone
from flask_core.datamodels import Account, ChannelKey, Moderate, Role
from flask_core.errors import Conflict, Gone, InvalidInput, NotFound
from flask_core.service_client import ServiceClient
from router_module_flask.audit import Change
from router_module_flask.delivering.addressing import BOT, lifetime, module_for
from router_module_flask.delivering.delivery import DeliveryQueue
from router_module_flask.models import Outgoing
from router_module_flask.moderation.nukes.matching import matcher
from router_module_flask.moderation.nukes.repository import AT_ONCE, Act, Blow, Line, NukeRepository, Place

UNDO_WITHIN = timedelta(hours=24)
LONGEST_BACK, LONGEST_TIMEOUT = 72 * 3_600, 14 * 86_400
MOST_MESSAGES, MOST_READ = 500, 50_000
_CONTEXTS, _PATIENCE, _EXAMPLES = 100, 3.0, 50
_LINKS = "links"


class Nukes:
    """Moderators, bots and whoever may post what was looked for are left alone."""

    def __init__(
        self,
        repository: NukeRepository,
        client: ServiceClient,
        deliveries: DeliveryQueue,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._client = client
        self._deliveries = deliveries
        self._now = now

    async def make(self, asked: MakeNuke, actor: str) -> Nuke:
        """Do it, or with `dry_run` tell what would be done; number 0 when nothing was.

        Raises InvalidInput for words that mean everybody and for times out of range.
        """
        if asked.key and (known := await self._repository.known(asked.community_id, asked.key)):
            return self._with_undo(known)
        lines, cut = await self._matching(asked)
        spared = await self._spared(lines, asked)
        hit = [line for line in lines if (line.channel, line.user_id) not in spared]
        punished = await self._to_punish(hit, asked)
        accounts = len(punished) if asked.act != "delete" else len({_place(line) for line in hit})
        nuke = Nuke(
            0, asked.kind, asked.words, asked.act, asked.seconds, len(hit), accounts, asked.channel, len(spared), cut,
            actor=actor,
        )  # fmt: skip
        if asked.dry_run:
            return msgspec.structs.replace(nuke, hits=tuple(_example(line, spared) for line in lines[:_EXAMPLES]))
        if not hit:
            return nuke
        blow = Blow(nuke, asked.community_id, asked.key, hit, punished)
        now = self._now()
        number, new = await self._repository.make(blow, lambda given: _acts(blow, given), now)
        self._deliveries.start(new)
        return self._with_undo(msgspec.structs.replace(nuke, number=number, made_at=now))

    async def _matching(self, asked: MakeNuke) -> tuple[list[Line], bool]:
        """The newest lines that match, and whether there were more than may be hit at once."""
        matches = matcher(asked.kind, asked.words)
        if not 1 <= asked.back <= LONGEST_BACK:
            raise InvalidInput("A nuke reaches back 1 s to 72 h.", field="back")
        if asked.act == "timeout" and not 1 <= asked.seconds <= LONGEST_TIMEOUT:
            raise InvalidInput("A time-out takes 1 s to 14 d.", field="seconds")
        if asked.channel:
            ChannelKey.parse(asked.channel)
        since, found, last = self._now() - timedelta(seconds=asked.back), list[Line](), None
        for _ in range(MOST_READ // AT_ONCE):
            page = await self._repository.lines(asked.community_id, asked.channel, since, last)
            found += [line for line in page if matches(line.text)]
            if len(found) > MOST_MESSAGES or len(page) < AT_ONCE:
                return found[:MOST_MESSAGES], len(found) > MOST_MESSAGES
            last = page[-1]
        return found, True

    async def _spared(self, lines: Sequence[Line], asked: MakeNuke) -> dict[Place, str]:
        """Accounts to be left alone, each with the reason: by their role here and now, or as they wrote."""
        first = {_place(line): line for line in reversed(lines)}
        spared = {place: "bot" for place, line in first.items() if line.bot}
        places = [place for place in first if place not in spared]
        for some in batched(places, _CONTEXTS, strict=False):
            items = tuple(_question(first[place]) for place in some)
            answer = await self._client.call(
                "community", community.CONTEXT, community.ContextRequest(items), timeout=_PATIENCE
            )
            for place, context in zip(some, answer.items, strict=True):
                if reason := _reason(context, first[place], asked):
                    spared[place] = reason
        return spared

    async def _to_punish(self, hit: Sequence[Line], asked: MakeNuke) -> list[tuple[Place, str]]:
        """Whose time-out or ban would be ours: not those who had theirs after what they wrote."""
        if asked.act == "delete" or not hit:
            return []
        newest = {_place(line): line for line in reversed(hit)}
        known = await self._repository.punished_since(asked.community_id, min(line.occurred_at for line in hit))
        enough = {"ban"} if asked.act == "ban" else {"timeout", "ban"}
        return [
            (place, line.member_id)
            for place, line in newest.items()
            if not any(at >= line.occurred_at and kind in enough for at, kind in known.get(place, ()))
        ]

    async def newest(self, community_id: int) -> list[Nuke]:
        """Up to 50, newest first."""
        return [self._with_undo(nuke) for nuke in await self._repository.newest(community_id)]

    async def undo(self, community_id: int, number: int | None, actor: str) -> Undone:
        """Lift what nuke `number`, or the newest that can be undone, did to accounts.

        Raises NotFound, Gone after 24 h, and Conflict when nothing of it can be lifted (any more).
        """
        nuke = await self._undoable(community_id, number)
        change = Change(community_id, actor, "nuke.undo", f"#{nuke.number}")
        undone = await self._repository.undo(nuke, change, lambda acts: _lifts(community_id, acts), self._now())
        if undone is None:
            raise Conflict(f"Nuke #{nuke.number} was undone already.")
        lifted, left, new = undone
        self._deliveries.start(new)
        return Undone(nuke.number, lifted, left)

    async def _undoable(self, community_id: int, number: int | None) -> Nuke:
        if number is None:
            found = next((nuke for nuke in await self.newest(community_id) if nuke.undoable), None)
            if found is None:
                raise NotFound("There is no nuke to undo here.")
            return found
        found = await self._repository.one(community_id, number)
        if found is None:
            raise NotFound(f"No nuke #{number} here.")
        if found.act == "delete":
            raise Conflict(f"Nuke #{number} deleted messages only; they cannot come back.")
        if found.undone_at is not None:
            raise Conflict(f"Nuke #{number} was undone already.")
        if not self._with_undo(found).undoable:
            raise Gone(f"Nuke #{number} is older than 24 h and stays.")
        return found

    def _with_undo(self, nuke: Nuke) -> Nuke:
        assert nuke.made_at is not None
        undoable = nuke.undone_at is None and nuke.act != "delete" and self._now() - nuke.made_at < UNDO_WITHIN
        return msgspec.structs.replace(nuke, undoable=undoable)


def _place(line: Line) -> Place:
    return line.channel, line.user_id


def _question(line: Line) -> community.ContextItem:
    """Who this is; asked as of then, since being looked up is no sign of life."""
    return community.ContextItem(line.channel, Account(line.user_id, display_name=line.speaker), line.occurred_at)


def _reason(context: community.Context, line: Line, asked: MakeNuke) -> str:
    """Why an account is left alone; "" when it is not."""
    member = context.member
    role = member.assigned_role if member is not None else Role.VIEWER
    if context.channel.platform_roles:
        role = max(role, Role(line.platform_role))
    if role >= Role.MODERATOR:
        return role.word
    if asked.kind == "links" and member is not None and _LINKS in member.labels:
        return f"label {_LINKS}"
    # A channel that moved to another community since: its people are not ours any more.
    return "" if context.community.id == asked.community_id else "elsewhere"


def _example(line: Line, spared: dict[Place, str]) -> Hit:
    return Hit(line.speaker or line.user_id, line.text, line.channel, spared.get(_place(line), ""))


def _acts(blow: Blow, number: int) -> list[Outgoing]:
    """The punishments, in the order of `blow.punished`, and then the deletions."""
    act: NukeAct = blow.nuke.act
    seconds = blow.nuke.seconds if act == "timeout" else 0
    wanted = [
        (channel, Moderate(act, target=user_id, seconds=seconds, reason=f"Nuke #{number}"))
        for (channel, user_id), _ in blow.punished
    ]
    wanted += [
        (line.channel, Moderate("delete", target=line.user_id, message_id=line.message_id))
        for line in blow.lines
        if line.message_id
    ]
    return [
        _outgoing(blow.community_id, channel, action, f"nuke:{blow.community_id}:{number}:{index}")
        for index, (channel, action) in enumerate(wanted)
    ]


def _lifts(community_id: int, acts: Sequence[Act]) -> list[Outgoing]:
    return [
        _outgoing(community_id, act.channel, Moderate("unban", target=act.user_id), f"{act.delivery_key}:undo")
        for act in acts
    ]


def _outgoing(community_id: int, channel: str, action: Moderate, key: str) -> Outgoing:
    return Outgoing(
        source=BOT,
        key=key,
        community_id=community_id,
        channel=channel,
        module=module_for(action, channel) or BOT,
        action=action,
        priority=Priority.MODERATION,
        expires_in=lifetime(Priority.MODERATION),
        account=Account(action.target),
        simulated=channel.startswith("console:"),
    )
