"""What was said lately in each channel. A channel is read by one replica at a time, so its memory is enough."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from flask_core.datamodels import Event

_CHANNELS, _MEMBERS, _TEXTS = 2_000, 1_000, 1_000
_LINES = 64
# No filter looks back further than this many seconds.
_LONGEST = 120.0

type _Said = dict[str, tuple[float, int]]
"""Of each line by its event id when it was said and what, the oldest first."""


class _Member:
    """Lines of one member; those that were paid for already come back with the line that paid."""

    __slots__ = ("lines", "paid_by", "paid_lines")

    def __init__(self) -> None:
        self.lines: _Said = {}
        self.paid_by = ""
        self.paid_lines: _Said = {}

    def note(self, at: float, event_id: str, text: int) -> None:
        """Remember a line; one that is read again is one."""
        if self.paid_by == event_id:
            self.lines = dict(self.paid_lines)
        elif event_id not in self.lines:
            self.lines[event_id] = (at, text)
            self._forget(at - _LONGEST)

    def _forget(self, before: float) -> None:
        oldest = next(iter(self.lines))
        while len(self.lines) > _LINES or self.lines[oldest][0] < before:
            del self.lines[oldest]
            oldest = next(iter(self.lines))

    def since(self, at: float) -> Iterator[int]:
        """What was said later than that, the newest first."""
        for said_at, text in reversed(self.lines.values()):
            if said_at <= at:
                return
            yield text

    def pay(self, event_id: str) -> None:
        """Begin anew behind this line."""
        self.paid_by, self.paid_lines = event_id, self.lines
        self.lines = {}


class Channel:
    """Lines of members and members of texts, each as many as fit."""

    __slots__ = ("members", "texts", "warned")

    def __init__(self) -> None:
        self.members: OrderedDict[str, _Member] = OrderedDict()
        self.texts: OrderedDict[int, dict[str, float]] = OrderedDict()
        self.warned: dict[str, float] = {}

    def note(self, at: float, member_id: str, event_id: str, text: int) -> Lately:
        """Remember a line; what there was lately, seen from it."""
        member = self.members.get(member_id)
        if member is None:
            member = _kept(self.members, member_id, _Member(), _MEMBERS)
        else:
            self.members.move_to_end(member_id)
        member.note(at, event_id, text)
        speakers = self.texts.get(text)
        if speakers is None:
            return Lately(member, _kept(self.texts, text, {member_id: at}, _TEXTS), at, event_id, text, new=True)
        self.texts.move_to_end(text)
        speakers[member_id] = at
        if len(speakers) > _LINES:
            del speakers[next(iter(speakers))]
        return Lately(member, speakers, at, event_id, text)


def _kept[K, V](kept: OrderedDict[K, V], key: K, value: V, most: int) -> V:
    kept[key] = value
    if len(kept) > most:
        kept.popitem(last=False)
    return value


class Lately:
    """A channel's memory at the moment of a line; `new` for a text that nobody wrote before."""

    __slots__ = ("_at", "_event_id", "_member", "_new", "_speakers", "_text")

    def __init__(
        self,
        member: _Member,
        speakers: dict[str, float],
        at: float,
        event_id: str,
        text: int,
        *,
        new: bool = False,
    ) -> None:
        self._member = member
        self._speakers = speakers
        self._at = at
        self._event_id = event_id
        self._text = text
        self._new = new

    def own_lines(self, seconds: float) -> int:
        """Lines of the speaker in the last seconds."""
        return sum(1 for _ in self._member.since(self._at - seconds))

    def own_same(self, seconds: float) -> int:
        """Those with this text."""
        return 1 if self._new else list(self._member.since(self._at - seconds)).count(self._text)

    def speakers_of_same(self, seconds: float) -> int:
        """Members who wrote this text."""
        return 1 if self._new else sum(at > self._at - seconds for at in self._speakers.values())

    def begin_anew(self) -> None:
        """The speaker paid for these lines: a burst is one offence, not one per line that was under way."""
        self._member.pay(self._event_id)


class Memory:
    """All channels of this replica, the most recent ones."""

    def __init__(self) -> None:
        self._channels: OrderedDict[str, Channel] = OrderedDict()

    def channel(self, key: str) -> Channel:
        """The memory of a channel."""
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = Channel()
            if len(self._channels) > _CHANNELS:
                self._channels.popitem(last=False)
        self._channels.move_to_end(key)
        return channel

    def note(self, event: Event, member_id: str, plain: str) -> Lately:
        """Remember a line of chat, whose text in one spelling is `plain`."""
        return self.channel(event.channel).note(event.occurred_at.timestamp(), member_id, event.event_id, hash(plain))

    def may_warn(self, event: Event, filter_name: str, seconds: float) -> bool:
        """Whether the channel heard nothing of this filter in the last seconds; from now on it did."""
        warned, now = self.channel(event.channel).warned, event.occurred_at.timestamp()
        # At the same moment it is the same line, read again because what followed could not be kept.
        if now - seconds < warned.get(filter_name, 0.0) < now:
            return False
        warned[filter_name] = now
        return True
