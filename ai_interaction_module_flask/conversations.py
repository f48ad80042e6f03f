"""What was said before in a conversation: in shared state only, for half an hour."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from ai_interaction_module_flask.ports import Message
from flask_core.shared_state import SharedState

EXCHANGES, MOST_CHARACTERS = 5, 4_000
SECONDS = 1_800.0


class Exchange(msgspec.Struct, frozen=True):
    """A question with the member who asked and their name, the answer, and the labels of the memories it used."""

    name: str
    question: str
    answer: str
    sources: tuple[str, ...] = ()
    member_id: str = ""


_decoder = msgspec.json.Decoder(list[Exchange])


@dataclass(frozen=True, slots=True)
class Conversations:
    """One per community, channel and member; with an empty member id that of the whole channel."""

    shared: SharedState

    async def of(self, community_id: int, channel: str, member_id: str) -> list[Exchange]:
        """The last exchanges, oldest first."""
        kept = await self.shared.get(_key(community_id, channel, member_id))
        return [] if kept is None else _decoder.decode(kept)

    async def add(self, community_id: int, channel: str, member_id: str, exchange: Exchange) -> None:
        """Keep one more; the oldest go."""
        kept = [*await self.of(community_id, channel, member_id), exchange][-EXCHANGES:]
        while len(kept) > 1 and sum(len(one.question) + len(one.answer) for one in kept) > MOST_CHARACTERS:
            kept = kept[1:]
        await self.shared.set(_key(community_id, channel, member_id), msgspec.json.encode(kept), SECONDS)

    async def of_member(self, community_id: int, channel: str, member_id: str) -> list[Exchange]:
        """What a member asked, in a conversation of their own or of the whole channel."""
        everybody = await self.of(community_id, channel, "")
        own = [one for one in everybody if one.member_id == member_id]
        return await self.of(community_id, channel, member_id) + own

    async def forget(self, community_id: int, channel: str, member_id: str) -> bool:
        """Whether there was something of this member to forget."""
        own = await self.shared.take(_key(community_id, channel, member_id)) is not None
        everybody = await self.of(community_id, channel, "")
        others = [one for one in everybody if one.member_id != member_id]
        if len(others) < len(everybody):
            await self.shared.set(_key(community_id, channel, ""), msgspec.json.encode(others), SECONDS)
        return own or len(others) < len(everybody)


def turns(exchanges: list[Exchange], wrap: str) -> list[Message]:
    """The exchanges as turns; `wrap` holds `{}` where what people wrote belongs."""
    found = []
    for one in exchanges:
        found.append(Message("user", wrap.replace("{}", f"{one.name}: {one.question}")))
        found.append(Message("assistant", one.answer))
    return found


def _key(community_id: int, channel: str, member_id: str) -> str:
    return f"ai:talk:{community_id}:{channel}:{member_id}"
