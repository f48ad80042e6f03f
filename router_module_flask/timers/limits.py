"""What a timer may be: names, lengths, intervals."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from flask_core.contracts.timers import TimerSettings
from flask_core.datamodels import ChannelKey
from flask_core.errors import InvalidInput

TEXTS, TEXT, COMMAND, CHANNELS, WORDS = 10, 500, 200, 50, 100
SHORTEST, LONGEST = 300, 86_400
COLORS = ("", "primary", "blue", "green", "orange", "purple")
_NAME = re.compile(r"[a-z0-9_-]{1,25}", re.ASCII)


def checked_name(name: str) -> str:
    """The name as it is kept; raises InvalidInput for one that nobody could type."""
    lower = name.strip().lower()
    if not _NAME.fullmatch(lower):
        raise InvalidInput("A timer's name has 1 to 25 letters, digits, - or _.", field="name")
    return lower


def checked(settings: TimerSettings) -> TimerSettings:
    """The settings with clean texts; raises InvalidInput naming the field and what is accepted."""
    _check_times(settings)
    texts = tuple(text for text in map(clean, settings.texts) if text)
    command = clean(settings.command)
    if bool(texts) == bool(command):
        raise InvalidInput("Give a timer texts or a command, one of both.", field="texts")
    if len(texts) > TEXTS or any(len(text) > TEXT for text in texts):
        raise InvalidInput(f"A timer has at most {TEXTS} texts of at most {TEXT} characters.", field="texts")
    if len(command) > COMMAND or (command and command[0] not in "!#"):
        raise InvalidInput(f"A command begins with ! or # and has at most {COMMAND} characters.", field="command")
    channels = tuple(dict.fromkeys(str(ChannelKey.parse(key)) for key in settings.channels))
    if len(channels) > CHANNELS:
        raise InvalidInput(f"A timer speaks in {CHANNELS} channels at most.", field="channels")
    category, title = clean(settings.category), clean(settings.title)
    if max(len(category), len(title)) > WORDS:
        raise InvalidInput(f"Category and title have at most {WORDS} characters.", field="category")
    if settings.color not in COLORS:
        raise InvalidInput(f"An announcement is {', '.join(COLORS[1:])}.", field="color")
    return msgspec.structs.replace(
        settings, texts=texts, command=command, channels=channels, category=category, title=title
    )


def _check_times(settings: TimerSettings) -> None:
    if not SHORTEST <= settings.every <= LONGEST:
        raise InvalidInput("A timer runs every 5 minutes to 24 hours.", field="every")
    if settings.offline_every and not SHORTEST <= settings.offline_every <= LONGEST:
        raise InvalidInput("A timer runs every 5 minutes to 24 hours, offline too.", field="offline_every")
    if not 0 <= settings.lines <= 1_000:
        raise InvalidInput("Ask for 0 to 1,000 lines of chat.", field="lines")
    if settings.lines_within and not 60 <= settings.lines_within <= LONGEST:
        raise InvalidInput("Lines are counted within 1 minute to 24 hours.", field="lines_within")


def clean(text: str) -> str:
    """One line of composed characters without controls."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(c for c in composed if unicodedata.category(c) not in {"Cc", "Cs"})
