"""Lines that people typed to add commands elsewhere: `!commands add -cd=5 !hug text`, `!command add hug text`."""

from __future__ import annotations

import re
from typing import Any

_ADDS = re.compile(r"!(commands?|cmd)\s+(?:add|edit)\s+(.+)|!(addcom|editcom)\s+(.+)", re.IGNORECASE)
_OPTION = re.compile(r"-(ul|cd|a|level|usercd|cost|type|enable|disable)(?:=(\S*)|(?=\s|$))\s*", re.IGNORECASE)
_LEVELS = {
    "everyone": 100, "subscriber": 250, "sub": 250, "regular": 300, "vip": 400, "moderator": 500, "mod": 500,
    "supermoderator": 1_000, "owner": 1_500, "streamer": 1_500, "broadcaster": 1_500,
}  # fmt: skip
_TAKES_NONE = frozenset({"enable", "disable"})
MOST_LINES = 500


def read(text: str) -> tuple[str, dict[str, Any]]:
    """Which bot's lines these are, and what its API would have answered about them."""
    found = [match for line in text.splitlines()[:MOST_LINES] if (match := _ADDS.match(line.strip()))]
    if any((match[1] or match[3]).lower() == "command" for match in found):
        return "streamelements", {"commands": [_streamelements(match[2] or match[4]) for match in found]}
    return "nightbot", {"commands": [_nightbot(match[2] or match[4]) for match in found]}


def _options(rest: str) -> tuple[dict[str, str], str, str]:
    """Options by name, the command's name, and its text."""
    options: dict[str, str] = {}
    while (found := _OPTION.match(rest)) is not None:
        name, rest = found[1].lower(), rest[found.end() :]
        if name in _TAKES_NONE or found[2] is not None:
            options[name] = found[2] or ""
        else:
            options[name], _, rest = rest.partition(" ")
    name, _, text = rest.strip().partition(" ")
    return options, name, text.strip()


def _nightbot(rest: str) -> dict[str, Any]:
    options, name, text = _options(rest)
    name = f"!{name.removeprefix('!')}"
    return {
        "_id": name.lower(), "name": name, "message": text, "alias": options.get("a", ""),
        "coolDown": options.get("cd", 30), "userLevel": options.get("ul", "everyone"),
    }  # fmt: skip


def _streamelements(rest: str) -> dict[str, Any]:
    options, name, text = _options(rest)
    level = options.get("level", "100").lower()
    number = int(level) if level.isascii() and level.isdigit() and len(level) < 6 else _LEVELS.get(level, level)
    return {
        "_id": name.removeprefix("!").lower(), "command": name, "reply": text, "accessLevel": number,
        "cooldown": {"global": options.get("cd", 5), "user": options.get("usercd", 15)},
        "cost": options.get("cost", 0), "type": options.get("type", "say"), "enabled": "disable" not in options,
    }  # fmt: skip
