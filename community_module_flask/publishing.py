"""Tells everybody, after the commit, what changed; our own memory forgets first."""

from __future__ import annotations

import msgspec

from community_module_flask.contexts import Contexts
from flask_core.contracts import community
from flask_core.contracts.community import Member
from flask_core.errors import Unavailable
from flask_core.shared_state import SharedState

_encode = msgspec.json.encode


class Publisher:
    """A lost message costs at most the life time of a cache, so an outage here fails nothing."""

    def __init__(self, shared: SharedState, contexts: Contexts) -> None:
        self._shared = shared
        self._contexts = contexts

    async def member_changed(self, community_id: int, member: Member, gone: tuple[tuple[str, str], ...] = ()) -> None:
        """Role, status or accounts of a member changed; accounts that are `gone` are another's now."""
        accounts = (*gone, *((account.platform, account.user_id) for account in member.accounts))
        self._contexts.forget_member(community_id, member.id, accounts)
        changed = community.MemberChanged(community_id, member.id, accounts, member.person_id)
        await self._publish(community.TOPIC_MEMBER, _encode(changed))

    async def channel_changed(self, channel: str) -> None:
        """A channel was attached or detached."""
        self._contexts.forget_channel(channel)
        await self._publish(community.TOPIC_CHANNEL, _encode(community.ChannelChanged(channel)))

    async def community_changed(self, community_id: int) -> None:
        """Texts or settings of a community changed."""
        self._contexts.forget_community(community_id)
        await self._publish(community.TOPIC_COMMUNITY, _encode(community.CommunityChanged(community_id)))

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
            self._contexts.forget_channel(msgspec.json.decode(message, type=community.ChannelChanged).channel)
        elif topic == community.TOPIC_COMMUNITY:
            self._contexts.forget_community(msgspec.json.decode(message, type=community.CommunityChanged).community_id)
        else:
            self._contexts.forget_all()
