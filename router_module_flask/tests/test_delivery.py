"""Deliveries on their way: in order, repeated while that is safe and makes sense, and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.contracts.module import Deliveries, DeliveryResult, DeliveryResults, DeliveryStatus, Priority
from flask_core.database import AsyncDAL
from flask_core.datamodels import Action, Chat, GrantRole, Moderate
from flask_core.errors import Unavailable, UnknownOutcome, UpstreamFailed
from flask_core.testing.plugin import MakeDatabase
from router_module_flask.carriers import ServiceCarriers
from router_module_flask.delivery import DeliveryQueue
from router_module_flask.models import Outgoing
from router_module_flask.outbox_repository import Outbox
from router_module_flask.outbox_rows import Due, due_of

FOLDER = Path(__file__).parents[1]
TIMEOUT = Moderate("timeout", target="77", seconds=600)
type Answer = DeliveryStatus | Exception | DeliveryResult


class FakeTrigger:
    """Carries out what it is given, once per key; `next_answers` are given instead, one per call."""

    def __init__(self) -> None:
        self.calls: list[list[Action]] = []
        self.next_answers: list[Answer] = []
        self.before: Callable[[], Awaitable[None]] | None = None

    async def carry(self, module: str, dues: list[Due]) -> list[DeliveryResult]:
        self.calls.append([due.delivery.action for due in dues])
        if self.before is not None:
            await self.before()
        answer = self.next_answers.pop(0) if self.next_answers else DeliveryStatus.DONE
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, DeliveryStatus):
            return [DeliveryResult(due.delivery.id, answer) for due in dues]
        return [DeliveryResult(due.delivery.id, answer.status, retry_after=answer.retry_after) for due in dues]


class Post:
    """An outbox with a queue whose clock the test moves."""

    def __init__(self, database: AsyncDAL) -> None:
        self.now = datetime.now(UTC)
        self.database = database
        self.trigger = FakeTrigger()
        self.outbox = Outbox(database)
        self.queue = DeliveryQueue(self.outbox, self.trigger, now=lambda: self.now)

    async def send(self, *actions: Action, key: str = "k", channel: str = "twitch:1:1", expires_in: float = 60) -> None:
        outgoing = [
            Outgoing("router", f"{key}:{n}", 2, channel, "twitch", action, Priority.REPLY, expires_in)
            for n, action in enumerate(actions)
        ]
        self.queue.start(await self.outbox.insert(outgoing, self.now))
        await self.queue.settle()

    async def later(self, seconds: float) -> None:
        """Time passes, and the recovery looks once."""
        self.now += timedelta(seconds=seconds)
        self.queue._enqueue(await self.outbox.claim_due(self.now))
        await self.queue.settle()

    async def states(self, key: str = "k") -> list[str]:
        return [state.state for state in await self.outbox.states("router", key)]


@pytest_asyncio.fixture
async def post(make_database: MakeDatabase) -> AsyncIterator[Post]:
    yield Post(make_database(FOLDER))


@pytest.mark.promise("router.21")
async def test_when_nobody_knows_a_line_is_not_said_again(post: Post) -> None:
    post.trigger.next_answers = [DeliveryStatus.UNKNOWN]
    await post.send(Chat("hello"))
    await post.later(30)
    assert post.trigger.calls == [[Chat("hello")]]
    assert await post.states() == ["unknown"]


@pytest.mark.promise("router.21")
@pytest.mark.parametrize("action", [TIMEOUT, GrantRole("grant", "vip", "77")])
async def test_when_nobody_knows_a_time_out_or_a_role_is_done_again(post: Post, action: Action) -> None:
    post.trigger.next_answers = [DeliveryStatus.UNKNOWN]
    await post.send(action)
    assert await post.states() == ["waiting"]
    await post.later(2)
    assert post.trigger.calls == [[action], [action]]
    assert await post.states() == ["done"]


@pytest.mark.promise("router.21")
async def test_a_trigger_that_gave_no_answer_is_asked_again_under_the_same_key(post: Post) -> None:
    keys: list[str] = []
    carry = post.trigger.carry

    async def noting(module: str, dues: list[Due]) -> list[DeliveryResult]:
        keys.extend(due.delivery.idempotency_key for due in dues)
        return await carry(module, dues)

    post.trigger.carry = noting  # type: ignore[method-assign]
    post.trigger.next_answers = [UnknownOutcome("no answer"), DeliveryStatus.UNKNOWN]
    await post.send(Chat("hello"))
    await post.later(2)
    assert keys == ["router:k:0"] * 2
    assert await post.states() == ["unknown"]


async def test_a_trigger_that_is_away_is_tried_until_the_words_are_too_late(post: Post) -> None:
    post.trigger.next_answers = [Unavailable("away"), Unavailable("away")]
    await post.send(Chat("hello"))
    await post.later(2)
    await post.later(60)
    assert len(post.trigger.calls) == 2
    assert await post.states() == ["expired"]


async def test_after_five_attempts_it_is_given_up(post: Post) -> None:
    post.trigger.next_answers = [Unavailable("away")] * 9
    await post.send(TIMEOUT, expires_in=6_000)
    for _ in range(9):
        await post.later(60)
    assert len(post.trigger.calls) == 5
    assert await post.states() == ["failed"]


async def test_a_limit_of_the_platform_is_waited_out(post: Post) -> None:
    post.trigger.next_answers = [DeliveryResult(0, DeliveryStatus.RATE_LIMITED, retry_after=20)]
    await post.send(Chat("hello"))
    await post.later(19)
    assert len(post.trigger.calls) == 1
    await post.later(2)
    assert await post.states() == ["done"]


async def test_what_is_too_late_already_is_not_said(post: Post) -> None:
    post.trigger.next_answers = [Unavailable("away", retry_after=59)]
    await post.send(Chat("hello"))
    post.now += timedelta(seconds=2)
    post.queue._enqueue(await post.outbox.claim_due(post.now + timedelta(seconds=58)))
    post.now += timedelta(seconds=60)
    await post.queue.settle()
    assert len(post.trigger.calls) == 1
    assert await post.states() == ["expired"]


async def test_lines_of_a_channel_keep_their_order_and_moderation_goes_first(post: Post) -> None:
    lines = [Outgoing("router", f"l:{n}", 2, "twitch:1:1", "twitch", Chat(str(n)), 1, 60) for n in range(60)]
    urgent = Outgoing("router", "u:0", 2, "twitch:1:1", "twitch", TIMEOUT, 0, 60)
    post.queue.start(await post.outbox.insert([*lines, urgent], post.now))
    await post.queue.settle()
    carried = [action for call in post.trigger.calls for action in call]
    assert carried == [TIMEOUT, *(Chat(str(n)) for n in range(60))]
    assert max(len(call) for call in post.trigger.calls) <= 50


async def test_a_slow_channel_does_not_hold_up_another(post: Post) -> None:
    slow = asyncio.Event()
    post.trigger.before = slow.wait
    first = asyncio.create_task(post.send(Chat("slow"), key="a", channel="twitch:1:1"))
    async with asyncio.timeout(5):
        while not post.trigger.calls:  # noqa: ASYNC110 - nothing tells that the trigger was asked
            await asyncio.sleep(0.005)
    post.trigger.before = None
    again = Outgoing("router", "b:0", 2, "twitch:1:1", "twitch", Chat("behind it"), 1, 60)
    other = Outgoing("router", "c:0", 2, "twitch:2:2", "twitch", Chat("elsewhere"), 1, 60)
    post.queue.start(await post.outbox.insert([again, other], post.now))
    async with asyncio.timeout(5):
        while len(post.trigger.calls) < 2:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
    assert post.trigger.calls[1] == [Chat("elsewhere")]
    slow.set()
    await first
    await post.queue.settle()
    assert post.trigger.calls[2] == [Chat("behind it")]


async def test_a_result_that_cannot_be_written_down_is_asked_for_again(post: Post) -> None:
    finish = post.outbox.finish

    async def away(results: object) -> None:
        raise Unavailable("The database is not answering right now.")

    post.outbox.finish = away  # type: ignore[method-assign, assignment]
    await post.send(Chat("hello"))
    assert await post.states() == ["waiting"]
    post.outbox.finish = finish  # type: ignore[method-assign]
    await post.later(21)
    assert await post.states() == ["done"]


class AnswersFor:
    """A service client whose trigger answers for these ids, whatever it was given."""

    def __init__(self, *ids: int) -> None:
        self.ids = ids

    async def call(self, module: str, operation: object, asked: Deliveries, timeout: float) -> DeliveryResults:
        return DeliveryResults(tuple(DeliveryResult(number, DeliveryStatus.DONE) for number in self.ids))


@pytest.mark.parametrize("ids", [(), (8,), (7, 8)])
async def test_an_answer_for_other_deliveries_is_no_answer(ids: tuple[int, ...]) -> None:
    outgoing = Outgoing("router", "k:0", 2, "twitch:1:1", "twitch", Chat("hello"), 1, 60, id=7)
    due = due_of(outgoing, datetime.now(UTC))
    with pytest.raises(UpstreamFailed, match="other deliveries"):
        await ServiceCarriers(AnswersFor(*ids)).carry("twitch", [due])  # type: ignore[arg-type]


@pytest.mark.timeout(10)
async def test_settling_ends_when_the_last_one_ended_just_now(post: Post) -> None:
    async def nothing() -> None:
        return

    task = asyncio.create_task(nothing())
    post.queue._tasks.add(task)
    task.add_done_callback(post.queue._tasks.discard)
    await asyncio.sleep(0)
    assert task.done()
    assert post.queue._tasks
    await post.queue.settle()
    assert not post.queue._tasks
