"""Tells everybody, after the commit, what changed; our own memory forgets first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from community_module_flask.contexts import Contexts
from flask_core.contracts import community
from flask_core.contracts.community import Member
from flask_core.errors import Unavailable
from flask_core.shared_state import SharedState

_encode = msgspec.json.encode


type AfterCommit = Callable[[Callable[[], None]], None]


class Publisher:
    """A lost message costs at most the life time of a cache, so an outage here fails nothing.

    Whoever would forget before the commit could remember again what was before it: all of it waits for that.
    """

    def __init__(self, shared: SharedState, contexts: Contexts, after_commit: AfterCommit) -> None:
        self._shared = shared
        self._contexts = contexts
        self._after_commit = after_commit
        self._telling: set[asyncio.Task[None]] = set()

    async def member_changed(self, community_id: int, member: Member, gone: tuple[tuple[str, str], ...] = ()) -> None:
        """Role, status or accounts of a member changed; accounts that are `gone` are another's now."""
        accounts = (*gone, *((account.platform, account.user_id) for account in member.accounts))
        changed = community.MemberChanged(community_id, member.id, accounts, member.person_id)
        await self._tell(
            lambda: self._contexts.forget_member(community_id, member.id, accounts),
            community.TOPIC_MEMBER, changed,
        )  # fmt: skip

    async def channel_changed(self, channel: str) -> None:
        """A channel was attached or detached; `platform:server:*` are all of a server."""
        changed = community.ChannelChanged(channel)
        await self._tell(lambda: self._contexts.forget_channel(changed), community.TOPIC_CHANNEL, changed)

    async def community_changed(self, community_id: int) -> None:
        """Texts or settings of a community changed."""
        changed = community.CommunityChanged(community_id)
        await self._tell(lambda: self._contexts.forget_community(community_id), community.TOPIC_COMMUNITY, changed)

    async def _tell(self, forget: Callable[[], None], topic: str, changed: msgspec.Struct) -> None:
        told: list[asyncio.Task[None]] = []

        def committed() -> None:
            forget()
            task = asyncio.create_task(self._publish(topic, _encode(changed)))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
            told.append(task)

        self._after_commit(committed)
        for task in told:
            await task

    async def _publish(self, topic: str, message: bytes) -> None:
        try:
            await self._shared.publish(topic, message)
        except Unavailable:
            return

    async def listen(self) -> None:
        """For ever: forget what other replicas changed."""
        topics = (community.TOPIC_MEMBER, community.TOPIC_CHANNEL, community.TOPIC_COMMUNITY)
        async with self._shared.subscribe(*topics) as messages:
            async for topic, message in messages:
                self._forget(topic, message)

    def _forget(self, topic: str, message: bytes) -> None:
        if topic == community.TOPIC_MEMBER:
            changed = msgspec.json.decode(message, type=community.MemberChanged)
            self._contexts.forget_member(changed.community_id, changed.member_id, changed.accounts)
        elif topic == community.TOPIC_CHANNEL:
            self._contexts.forget_channel(msgspec.json.decode(message, type=community.ChannelChanged))
        elif topic == community.TOPIC_COMMUNITY:
            self._contexts.forget_community(msgspec.json.decode(message, type=community.CommunityChanged).community_id)
        else:
            self._contexts.forget_all()
