"""Actions that no event caused: reminders, late answers, alerts. The same outbox, the same rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts import community, router
from flask_core.datamodels import MAX_ACTIONS, Account, ChannelKey, Chat, Event, MessageType
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from flask_core.service_client import ServiceClient
from router_module_flask.customs.switches import Switches
from router_module_flask.delivering.addressing import lifetime, module_for, priority_of
from router_module_flask.delivering.delivery import DeliveryQueue
from router_module_flask.delivering.repository import Outbox
from router_module_flask.models import Outgoing
from router_module_flask.ports import Contexts

MOST_DELAY = timedelta(days=30)


class Unasked:
    """`act` is idempotent by (calling module, key)."""

    def __init__(
        self,
        outbox: Outbox,
        queue: DeliveryQueue,
        client: ServiceClient,
        switches: Switches,
        contexts: Contexts,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._outbox = outbox
        self._queue = queue
        self._client = client
        self._switches = switches
        self._contexts = contexts
        self._now = now

    async def act(self, asked: router.ActionsRequest, source: str) -> router.ActionStates:
        """Commit the actions; those due now start at once.

        Raises InvalidInput for a bad target or time, Conflict when the key was used for something else, and
        Forbidden where the module is off.
        """
        if not 1 <= len(asked.actions) <= MAX_ACTIONS:
            raise InvalidInput(f"Ask for 1 to {MAX_ACTIONS} actions.")
        if ":" in asked.idempotency_key[-1:] or not 1 <= len(asked.idempotency_key) <= 200:
            raise InvalidInput("A key has 1 to 200 characters and does not end with a colon.")
        known = await self._outbox.states(source, asked.idempotency_key)
        if known:
            return self._same(known, asked)
        outgoing = await self._addressed(asked, source)
        self._queue.start(await self._outbox.insert(outgoing, self._now()))
        return router.ActionStates(tuple(await self._outbox.states(source, asked.idempotency_key)))

    def _same(self, known: list[router.ActionState], asked: router.ActionsRequest) -> router.ActionStates:
        if [state.kind for state in known] != [action.__struct_config__.tag for action in asked.actions]:
            raise Conflict("This key was used for other actions.")
        return router.ActionStates(tuple(known))

    async def states(self, key: str, source: str) -> router.ActionStates:
        """What became of the actions that `source` asked for under `key`."""
        known = await self._outbox.states(source, key)
        if not known:
            raise NotFound("Nothing was asked for under this key.")
        return router.ActionStates(tuple(known))

    async def _addressed(self, asked: router.ActionsRequest, source: str) -> list[Outgoing]:
        channel, account = await self._address(asked)
        await self._check_on(source, asked.community_id, channel)
        place = await self._client.call("community", community.GET, community.CommunityId(asked.community_id))
        delay = self._delay(asked.not_before)
        outgoing: list[Outgoing] = []
        for index, action in enumerate(asked.actions):
            module = module_for(action, channel)
            if module is None or (not channel and module != "browser_source"):
                raise InvalidInput(f"Nobody can do a {action.__struct_config__.tag} there.")
            priority = priority_of(action, asked.priority)
            outgoing.append(
                Outgoing(
                    source=source,
                    key=f"{asked.idempotency_key}:{index}",
                    community_id=asked.community_id,
                    channel=channel,
                    module=module,
                    action=_private(action) if asked.private and isinstance(action, Chat) else action,
                    priority=priority,
                    expires_in=lifetime(priority, action),
                    account=account,
                    time_zone=place.time_zone,
                    locale=place.locale,
                    simulated=channel.startswith("console:"),
                    delay=delay,
                )
            )
        return outgoing

    async def _check_on(self, source: str, community_id: int, channel: str) -> None:
        refusal = await self._switches.refusal(community_id, source, channel)
        if refusal is not None:
            raise Forbidden(refusal)

    async def _address(self, asked: router.ActionsRequest) -> tuple[str, Account | None]:
        target = asked.target
        if target.channel:
            await self._check_ours(target.channel, asked.community_id)
            account = Account(user_id=target.account[1]) if target.account else None
            return str(ChannelKey.parse(target.channel)), account
        if target.account:
            platform, user_id = target.account
            return str(ChannelKey.parse(f"{platform}:dm:{user_id}")), Account(user_id=user_id)
        member_id = target.member_id or await self._member_of(asked.community_id, target.person_id)
        if member_id:
            member = await self._client.call(
                "community", community.MEMBER, community.MemberOf(asked.community_id, member_id)
            )
            if not member.accounts:
                raise NotFound("This member has no account that can be reached.")
            first = member.accounts[0]
            return str(ChannelKey.parse(f"{first.platform}:dm:{first.user_id}")), Account(user_id=first.user_id)
        if target.display:
            return "", None
        raise InvalidInput("Name a channel, a member, a person, an account or the display.")

    async def _check_ours(self, channel: str, community_id: int) -> None:
        if ChannelKey.parse(channel).direct:
            # A conversation with one person belongs to nobody but them.
            return
        asked = Event("", MessageType.CHAT, channel, self._now())
        context = self._contexts.known(asked) or await self._contexts.ask(asked)
        if context.community.id != community_id:
            raise NotFound("This community has no such channel.")

    async def _member_of(self, community_id: int, person_id: str) -> str:
        if not person_id:
            return ""
        held = await self._client.call("community", community.ROLE_OF, community.RoleOf(community_id, person_id))
        if not held.member_id:
            raise NotFound("This person is no member here.")
        return held.member_id

    def _delay(self, not_before: datetime | None) -> float:
        if not_before is None:
            return 0.0
        delay = not_before - self._now()
        if delay > MOST_DELAY:
            raise InvalidInput("Actions can wait 30 days at most.")
        return max(0.0, delay.total_seconds())


def _private(action: Chat) -> Chat:
    return Chat(
        action.text,
        private=True,
        style=action.style,
        origin=action.origin,
        public_fallback=action.public_fallback,
        reply=False,
    )
