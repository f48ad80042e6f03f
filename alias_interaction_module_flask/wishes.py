"""What a command may be: its name, its text, and who may want it so."""

from __future__ import annotations

import unicodedata

import msgspec

from alias_interaction_module_flask.models import By, Wish
from flask_core.command_names import LONGEST, is_name, plain_name
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, InvalidInput, NotReady

LONGEST_TEXT = 2_000
LONGEST_LINE = 500
MOST_CHANNELS = 50


def checked(wish: Wish) -> Wish:
    """The wish with its name and text in order; raises InvalidInput naming the field."""
    name, body = checked_name(wish.name), cleaned(wish.body)
    if not body:
        raise InvalidInput("Write what it says." if wish.kind == "text" else "Write what it runs.", field="body")
    most = LONGEST_TEXT if wish.kind == "text" else LONGEST_LINE
    if len(body) > most:
        raise InvalidInput(f"This is {len(body):,} characters long; at most {most:,} are kept.", field="body")
    if len(wish.channels) > MOST_CHANNELS:
        raise InvalidInput(f"Name up to {MOST_CHANNELS} channels.", field="channels")
    if not (0 <= wish.cooldown_channel <= 86_400 and 0 <= wish.cooldown_member <= 86_400):
        raise InvalidInput("A cooldown has 0 to 86,400 seconds.", field="cooldown_channel")
    if not 0 <= wish.cost <= 10**9:
        raise InvalidInput("A cost is a number of points.", field="cost")
    if wish.kind == "alias":
        if wish.cost:
            raise InvalidInput("An alias costs what the command costs that it runs.", field="cost")
        body = checked_line(body)
    return msgspec.structs.replace(wish, name=name, body=body)


def checked_name(typed: str) -> str:
    """The name as it is looked up; raises InvalidInput for one that nobody could type."""
    name = plain_name(typed)
    if not is_name(name):
        raise InvalidInput(f"A name has 1 to {LONGEST} letters, digits, emoji or _ - . and no spaces.", field="name")
    return name


def checked_line(line: str) -> str:
    """The line that an alias runs, with its sign; raises NotReady for what only the marketplace runs."""
    if line.startswith("#"):
        raise NotReady("Commands with # come from the marketplace, which is not installed here.", field="body")
    return line if line.startswith("!") else f"!{line}"


def cleaned(text: str) -> str:
    """On one line, without control characters; emoji keep the joints between their parts."""
    composed = unicodedata.normalize("NFC", text)
    plain = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in composed)
    if any(unicodedata.category(c) == "Cs" for c in plain):
        raise InvalidInput("This text has characters that cannot be kept.", field="body")
    return plain.strip()


def check_rights(by: By, *wishes: Wish, edit_role: Role) -> None:
    """Raise Forbidden unless `by` may edit commands, and may use those that are changed."""
    if by.role < edit_role:
        raise Forbidden(f"Only {edit_role.word}s can change commands. You are {by.role.word} here.")
    highest = max(wish.role for wish in wishes)
    if highest > by.role:
        raise Forbidden(f"Only {highest.word}s can do that. You are {by.role.word} here.")
