"""Remembers what community says about channels and speakers, and asks in batches for what it does not know."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from flask_core.batching import Batcher
from flask_core.contracts import community
from flask_core.contracts.community import Context
from flask_core.datamodels import Event
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from router_module_flask.liveness import Liveness

FRESH_SECONDS = 60.0
STALE_SECONDS = 600.0
PATIENCE = 3.0
_REMEMBERED = 50_000

type _Key = tuple[str, str]


class CachedContexts:
    """One answer per channel and account: 60 s fresh, up to 10 min old while community is away."""

    def __init__(
        self, client: ServiceClient, clock: Callable[[], float] = time.monotonic, liveness: Liveness | None = None
    ) -> None:
        self._client = client
        self._clock = clock
        self._liveness = liveness
        self._kept: OrderedDict[_Key, tuple[float, Context]] = OrderedDict()
        self._questions: Batcher[community.ContextItem, Context] = Batcher(self._ask_all, max_items=100)

    def known(self, event: Event) -> Context | None:
        """The answer, when it is fresh."""
        account = event.account
        kept = self._kept.get((event.channel, account.user_id if account is not None else ""))
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    async def ask(self, event: Event) -> Context:
        """The answer from community; an old one while it is away; else its error."""
        key = (event.channel, event.account.user_id if event.account else "")
        try:
            context = await self._questions.add(
                community.ContextItem(event.channel, event.account, event.occurred_at)
            )  # fmt: skip
        except ServiceError:
            kept = self._kept.get(key)
            if kept is None or kept[0] + STALE_SECONDS < self._clock():
                raise
            return kept[1]
        context = await self._with_liveness(context)
        self._keep(key, context)
        return context

    async def _with_liveness(self, context: Context) -> Context:
        """The answer, with what platforms told us about the channel's stream."""
        channel = context.channel
        live = None if self._liveness is None else await self._liveness.of(channel.key)
        if live is None:
            return context
        channel = msgspec.structs.replace(channel, settings={**channel.settings, "live": live})
        return msgspec.structs.replace(context, channel=channel)

    def told(self, event: Event) -> None:
        """A stream began or ended: what is known about its channel is old."""
        if self._liveness is not None:
            self._liveness.told(event)
            self._drop(lambda key, context: key[0] == event.channel)

    async def _ask_all(self, items: list[community.ContextItem]) -> list[Context]:
        answer = await self._client.call(
            "community", community.CONTEXT, community.ContextRequest(tuple(items)), timeout=PATIENCE
        )  # fmt: skip
        return list(answer.items)

    def _keep(self, key: _Key, context: Context) -> None:
        if context.member is not None and context.member.first_message:
            # True exactly once: the next line of this member is not the first any more.
            member = msgspec.structs.replace(context.member, first_message=False)
            context = msgspec.structs.replace(context, member=member)
        self._kept[key] = (self._clock() + FRESH_SECONDS, context)
        self._kept.move_to_end(key)
        if len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)

    async def listen(self, shared: SharedState) -> None:
        """Forget what changed as soon as community publishes it."""
        topics = (community.TOPIC_MEMBER, community.TOPIC_CHANNEL, community.TOPIC_COMMUNITY)
        async with shared.subscribe(*topics) as messages:
            async for topic, message in messages:
                self._forget(topic, message)

    def _forget(self, topic: str, message: bytes) -> None:
        if topic == community.TOPIC_MEMBER:
            changed = msgspec.json.decode(message, type=community.MemberChanged)
            self._drop(lambda key, context: _concerns(changed, key, context))
        elif topic == community.TOPIC_CHANNEL:
            place = msgspec.json.decode(message, type=community.ChannelChanged)
            self._drop(lambda key, context: place.concerns(key[0]))
        elif topic == community.TOPIC_COMMUNITY:
            community_id = msgspec.json.decode(message, type=community.CommunityChanged).community_id
            self._drop(lambda key, context: context.community.id == community_id)
        else:
            # The connection was lost for a while: anything may have changed.
            self._drop(lambda key, context: True)

    def _drop(self, concerns: Callable[[_Key, Context], bool]) -> None:
        for key in [key for key, (_, context) in self._kept.items() if concerns(key, context)]:
            # Kept as stale, so that an outage right after a change still has an answer.
            self._kept[key] = (self._clock() - 1, self._kept[key][1])


def _concerns(changed: community.MemberChanged, key: _Key, context: Context) -> bool:
    """Whether it is about that member, or an account that was another's before: by linking it became this one's."""
    if context.member is None or context.community.id != changed.community_id:
        return False
    return context.member.id == changed.member_id or (key[0].partition(":")[0], key[1]) in changed.accounts
