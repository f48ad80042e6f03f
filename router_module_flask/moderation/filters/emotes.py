"""Emotes: lines that are nothing but pictures."""

from __future__ import annotations

from typing import Annotated

import msgspec
import re2

from router_module_flask.moderation.filters.line import Check, Line

# `<:wave:123>` of Discord, `:wave:` of Slack, and what every keyboard has: with its skin, its family or as a flag, one.
_WRITTEN = re2.compile(r"<a?:\w{1,64}:\d{1,24}>|:[a-z][a-z0-9_+'-]{1,63}:|:[+-]1:")
_ONE = r"[\x{1F000}-\x{1F1E5}\x{1F200}-\x{1F3FA}\x{1F400}-\x{1FAFF}\x{2600}-\x{27BF}\x{2B50}\x{2B55}]"
_JOINED = r"[\x{FE0F}\x{20E3}\x{1F3FB}-\x{1F3FF}]*"
_PICTURE = re2.compile(rf"[\x{{1F1E6}}-\x{{1F1FF}}]{{1,2}}|{_ONE}{_JOINED}(?:\x{{200D}}{_ONE}{_JOINED})*")


class Emotes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The platform's own and emoji alike."""

    most: Annotated[int, msgspec.Meta(ge=0, le=100, title="Most emotes in a line")] = 15


def check(values: Emotes) -> Check:
    """Too many of them."""

    def judge(line: Line) -> str | None:
        found = count(line)
        return f"{found} emotes" if found > values.most else None

    return judge


def count(line: Line) -> int:
    """How many emotes a line has."""
    written = sum(1 for _ in _WRITTEN.finditer(line.text)) if ":" in line.text else 0
    pictures = 0 if line.text.isascii() else sum(1 for _ in _PICTURE.finditer(line.text))
    return len(line.emotes) + written + pictures
