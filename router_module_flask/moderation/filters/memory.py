"""What was said lately in each channel. A channel is read by one replica at a time, so its memory is enough."""

from __future__ import annotations

from collections import OrderedDict, deque

from flask_core.datamodels import Event
from router_module_flask.moderation.plain_letters import plain

KEPT_SECONDS = 120.0
_CHANNELS, _MEMBERS, _TEXTS = 2_000, 1_000, 1_000
_LINES = 64

type _Said = tuple[float, str, int]


class Channel:
    """Lines of members and members of texts, each as many as fit; a line that is read again is one."""

    __slots__ = ("lines", "texts", "warned")

    def __init__(self) -> None:
        self.lines: OrderedDict[str, deque[_Said]] = OrderedDict()
        self.texts: OrderedDict[int, OrderedDict[str, float]] = OrderedDict()
        self.warned: dict[str, float] = {}

    def note(self, at: float, member_id: str, event_id: str, text: int) -> Lately:
        """Remember a line; what there was lately, seen from it."""
        said = self.lines.get(member_id)
        if said is None:
            said = self.lines[member_id] = deque(maxlen=_LINES)
        if all(known != event_id for _, known, _ in said):
            said.append((at, event_id, text))
        self.lines.move_to_end(member_id)
        speakers = self.texts.setdefault(text, OrderedDict())
        speakers[member_id] = at
        self.texts.move_to_end(text)
        for kept, most in ((self.lines, _MEMBERS), (self.texts, _TEXTS), (speakers, _LINES)):
            if len(kept) > most:
                kept.popitem(last=False)
        return Lately(self, at, member_id, text)


class Lately:
    """A channel's memory at the moment of a line."""

    __slots__ = ("_at", "_channel", "_member_id", "_text")

    def __init__(self, channel: Channel, at: float, member_id: str, text: int) -> None:
        self._channel = channel
        self._at = at
        self._member_id = member_id
        self._text = text

    def own_lines(self, seconds: float) -> int:
        """Lines of the speaker in the last seconds."""
        return sum(at > self._at - seconds for at, _, _ in self._own())

    def own_same(self, seconds: float) -> int:
        """Those with this text."""
        return sum(at > self._at - seconds and text == self._text for at, _, text in self._own())

    def speakers_of_same(self, seconds: float) -> int:
        """Members who wrote this text."""
        return sum(at > self._at - seconds for at in self._channel.texts.get(self._text, {}).values())

    def begin_anew(self) -> None:
        """The speaker paid for these lines: a burst is one offence, not one per line that was under way."""
        self._own().clear()

    def _own(self) -> deque[_Said]:
        return self._channel.lines.get(self._member_id) or deque()


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

    def note(self, event: Event, member_id: str) -> Lately:
        """Remember a line of chat."""
        text = hash(plain(event.text).strip())
        return self.channel(event.channel).note(event.occurred_at.timestamp(), member_id, event.event_id, text)

    def may_warn(self, event: Event, filter_name: str, seconds: float) -> bool:
        """Whether the channel heard nothing of this filter in the last seconds; from now on it did."""
        warned, now = self.channel(event.channel).warned, event.occurred_at.timestamp()
        if now - seconds < warned.get(filter_name, 0.0) <= now:
            return False
        warned[filter_name] = now
        return True
