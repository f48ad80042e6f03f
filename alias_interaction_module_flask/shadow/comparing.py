"""Which line of the other bot answers which command, and whether ours would have been the same: pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_core.command_names import plain_name
from flask_core.contracts.alias_shadow import Verdict

ANSWERS_WITHIN = timedelta(seconds=5)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was written in a channel."""

    event_id: str
    channel: str
    speaker: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """A command that somebody typed, and the other bot's answer; "" for none."""

    line: Line
    command: str
    words: str
    theirs: str


def uses(lines: Sequence[Line], bot: str, names: Mapping[str, object]) -> Iterator[Use]:
    """Every use of one of `names`, oldest first; a line of the bot answers the last use before it."""
    ordered = sorted(lines, key=lambda line: (line.at, line.event_id))
    answers = [line for line in ordered if _is(line, bot)]
    taken: set[str] = set()
    for line in ordered:
        word, _, words = line.text.strip().partition(" ")
        command = plain_name(word) if word.startswith("!") else ""
        if command not in names or _is(line, bot):
            continue
        answer = next((one for one in answers if one.event_id not in taken and _answers(one, line)), None)
        if answer is not None:
            taken.add(answer.event_id)
        yield Use(line, command, words.strip(), answer.text if answer is not None else "")


def _is(line: Line, bot: str) -> bool:
    return line.speaker.casefold() == bot.casefold()


def _answers(answer: Line, asked: Line) -> bool:
    return answer.channel == asked.channel and asked.at <= answer.at <= asked.at + ANSWERS_WITHIN


def verdict(ours: str, theirs: str, *, numbers: bool) -> Verdict | None:
    """None when nobody would say anything. `numbers` may differ where they come by chance or are counted."""
    ours, theirs = normal(ours, numbers=numbers), normal(theirs, numbers=numbers)
    if not ours and not theirs:
        return None
    if not theirs:
        return "only we replied"
    if not ours:
        return "no reply"
    return "same" if ours == theirs else "different"


def normal(text: str, *, numbers: bool) -> str:
    """White space and, if they may differ, numbers count for nothing."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return _NUMBER.sub("#", plain) if numbers else plain
