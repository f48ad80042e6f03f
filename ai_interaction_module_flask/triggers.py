"""What a line or an event asks for without a command, and which lines the router shall tell us about."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ai_interaction_module_flask.choices import USUAL_EVENTS, Triggers
from ai_interaction_module_flask.language_guess import LEAST_LETTERS
from flask_core.datamodels import Event, EventInterest, MessageType

type Kind = Literal["mention", "question", "greeting", "farewell", "event"]

LONGEST_PATTERN = 450
_CALLED = re.compile(r"(?<![\w])@?waddlebot(?![\w])", re.IGNORECASE)
_CALLS_SOMEBODY = re.compile(r"(?<![\w])@(?!waddlebot\b)[\w.-]+", re.IGNORECASE)
_MENTION = re.compile(r"<@[!&]?[\w.]{1,60}>|@[\w.-]{1,64}")
COMMAND_SIGNS = ("!", "#", "/")
_LEAST_WORDS = 3
MANIFEST = (
    EventInterest(MessageType.CHAT, mentions_bot=True),
    *(EventInterest(MessageType(name), min_amount=reply.minimum) for name, reply in USUAL_EVENTS.items()),
)
"""What every community hears about as long as it changes nothing."""


def wishes(triggers: Triggers) -> tuple[EventInterest, ...]:
    """What this community wants to hear about besides."""
    chat, wanted = MessageType.CHAT, []
    if triggers.question:
        marks = re.escape(triggers.question_marks)
        wanted.append(EventInterest(chat, matches=rf"\S\s+\S+\s+\S.*[{marks}]\s*$"))
    words = (triggers.greetings if triggers.greeting else ()) + (triggers.farewells if triggers.farewell else ())
    wanted += [EventInterest(chat, matches=pattern) for pattern in _patterns(words)]
    for name in {*triggers.events} - {"cheer"} - {*USUAL_EVENTS}:
        reply = triggers.event(name)
        if reply is not None:
            wanted.append(EventInterest(MessageType(name), min_amount=reply.minimum))
    cheer = triggers.event("cheer")
    if cheer is not None and cheer.minimum < USUAL_EVENTS["cheer"].minimum:
        wanted.append(EventInterest(MessageType.CHEER, min_amount=cheer.minimum))
    return tuple(wanted)


def translation_wish(channels: Collection[str]) -> tuple[EventInterest, ...]:
    """Lines with enough letters to have a language, of channels that are translated; nothing where none is."""
    if not channels:
        return ()
    letters = rf"^\s*[^\s{''.join(COMMAND_SIGNS)}](?:\PL*\pL){{{LEAST_LETTERS - 1}}}"
    return (EventInterest(MessageType.CHAT, matches=letters, channels=tuple(sorted(channels))),)


def _patterns(words: Sequence[str]) -> Iterator[str]:
    """Patterns for any of the words at the start of a line, none longer than the router takes."""
    some: list[str] = []
    for word in map(re.escape, words):
        if some and len("|".join((*some, word))) > LONGEST_PATTERN:
            yield _starts_with(some)
            some = []
        some.append(word)
    if some:
        yield _starts_with(some)


def _starts_with(words: list[str]) -> str:
    return rf"(?i)^\s*(?:{'|'.join(words)})(?:[^\pL\pN_]|$)"


@dataclass(frozen=True, slots=True)
class Hearing:
    """Which trigger an event fires."""

    chance: random.Random = field(default_factory=random.Random)

    def kind_of(self, event: Event, triggers: Triggers) -> Kind | None:
        """The trigger, None for none. Commands fire nothing, and neither do bots."""
        account, text = event.account, event.text.strip()
        if account is not None and account.bot:
            return None
        if event.message_type is not MessageType.CHAT:
            return self._event(event, triggers)
        if not text or account is None or (text.startswith(COMMAND_SIGNS) and "as_command" not in event.data):
            return None
        if _to_us(event):
            return "mention" if triggers.mention else None
        return self._unaddressed(text, triggers)

    def _unaddressed(self, text: str, triggers: Triggers) -> Kind | None:
        if triggers.greeting and _begins(text, triggers.greetings):
            return "greeting"
        if triggers.farewell and _begins(text, triggers.farewells):
            return "farewell"
        asks = triggers.question and text.endswith(tuple(triggers.question_marks))
        if not asks or len(text.split()) < _LEAST_WORDS or _CALLS_SOMEBODY.search(text):
            return None
        return "question"

    def lucky(self, triggers: Triggers) -> bool:
        """Whether this question is one of those that are answered."""
        return self.chance.randrange(100) < triggers.question_chance

    def _event(self, event: Event, triggers: Triggers) -> Kind | None:
        reply = triggers.event(event.message_type.value)
        return "event" if reply is not None and (event.amount or 0) >= reply.minimum else None


def _to_us(event: Event) -> bool:
    if event.data.get("mentions_bot") or _CALLED.search(event.text):
        return True
    replied = event.reply_to.account if event.reply_to is not None else None
    return replied is not None and replied.bot


def _begins(text: str, words: Sequence[str]) -> bool:
    """Whether a word stands at the start as a whole word."""
    said = text.casefold()
    return any(
        said.startswith(word.casefold()) and not said[len(word) :][:1].isalnum() and said[len(word) :][:1] != "_"
        for word in words
    )


def without_name(event: Event) -> str:
    """The line without the bot's name at its start; a mention there is the bot's where the platform says so.

    Slack writes such a line as a command, in case it is one.
    """
    text = event.text.strip()
    if "as_command" in event.data:
        return text.removeprefix("!")
    found = _CALLED.match(text) or (_MENTION.match(text) if "mentions_bot" in event.data else None)
    return text if found is None else text[found.end() :].lstrip(" ,:;–-")
