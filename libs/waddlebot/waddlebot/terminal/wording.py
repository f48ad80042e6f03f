"""How lines, people and traces look in a terminal."""

from __future__ import annotations

import textwrap
from typing import Any

import msgspec

from flask_core.contracts.portal import Line, Room, Speaker
from flask_core.contracts.router import TraceView
from flask_core.datamodels import Role
from waddlebot.terminal.talk import Heard

_INDENT = 20


def plain(text: str) -> str:
    """The text without anything that could move a cursor or ring a bell."""
    return "".join(c if c.isprintable() else " " for c in text)


def who(speaker: Speaker) -> str:
    """`Ann (broadcaster, twitch)`."""
    return f"{speaker.name} ({role_word(speaker.role)}, {speaker.look})"


def role_word(role: Role) -> str:
    """What a platform calls it."""
    return "broadcaster" if role is Role.OWNER else role.word


def prompt(speaker: Speaker) -> str:
    """What stands left of what one types."""
    return f"{who(speaker)} › ".ljust(_INDENT)


def greeting(room: Room, version: str) -> str:
    """The first line."""
    return f"WaddleBot {version} · community {plain(room.community_name)} (#{room.community_id}) · /help"


def wrapped(line: Line, width: int) -> str:
    """A line of the room, to the right of who speaks."""
    said = plain(line.text)
    if line.kind == "event":
        said = f"* {line.speaker} {said}"
    elif line.kind == "person":
        said = f"{line.speaker}: {said}"
    elif line.private:
        said = f"{said} (in private)"
    left = " " * _INDENT
    return textwrap.fill(said, max(width, _INDENT + 20), initial_indent=left, subsequent_indent=left)


def reasons(trace: TraceView) -> list[str]:
    """Why the bot said that: one line per step, then what became of its words."""
    lines = [f"{'✓' if step.ok else '✗'} {step.name}: {plain(step.said)}{_ms(step.ms)}" for step in trace.steps]
    for delivery in trace.deliveries:
        reason = f" ({plain(delivery.reason)})" if delivery.reason else ""
        lines.append(f"{'✓' if delivery.state == 'done' else '…'} {delivery.kind} {delivery.state}{reason}")
    return [*lines, f"{trace.outcome or 'plain'}, {trace.total_ms:g} ms, {trace.event_id}"]


def _ms(ms: float | None) -> str:
    return "" if ms is None else f" ({ms:g} ms)"


def as_json(heard: Heard, text: str) -> str:
    """One JSON object: the line, the bot's actions with what became of them, and the trace."""
    trace: Any = msgspec.to_builtins(heard.trace)
    said: dict[str, Any] = {
        "speaker": {"name": heard.speaker.name, "look": heard.speaker.look, "role": heard.speaker.role.word},
        "text": text,
        "event_id": heard.event_id,
        "answered": heard.answered,
        "replies": [msgspec.to_builtins(line) for line in heard.replies],
        "actions": trace["deliveries"] if trace and "deliveries" in trace else [],
        "trace": trace,
    }
    return msgspec.json.encode(said).decode()
