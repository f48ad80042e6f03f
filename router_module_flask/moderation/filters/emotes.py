"""Emotes: lines that are nothing but pictures."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from router_module_flask.moderation.filters.line import Check, Line

# `<:wave:123>` of Discord, `:wave:` of Slack, and what every keyboard has: with its skin, its family or as a flag, one.
_WRITTEN = re.compile(r"<a?:\w{1,64}:\d{1,24}>|:[a-z][a-z0-9_+'-]{1,63}:|:[+-]1:", re.ASCII)
_ONE = "[\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf\u2b50\u2b55]"
_JOINED = "[\ufe0f\u20e3\U0001f3fb-\U0001f3ff]*"
_PICTURE = re.compile(f"[\U0001f1e6-\U0001f1ff]{{1,2}}|{_ONE}{_JOINED}(?:\u200d{_ONE}{_JOINED})*")


class Emotes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The platform's own and emoji alike."""

    most: Annotated[int, msgspec.Meta(ge=0, le=100, title="Most emotes in a line")] = 15


def check(values: Emotes) -> Check:
    """Too many of them."""

    def judge(line: Line) -> str | None:
        if _at_most(line) <= values.most:
            return None
        found = count(line)
        return f"{found} emotes" if found > values.most else None

    return judge


def count(line: Line) -> int:
    """How many emotes a line has."""
    written = len(_WRITTEN.findall(line.text)) if ":" in line.text else 0
    pictures = 0 if line.text.isascii() else len(_PICTURE.findall(line.text))
    return len(line.emotes) + written + pictures


def _at_most(line: Line) -> int:
    """What a glance tells: a written one has two colons."""
    return len(line.emotes) + line.text.count(":") // 2 + (0 if line.text.isascii() else len(line.text))
