"""Reads what stands between a command's name and its text: `-role=moderator -cd=30`, in either bot's spelling."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from alias_interaction_module_flask.models import Wish
from flask_core.datamodels import Platform, Role
from flask_core.errors import InvalidInput

LONGEST_COOLDOWN = 86_400
BIGGEST = 10**15
_OPTION = re.compile(r"-([A-Za-z]+)(?:=(\S*)|\s+(\S+))?(?:\s+|$)")
_ROLES = {
    "everyone": Role.VIEWER, "everybody": Role.VIEWER, "all": Role.VIEWER, "sub": Role.SUBSCRIBER,
    "twitch_vip": Role.VIP, "mod": Role.MODERATOR, "streamer": Role.OWNER, "broadcaster": Role.OWNER,
    "100": Role.VIEWER, "250": Role.SUBSCRIBER, "300": Role.REGULAR, "400": Role.VIP, "500": Role.MODERATOR,
    "1000": Role.ADMIN, "1500": Role.OWNER,
}  # fmt: skip


class Options(msgspec.Struct, frozen=True):
    """What was chosen: fields of Wish, the number that `-count=` sets, the target of `-a=`."""

    fields: dict[str, Any] = {}
    count: int | None = None
    target: str = ""

    def applied(self, wish: Wish) -> Wish:
        """The wish with what was chosen."""
        return msgspec.structs.replace(wish, **self.fields)

    @property
    def nothing(self) -> bool:
        """Whether nothing was chosen."""
        return not self.fields and self.count is None and not self.target


def read_options(text: str) -> tuple[Options, str]:
    """The options at the start of `text`, and what follows them; raises InvalidInput naming the option."""
    fields: dict[str, Any] = {}
    count, target, at = None, "", 0
    while (found := _OPTION.match(text, at)) is not None:
        name = found[1].lower()
        if name in _SWITCHES:
            fields["enabled"] = _SWITCHES[name]
            at = _after_switch(text, found)
            continue
        known = _NAMES.get(name)
        value = found[2] if found[2] is not None else found[3]
        if known is None or value is None:
            # A text may begin with a dash: only what is an option is one, unless it is written like one.
            if found[2] is not None or known is not None:
                raise InvalidInput(f"There is no option -{name[:20]}." if known is None else f"-{name} needs a value.")
            break
        if known == "count":
            count = _count(value)
        elif known == "target":
            target = value
        else:
            fields[known] = _READ[known](value)
        at = found.end()
    return Options(fields, count, target), text[at:]


def _after_switch(text: str, found: re.Match[str]) -> int:
    """`-enable` takes no value: what follows it belongs to the text."""
    end = found.start() + 1 + len(found[1])
    while end < len(text) and text[end].isspace():
        end += 1
    return end


def read_role(word: str) -> Role:
    """A role by our name for it or by another bot's; raises InvalidInput."""
    known = _ROLES.get(word.lower())
    return Role.named(word) if known is None else known


def _seconds(value: str) -> float:
    digits = value.removesuffix("s")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 6 or int(digits) > LONGEST_COOLDOWN:
        raise InvalidInput(f"A cooldown has 0 to {LONGEST_COOLDOWN:,} seconds.")
    return float(digits)


def _points(value: str) -> int:
    if not (value.isascii() and value.isdecimal()) or len(value) > 9:
        raise InvalidInput("A cost is a number of points.")
    return int(value)


def _count(value: str) -> int:
    found = re.fullmatch(r"[+-]?[0-9]{1,16}", value, re.ASCII)
    if found is None or abs(int(value)) > BIGGEST:
        raise InvalidInput("A count is a whole number.")
    return int(value)


def _platforms(value: str) -> tuple[Platform, ...]:
    words = [word for word in value.lower().split(",") if word]
    if words in ([], ["all"], ["everywhere"]):
        return ()
    if any(word not in set(Platform) for word in words):
        raise InvalidInput(f"Write one or more of {', '.join(Platform)}, with commas.")
    return tuple(dict.fromkeys(map(Platform, words)))


def _one_of(*words: str, **also: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        word = also.get(value.lower(), value.lower())
        if word not in words:
            raise InvalidInput(f"Write one of {', '.join(words)}.")
        return word

    return read


_SWITCHES = {"enable": True, "enabled": True, "disable": False, "disabled": False}
_NAMES = {
    "role": "role", "ul": "role", "level": "role", "cd": "cooldown_channel", "cooldown": "cooldown_channel",
    "usercd": "cooldown_member", "usercooldown": "cooldown_member", "when": "when", "on": "platforms",
    "type": "style", "cost": "cost", "count": "count", "a": "target",
}  # fmt: skip
_READ: dict[str, Callable[[str], Any]] = {
    "role": read_role,
    "cooldown_channel": _seconds,
    "cooldown_member": _seconds,
    "when": _one_of("always", "online", "offline"),
    "platforms": _platforms,
    "style": _one_of("say", "mention", "reply", "whisper", "me", action="me"),
    "cost": _points,
}
