"""What the pipeline needs from outside, each a verb that a fake can answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from flask_core.contracts.community import Context
from flask_core.contracts.router import PartitionState
from flask_core.datamodels import CommandCard, Event, Invocation, Reply
from router_module_flask.customs.known import Customs
from router_module_flask.models import Entry, Finished, FoundCommand, Interest, Outgoing, Run, Speaker, Trace
from router_module_flask.moderation.verdicts import Verdict


class Contexts(Protocol):
    """Which community is this, and who is speaking?"""

    def known(self, event: Event) -> Context | None:
        """The answer, when it is fresh in the cache."""

    async def ask(self, event: Event) -> Context:
        """The answer from community; raises Unavailable when there is none, not even an old one."""

    def told(self, event: Event) -> None:
        """A stream began or ended in this channel."""


class Moderation(Protocol):
    """What may be written here?"""

    def idle(self, community_id: int) -> bool:
        """Whether nobody watches this community; the line need not be judged then."""

    async def judge(self, event: Event, speaker: Speaker, trace: Trace) -> Verdict:
        """What follows from the text of `event`."""


class Directory(Protocol):
    """Which command is this, and does its module run here?"""

    def prepared(self, community_id: int) -> bool:
        """Whether everything that can be typed in this community is in memory."""

    async def prepare(self, community_id: int) -> None:
        """Have everything in memory that can be typed in this community."""

    def customs(self, community_id: int) -> Customs:
        """What is customary in a community that is prepared."""

    def missed(self, text: str, community_id: int) -> bool:
        """Whether a line that is no command looks like one, and the community wants that to be said."""

    def may_dispatch(self, module: str) -> bool:
        """Whether `module` may start command lines."""

    def find(self, text: str, community_id: int) -> FoundCommand | None:
        """The command that the line names; raises UsageError when its words do not fit."""

    def refusal(self, module: str, speaker: Speaker) -> str | None:
        """The sentence why `module` does not run in this channel of a prepared community, or None when it does."""

    def card(self, module: str, path: str, community_id: int) -> CommandCard | None:
        """The command that `module` declares under `path`, as it works here."""

    def listeners(self, event: Event, speaker: Speaker) -> Sequence[Interest]:
        """Modules that want to be run for this event, in order of their priority."""


class Limits(Protocol):
    """How often somebody may."""

    def admits(self, event: Event) -> bool:
        """Whether this account and channel are below the rate at which commands are dropped."""

    async def wait_for(self, found: FoundCommand, speaker: Speaker) -> float:
        """0 when all cooldowns were ready and are taken now, else the seconds to wait; nothing is taken then."""

    async def give_back(self, found: FoundCommand, speaker: Speaker) -> None:
        """Refund what `wait_for` took, because the command did nothing."""

    async def told_already(self, found: FoundCommand, speaker: Speaker, seconds: float = 10) -> bool:
        """Whether the speaker was told in the last `seconds`; the first question answers no."""

    async def told_lately(self, what: str, speaker: Speaker, seconds: float = 10) -> bool:
        """Whether the speaker was told that in the last `seconds`; the first question answers no."""


class Modules(Protocol):
    """Runs modules."""

    async def run(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        """The module's reply; raises its refusal, Unavailable or UnknownOutcome."""


class Records(Protocol):
    """Keeps what happened."""

    async def hand_out(self, outgoing: Sequence[Outgoing]) -> None:
        """Commit and start these before the event has its end; the same keys again do nothing."""

    async def keep(self, event_id: str, speaker: Speaker, runs: Sequence[Run], outgoing: Sequence[Outgoing]) -> None:
        """Commit and start what came of something that no entry of the log stands for."""

    async def record(self, finished: Finished) -> None:
        """Commit runs, deliveries and trace in one transaction, start the deliveries, and end the entry."""


class EventLog(Protocol):
    """Events between their arrival and the record of their effects: at least once, in order per channel."""

    async def append(self, events: Sequence[Event]) -> list[bool]:
        """Keep events; False for one whose id was seen in the last 24 h. Seen and kept are one atomic step."""

    async def read(self) -> list[Entry]:
        """Entries that are this worker's now; waits a bounded time for the first."""

    async def done(self, entries: Sequence[Entry]) -> None:
        """Forget entries whose effects are recorded."""

    async def retry(self, entry: Entry) -> None:
        """Give an entry back, to be read again later; after five readings it is dead."""

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Say that these are still being worked on."""

    async def depth(self) -> tuple[int, float]:
        """How many entries wait, and the age of the oldest in seconds."""

    async def partitions(self) -> list[PartitionState]:
        """Every part of the log: what waits in it and who reads it."""

    async def dead(self) -> int:
        """How many entries were given up."""

    async def letters(self, limit: int) -> list[tuple[str, Event]]:
        """The newest of those, each with the id by which it is revived."""

    async def revive(self, letter_id: str) -> str | None:
        """Let one be read again, marked late; its event id, None when it is not dead."""

    async def forget(self, accounts: Sequence[tuple[str, str]], channels: Sequence[str] = ()) -> int:
        """Delete those by or about these accounts, or of these channels; how many that were."""

    async def bury(self, before: datetime) -> int:
        """Delete those that died before then; how many that were."""

    async def close(self) -> None:
        """Give back what this worker holds."""
