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
from flask_core.datamodels import Account, Action, Chat, GrantRole, Moderate, Ticker
from flask_core.errors import Gone, InvalidInput, NotFound, TooMany, Unavailable, UnknownOutcome, UpstreamFailed
from flask_core.testing.installation import until
from flask_core.testing.plugin import MakeDatabase
from router_module_flask.delivering.addressing import lifetime
from router_module_flask.delivering.carriers import ServiceCarriers
from router_module_flask.delivering.delivery import SENDERS, DeliveryQueue
from router_module_flask.delivering.late_results import LateResults
from router_module_flask.delivering.repository import Outbox
from router_module_flask.delivering.rows import Due, due_of
from router_module_flask.models import Outgoing, next_id

FOLDER = Path(__file__).parents[1]
TIMEOUT = Moderate("timeout", target="77", seconds=600)
type Answer = DeliveryStatus | Exception | DeliveryResult


class FakeTrigger:
    """Carries out what it is given, once per key; `next_answers` are given instead, one per call."""

    def __init__(self) -> None:
        self.calls: list[list[Action]] = []
        self.next_answers: list[Answer] = []
        self.before: Callable[[], Awaitable[None]] | None = None

    @property
    def texts(self) -> list[str]:
        """Every line that it was given."""
        return [action.text for call in self.calls for action in call if isinstance(action, Chat)]

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
        await self.sends(*outgoing)

    async def sends(self, *outgoing: Outgoing) -> None:
        """These are committed together."""
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


HURRAY = Chat("hurray", reply=False)


def alert(key: str, *, channel: str = "twitch:1:1", action: Action = HURRAY) -> Outgoing:
    return Outgoing("echo", f"{key}:0", 2, channel, "twitch", action, Priority.ALERT, 300)


async def test_the_same_alert_again_and_again_is_one_line_that_counts(post: Post) -> None:
    others = [alert("d", channel="twitch:2:2"), alert("e", action=Chat("hello", reply=False))]
    await post.sends(*map(alert, "abc"), *others)
    assert post.trigger.texts == ["hurray ×3", "hurray", "hello"]
    assert [state.state for key in "abc" for state in await post.outbox.states("echo", key)] == ["done"] * 3


async def test_what_comes_soon_after_an_alert_waits_and_goes_out_as_one(post: Post) -> None:
    for key in "abcd":
        await post.sends(alert(key))
    await post.later(4)
    assert post.trigger.texts == ["hurray"]
    await post.later(2)
    assert post.trigger.texts == ["hurray", "hurray ×3"]
    await post.sends(alert("e"))
    await post.later(6)
    assert post.trigger.texts == ["hurray", "hurray ×3", "hurray"]


async def test_an_alert_that_failed_is_tried_again_with_all_that_it_speaks_for(post: Post) -> None:
    post.trigger.next_answers = [Unavailable("away")]
    await post.sends(alert("a"), alert("b"))
    await post.later(2)
    assert post.trigger.texts == ["hurray ×2"] * 2
    assert [state.state for key in "ab" for state in await post.outbox.states("echo", key)] == ["done"] * 2


@pytest.mark.parametrize(
    "action", [Chat("hurray", private=True), Chat("hurray", mention=True), Moderate("warn", target="7")]
)
async def test_what_is_for_one_person_speaks_for_nobody_else(post: Post, action: Action) -> None:
    outgoing = [
        Outgoing(
            "echo", f"{user}:0", 2, "twitch:1:1", "twitch", action, Priority.ALERT, 300, account=Account(user)
        )
        for user in ("7", "8")
    ]  # fmt: skip
    await post.sends(*outgoing)
    assert [action for call in post.trigger.calls for action in call] == [action] * 2


async def test_what_was_said_after_a_line_that_has_to_wait_does_not_overtake_it(post: Post) -> None:
    post.trigger.next_answers = [DeliveryResult(0, DeliveryStatus.RATE_LIMITED, retry_after=10)]
    await post.send(Chat("first"), key="a")
    await post.send(Chat("second"), key="b")
    await post.send(Chat("elsewhere"), key="c", channel="twitch:2:2")
    await post.queue.settle()
    assert post.trigger.texts == ["first", "elsewhere"]
    await post.later(11)
    assert post.trigger.texts == ["first", "elsewhere", "first", "second"]


