"""The checklist of connecting Slack: each line knows by itself whether it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_core.contracts.slack import Step, WorkspaceState, WorkspaceView


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about the connection."""

    lacks: str
    over_sockets: bool
    sockets: int
    trouble: str
    workspaces: tuple[WorkspaceView, ...]
    last_event_at: datetime | None


def steps_of(facts: Facts) -> tuple[Step, ...]:
    """The lines in the order in which they are done; what waits for an earlier one says so."""
    if facts.lacks:
        return (Step("Slack app", "you", facts.lacks),)
    return (
        Step("Slack app", "ok", "Its tokens are set."),
        _line(facts),
        _workspace(facts),
        _rights(facts),
        _channels(facts),
        _heard(facts),
    )


def _line(facts: Facts) -> Step:
    if not facts.over_sockets:
        return Step("Connection", "ok", "Slack posts to this installation over HTTPS.")
    if facts.sockets:
        return Step("Connection", "ok", f"{facts.sockets} open over Socket Mode in this process.")
    if facts.trouble:
        return Step("Connection", "failed", facts.trouble)
    return Step("Connection", "waiting", "No socket is open in this process; another replica may hold them.")


def _workspace(facts: Facts) -> Step:
    good = [one for one in facts.workspaces if one.state is WorkspaceState.OK]
    bad = next((one for one in facts.workspaces if one.state is not WorkspaceState.OK), None)
    if bad is not None:
        return Step("Workspace", "failed", f"{bad.name}: {bad.reason}")
    if not good:
        return Step(
            "Workspace", "failed" if facts.trouble else "you", facts.trouble or "Install the app in a workspace."
        )
    return Step("Workspace", "ok", ", ".join(one.name for one in good))


def _rights(facts: Facts) -> Step:
    lacking = sorted({scope for one in facts.workspaces for scope in one.missing_scopes})
    if not facts.workspaces:
        return Step("Rights", "waiting", "After the workspace.")
    if lacking:
        return Step("Rights", "you", f"Install the app again from the manifest; missing: {', '.join(lacking)}.")
    return Step("Rights", "ok", "Nothing is missing.")


def _channels(facts: Facts) -> Step:
    count = sum(one.channels for one in facts.workspaces)
    if not facts.workspaces:
        return Step("Channels", "waiting", "After the workspace.")
    if not count:
        return Step("Channels", "you", "Attach a channel, and write /invite @WaddleBot in it.")
    return Step("Channels", "ok", f"{count} attached.")


def _heard(facts: Facts) -> Step:
    if facts.last_event_at is None:
        return Step("Events", "waiting", "Nothing was heard yet. Write a line in an attached channel.")
    if held := [one for one in facts.workspaces if one.held_back_at]:
        told = ", ".join(f"{one.name} since {one.held_back_at:%H:%M} UTC" for one in held)
        return Step("Events", "failed", f"More happens than Slack delivers in an hour; events were left out: {told}.")
    return Step("Events", "ok", f"Heard {facts.last_event_at:%Y-%m-%d %H:%M} UTC.")
