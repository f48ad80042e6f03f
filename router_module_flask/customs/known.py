"""What is customary in a community: its choices, its switches and its words for commands, kept per process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol, Self

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts.commands import CommandChoice
from flask_core.datamodels import CommandCard, Cooldowns
from flask_core.remembered import RememberedBy
from flask_core.shared_state import SharedState
from router_module_flask.customs.choices import CommunityChoices
from router_module_flask.models import Interest

TOPIC_CUSTOMS = "router.customs"
_FRESH_SECONDS = 60.0


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a third party's module is paused here ("" for not), and until when it is paid for."""

    paused: str = ""
    entitled_until: datetime | None = None


class Customs(msgspec.Struct, frozen=True):
    """`switched` by (module, channel or ""), `terms` by module, `commands` by sign and path (`!so`); `wishes`
    are events that modules want to be run for here only.

    What follows from `commands`: `renamed` leads from words (`("!", "shout")`) to a command, `first_words` from
    the first of them to how many there are at most.
    """

    choices: CommunityChoices = CommunityChoices()
    switched: dict[tuple[str, str], bool] = {}
    terms: dict[str, Terms] = {}
    commands: dict[str, CommandChoice] = {}
    renamed: dict[tuple[str, ...], str] = {}
    first_words: dict[str, int] = {}
    wishes: tuple[Interest, ...] = ()

    @classmethod
    def made(
        cls,
        choices: CommunityChoices,
        switched: dict[tuple[str, str], bool],
        terms: dict[str, Terms],
        commands: dict[str, CommandChoice],
        wishes: Iterable[Interest] = (),
    ) -> Self:
        """Customs with what follows from them."""
        renamed = {(name[0], *choice.rename.split()): name for name, choice in commands.items() if choice.rename}
        first_words: dict[str, int] = {}
        for sign, first, *more in renamed:
            first_words[sign + first] = max(first_words.get(sign + first, 0), len(more) + 1)
        return cls(choices, switched, terms, commands, renamed, first_words, tuple(wishes))

    def refusal(self, module: str, channel: str, now: Callable[[], datetime], *, otherwise: bool) -> str | None:
        """Why `module` does not run in a channel, or None: channel beats community beats `otherwise`."""
        switched, here = self.switched, otherwise
        if switched:
            here = switched.get((module, channel), switched.get((module, ""), otherwise))
        if not here:
            return f"{module} is off here."
        terms = self.terms.get(module)
        if terms is None:
            return None
        if terms.paused:
            return terms.paused
        if terms.entitled_until is not None and terms.entitled_until <= now():
            return f"{module} is not paid for any more."
        return None

    def applied(self, sign: str, card: CommandCard, default: Cooldowns) -> CommandCard:
        """The card as it works here; `default` are the cooldowns of a card that declares none."""
        choice = self.commands.get(sign + card.path)
        if choice is None:
            return card
        usage = card.usage
        if choice.rename and usage.startswith(sign + card.path):
            usage = f"{sign}{choice.rename}{usage[len(sign + card.path) :]}"
        declared = card.cooldowns or default
        waits = Cooldowns(
            declared.member if choice.member is None else choice.member,
            declared.channel if choice.channel is None else choice.channel,
            declared.everywhere if choice.everywhere is None else choice.everywhere,
        )
        role = card.role if choice.role is None else choice.role
        return msgspec.structs.replace(card, usage=usage, role=role, cooldowns=waits, channels=choice.channels)

    def typed(self, sign: str, path: str) -> str:
        """How a command is typed here."""
        choice = self.commands.get(sign + path)
        return f"{sign}{choice.rename if choice is not None and choice.rename else path}"


NOTHING_SPECIAL = Customs()


class CustomsRows(Protocol):
    """Where customs are read."""

    async def of(self, community_id: int) -> Customs:
        """All of a community's."""
        ...


class KnownCustoms(RememberedBy[int, Customs]):
    """One answer per community, 60 s fresh; a change shows at once here and as soon as others hear of it."""

    def __init__(
        self,
        rows: CustomsRows,
        shared: SharedState,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(rows.of, _FRESH_SECONDS, clock)
        self._shared = shared
        self.now = now

    def latest(self, key: int) -> Customs:
        """The last answer, however old; the defaults where there is none."""
        kept = self._kept.get(key)
        return NOTHING_SPECIAL if kept is None else kept[1]

    async def of(self, community_id: int) -> Customs:
        """The answer, read when it is not known."""
        return await self.get(community_id)

    async def changed(self, community_id: int) -> None:
        """Forget here, and tell the other replicas."""
        self.forget(community_id)
        await self._shared.publish(TOPIC_CUSTOMS, str(community_id).encode())
