"""Invitations: who may hand out which, for how long, and accepting one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from community_module_flask.invitation_repository import InvitationRepository, New
from community_module_flask.publishing import Publisher
from community_module_flask.rank import ASSIGNABLE, highest_below
from flask_core.auth import hashed, new_secret, utc_now
from flask_core.contracts.community import GLOBAL_COMMUNITY
from flask_core.contracts.joining import (
    MOST_SECONDS,
    MOST_USES,
    Invitation,
    Invited,
    MakeInvitation,
    NewInvitation,
)
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, InvalidInput

SHORTEST = timedelta(minutes=1)


class Invitations:
    """A link for whoever has it, or a word for one member; `days` is how long it holds unless said."""

    def __init__(
        self,
        repository: InvitationRepository,
        publisher: Publisher,
        *,
        days: int,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._publisher = publisher
        self.usual = min(timedelta(days=max(1, days)), timedelta(seconds=MOST_SECONDS))
        self._now = now

    async def make(self, asked: MakeInvitation, rank: Role, invited_by: str, actor: str) -> NewInvitation:
        """An invitation to a role below `rank`; its token is told this once."""
        if asked.community_id == GLOBAL_COMMUNITY:
            raise InvalidInput("This channel belongs to no community that you could invite to.")
        if asked.role not in ASSIGNABLE or asked.role >= rank:
            raise Forbidden(f"You may invite up to {highest_below(rank).word}.")
        if not 1 <= asked.uses <= MOST_USES:
            raise InvalidInput(f"An invitation is good for 1 to {MOST_USES} people.", field="uses")
        holds = timedelta(seconds=asked.seconds) if asked.seconds else self.usual
        if not SHORTEST <= holds <= timedelta(seconds=MOST_SECONDS):
            raise InvalidInput("An invitation holds for a minute to 30 days.", field="seconds")
        token, now = new_secret(), self._now()
        new = New(
            asked.community_id, hashed(token), asked.member_id, asked.role, 1 if asked.member_id else asked.uses,
            invited_by, now + holds,
        )  # fmt: skip
        made = await self._repository.add(new, actor, now)
        return NewInvitation(made, "" if asked.member_id else token)

    async def live(self, community_id: int) -> tuple[Invitation, ...]:
        """Those that can be used now, newest first."""
        return tuple(await self._repository.live(community_id, self._now()))

    async def end(self, community_id: int, number: int, rank: Role, actor: str) -> None:
        """End an invitation."""
        await self._repository.end(community_id, number, rank, actor, self._now())

    async def look_into(self, token: str, person_id: str) -> Invited:
        """What a link is to, and how the person stands there already."""
        return await self._repository.look_into(hashed(token), person_id, self._now())

    async def accept(self, token: str, person_id: str, name: str) -> int:
        """The person is a member now; of which community."""
        community_id, member = await self._repository.accept(hashed(token), person_id, name, self._now())
        await self._publisher.member_changed(community_id, member)
        return community_id