async def test_a_limit_is_no_failed_attempt(post: Post) -> None:
    post.trigger.next_answers = [DeliveryResult(0, DeliveryStatus.RATE_LIMITED, retry_after=5)] * 8
    await post.send(Chat("hello"))
    for _ in range(9):
        await post.later(5)
    assert len(post.trigger.calls) == 9
    assert await post.states() == ["done"]


@pytest.mark.parametrize("limit", [TooMany("slow down", retry_after=1), DeliveryStatus.RATE_LIMITED])
async def test_at_the_limit_timers_are_left_out_and_moderation_is_not(post: Post, limit: Answer) -> None:
    post.trigger.next_answers = [limit, limit]
    timer = Outgoing("router", "t:0", 2, "twitch:1:1", "twitch", Chat("timer"), Priority.TIMER, 60)
    urgent = Outgoing("router", "m:0", 2, "twitch:1:1", "twitch", TIMEOUT, Priority.MODERATION, 600)
    await post.sends(timer, urgent)
    await post.later(2)
    (left_out,) = await post.outbox.states("router", "t")
    assert (left_out.state, left_out.reason[:9]) == ("expired", "Left out:")
    assert await post.states("m") == ["done"]


async def test_under_load_timers_are_left_out(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router_module_flask.delivering.lanes.CROWDED", 3)
    lines = [Outgoing("router", f"l:{n}", 2, "twitch:1:1", "twitch", Chat(str(n)), 1, 60) for n in range(3)]
    timer = Outgoing("router", "t:0", 2, "twitch:1:1", "twitch", Chat("timer"), Priority.TIMER, 60)
    assert not post.queue.crowded()
    post.queue.start(await post.outbox.insert([*lines, timer], post.now))
    assert post.queue.crowded()
    await post.queue.settle()
    assert post.trigger.texts == ["0", "1", "2"]
    assert await post.states("t") == ["expired"]
    assert not post.queue.crowded()


async def test_no_chat_holds_moderation_up(post: Post) -> None:
    slow = asyncio.Event()
    post.trigger.before = slow.wait
    lines = [Outgoing("router", f"l:{n}", 2, f"twitch:{n}:1", "twitch", Chat(str(n)), 1, 60) for n in range(500)]
    post.queue.start(await post.outbox.insert(lines, post.now))
    await until(lambda: len(post.trigger.calls) == SENDERS)
    urgent = Outgoing("router", "u:0", 2, "twitch:1:1", "twitch", TIMEOUT, Priority.MODERATION, 600)
    post.queue.start(await post.outbox.insert([urgent], post.now))
    await until(lambda: post.trigger.calls[-1] == [TIMEOUT])
    slow.set()
    await post.queue.settle()


async def test_a_late_result_is_kept_unless_the_end_is_certain(post: Post) -> None:
    late = LateResults(post.outbox, now=lambda: post.now)
    post.trigger.next_answers = [DeliveryStatus.UNKNOWN]
    await post.send(Chat("hello"))
    (unknown,) = await post.outbox.states("router", "k")
    said = DeliveryResult(unknown.delivery_id, DeliveryStatus.DONE, ("m1",))
    with pytest.raises(NotFound):
        await late.take(said, "discord")
    assert (await late.take(said, "twitch")).message_ids == ("m1",)
    failed = DeliveryResult(unknown.delivery_id, DeliveryStatus.FAILED, reason="no")
    assert (await late.take(failed, "twitch")).state == "done"
    with pytest.raises(InvalidInput):
        await late.take(DeliveryResult(unknown.delivery_id, DeliveryStatus.RATE_LIMITED), "twitch")
    for made, refusal in ((next_id(), NotFound), (1, Gone)):
        with pytest.raises(refusal):
            await late.take(DeliveryResult(made, DeliveryStatus.DONE), "twitch")


@pytest.mark.parametrize(
    ("priority", "action", "seconds"),
    [(0, TIMEOUT, 600), (1, HURRAY, 60), (2, HURRAY, 300), (3, HURRAY, 60), (2, Ticker("news"), 60)],
)
def test_everything_has_its_time(priority: int, action: Action, seconds: float) -> None:
    assert lifetime(priority, action) == seconds
