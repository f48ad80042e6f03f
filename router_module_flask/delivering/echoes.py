"""The same alert many times within seconds becomes one line that says how often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from flask_core.contracts.module import Priority
from flask_core.datamodels import Action, Chat
from router_module_flask.delivering.rows import Due

WINDOW = timedelta(seconds=5)
# Longer than anything waits for its turn.
_PATIENCE = timedelta(minutes=10)
type _Key = tuple[str, Action, str]


@dataclass(frozen=True, slots=True)
class Line:
    """What goes out, and all the deliveries for which it speaks."""

    due: Due
    speaks_for: tuple[Due, ...]


@dataclass(slots=True)
class _Said:
    """The first of its kind, until when others count as the same, and those that go out with it."""

    first: int
    until: datetime
    others: list[Due]
    gone: bool = False


class Echoes:
    """What waits together goes out as one line; what comes within 5 s after it waits until these are over."""

    def __init__(self) -> None:
        self._said: dict[_Key, _Said] = {}

    def joins(self, due: Due) -> bool:
        """Whether a line that is about to go out speaks for this one, too."""
        said = self._known(due)
        if said is None or said.gone or said.first == due.delivery.id:
            return False
        if all(other.delivery.id != due.delivery.id for other in said.others):
            said.others.append(due)
        return True

    def until(self, due: Due, now: datetime) -> datetime | None:
        """Until when to wait because the same was just said; None when this is the first of its kind."""
        key = _key(due)
        if key is None:
            return None
        said = self._said.get(key)
        if said is not None and said.until > now and said.first != due.delivery.id:
            return said.until
        self._forget_old(now)
        self._said.pop(key, None)
        self._said[key] = _Said(due.delivery.id, now + WINDOW, [])
        return None

    def goes(self, due: Due) -> Line:
        """This one goes out now; nobody joins it any more."""
        said = self._known(due)
        if said is None or said.first != due.delivery.id:
            return Line(due, (due,))
        others, said.others, said.gone = said.others, [], True
        return Line(_times(due, len(others) + 1), (due, *others))

    def failed(self, due: Due) -> None:
        """It was not said after all: the next of its kind is the first."""
        said = self._known(due)
        if said is not None and said.first == due.delivery.id:
            del self._said[_key(due)]  # type: ignore[arg-type]

    def _known(self, due: Due) -> _Said | None:
        key = _key(due)
        return None if key is None else self._said.get(key)

    def _forget_old(self, now: datetime) -> None:
        while self._said:
            key, said = next(iter(self._said.items()))
            if said.until > now or (not said.gone and said.until > now - _PATIENCE):
                return
            del self._said[key]


def _key(due: Due) -> _Key | None:
    """What makes two alerts the same; None for everything that is no alert, or for one person's eyes."""
    said = due.delivery
    if said.priority != Priority.ALERT or not isinstance(said.action, Chat) or said.action.private:
        return None
    to_somebody = said.account is not None and (said.action.mention or (said.action.reply and said.reply_to))
    return said.channel, said.action, said.account.user_id if said.account and to_somebody else ""


def _times(due: Due, count: int) -> Due:
    action = due.delivery.action
    if count == 1 or not isinstance(action, Chat):
        return due
    louder = msgspec.structs.replace(action, text=f"{action.text} ×{count}")
    return replace(due, delivery=msgspec.structs.replace(due.delivery, action=louder))
