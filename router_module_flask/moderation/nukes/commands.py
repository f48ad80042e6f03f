"""`!nuke` and `!nuke undo`."""

from __future__ import annotations

from typing import Literal, cast, get_args

from flask_core.commands import Call, per_channel
from flask_core.contracts.nukes import MakeNuke, Nuke, NukeAct
from flask_core.datamodels import Reply, Role
from flask_core.errors import InvalidInput
from flask_core.grammar import clean, duration_seconds, tokenize
from router_module_flask.chatting import Chatting
from router_module_flask.commands import commands

USAGE = '!nuke <"text"|pattern|links> [5m] [delete|timeout|ban]'
_ACTS = get_args(NukeAct)


@commands.command("nuke", role=Role.MODERATOR, cooldown=per_channel(seconds=2), timeout=20, usage=USAGE)
async def nuke(call: Call[Chatting], what: str, then: str = "", more: str = "") -> Reply:
    """Delete what matches in the last minutes, and time out or ban who wrote it."""
    kind = _kind(call, what)
    asked = MakeNuke(
        call.community, kind, "" if kind == "links" else what, channel=call.channel, key=call.invocation.execution_id
    )
    back, act = _options(then, more)
    asked = MakeNuke(
        asked.community_id, kind, asked.words, back or asked.back, act or asked.act, asked.seconds, asked.channel,
        key=asked.key,
    )  # fmt: skip
    return Reply.chat(told(await call.service.nukes.make(asked, call.member.id), asked.back))


@commands.command("nuke undo", role=Role.MODERATOR, cooldown=per_channel(seconds=2), timeout=20)
async def nuke_undo(call: Call[Chatting], number: int | None = None) -> Reply:
    """Lift the time-outs and bans of a nuke, the newest if no number is given."""
    undone = await call.service.nukes.undo(call.community, number, call.member.id)
    left = f" {_count(undone.left, 'account')} had more since and stay as they are." if undone.left else ""
    return Reply.chat(f"Nuke #{undone.number} is undone: {_count(undone.lifted, 'account')} free again.{left}")


def _kind(call: Call[Chatting], what: str) -> Literal["text", "pattern", "links"]:
    line = tokenize(clean(call.invocation.event.text))
    if any(token.quoted and token.text == what for token in line):
        return "text"
    if what.lower() == "links":
        return "links"
    return "pattern" if "*" in what or "?" in what else "text"


def _options(*words: str) -> tuple[int, NukeAct | None]:
    """Seconds and act in either order; raises InvalidInput with the usage for anything else."""
    back, act = 0, None
    for word in filter(None, words):
        seconds = duration_seconds(word)
        if word.lower() in _ACTS and act is None:
            act = cast(NukeAct, word.lower())
        elif seconds and not back:
            back = seconds
        else:
            raise InvalidInput(f"Usage: {USAGE}")
    return back, act


def told(nuke: Nuke, back: int) -> str:
    """What was done, in one line."""
    spared = f" {_count(nuke.spared, 'account')} spared." if nuke.spared else ""
    if not nuke.number:
        return f"Nothing to hit in the last {_span(back)}.{spared}"
    if nuke.act == "delete":
        return f"Nuke #{nuke.number}: {_count(nuke.messages, 'message')} of {_count(nuke.accounts, 'account')}.{spared}"
    done = "banned" if nuke.act == "ban" else f"timed out for {_span(nuke.seconds)}"
    cut = " There was more: say it again." if nuke.cut else ""
    return (
        f"Nuke #{nuke.number}: {_count(nuke.messages, 'message')}, {_count(nuke.accounts, 'account')} {done}."
        f"{spared}{cut} Undo: !nuke undo {nuke.number}"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _span(seconds: int) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
