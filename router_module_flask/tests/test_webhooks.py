"""Modules of third parties: called signed and only outside, trusted less, apologised for when they fail."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Collection

import msgspec
import pytest
import pytest_asyncio
import yarl
from aiohttp import web
from aiohttp.test_utils import TestServer

from flask_core.contracts import external, router
from flask_core.datamodels import Chat, Cooldowns, Origin, Reply
from flask_core.errors import Conflict, InvalidInput
from flask_core.guarded_fetch import GuardedFetcher
from flask_core.url_guard import Address, UrlGuard
from router_module_flask.executors.repository import Registered
from router_module_flask.tests.conftest import Town

SECRET = "a secret of at least thirty-two characters"
APOLOGY = "The dice module is not answering right now."
ROLL = router.CommandCard("roll", "Roll a die.", "#roll", cooldowns=Cooldowns())
DICE = router.Manifest("dice", "1", "interaction", "", "", commands=(ROLL,))


class LoopbackIsOutside(UrlGuard):
    """For these tests 127.0.0.1 is the public internet; everything else is judged for real."""

    def checked_url(self, url: str, http_hosts: Collection[str] = ()) -> yarl.URL:
        return yarl.URL(url) if "dice.test" in url else super().checked_url(url, http_hosts)

    def check_addresses(self, host: str, addresses: Collection[Address]) -> None:
        super().check_addresses(host, [address for address in addresses if str(address) != "127.0.0.1"])


class Trusting(UrlGuard):
    """The door as it was before addresses were judged there."""

    def checked_url(self, url: str, http_hosts: Collection[str] = ()) -> yarl.URL:
        return yarl.URL(url)


class Dice:
    """Somebody's webhook; `answer` is what it does next, `leads_to` where its name leads."""

    def __init__(self) -> None:
        self.asked: list[tuple[web.Request, bytes]] = []
        self.looked_up: list[str] = []
        self.leads_to = "127.0.0.1"
        self.answer: Callable[[], Awaitable[web.Response]] = self.says(Reply.chat("Four."))
        app = web.Application()
        app.router.add_post("/run", self._run)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return f"http://dice.test:{self.server.port}/run"

    def says(self, reply: Reply | bytes, status: int = 200) -> Callable[[], Awaitable[web.Response]]:
        body = reply if isinstance(reply, bytes) else msgspec.json.encode(reply)

        async def answer() -> web.Response:
            return web.Response(body=body, status=status)

        return answer

    async def lookup(self, host: str) -> list[str]:
        self.looked_up.append(host)
        return [self.leads_to]

    async def _run(self, request: web.Request) -> web.Response:
        self.asked.append((request, await request.read()))
        return await self.answer()


@pytest_asyncio.fixture
async def dice(town: Town) -> AsyncIterator[Dice]:
    """A third party's module, registered and switched on."""
    dice = Dice()
    await dice.server.start_server()
    guard = LoopbackIsOutside()
    trust(town, guard)
    town.inst.services["router"].http._fetcher = GuardedFetcher(guard, dice.lookup)
    await register(town, dice.url)
    on = router.PutEnablement(town.community_id, "dice", True)
    await town.portal.client.call("router", router.ENABLE, on, acting=town.owner)
    yield dice
    await dice.server.close()


async def register(town: Town, url: str, manifest: router.Manifest = DICE) -> None:
    asked = external.ExternalModule(manifest.name, manifest, external.Webhook(url, SECRET))
    await town.inst.client("marketplace").call("router", external.REGISTER, asked)


def trust(town: Town, guard: UrlGuard) -> None:
    """What this guard says holds when a webhook is registered."""
    webhooks = town.router.executors.register.callers[external.Webhook]
    webhooks._guard = guard  # type: ignore[attr-defined]


@pytest.mark.promise("router.13")
async def test_a_name_that_leads_inside_by_now_is_refused_when_it_is_called(town: Town, dice: Dice) -> None:
    assert await town.ask("#roll") == "Four."
    for inside in ("10.0.0.1", "169.254.169.254", "::1"):
        dice.leads_to = inside
        assert await town.ask("#roll") == APOLOGY
    assert (len(dice.looked_up), len(dice.asked)) == (4, 1)


@pytest.mark.promise("router.13")
async def test_the_metadata_of_the_machine_is_refused_at_the_door_and_when_it_is_called(town: Town, dice: Dice) -> None:
    with pytest.raises(InvalidInput, match="Only public addresses"):
        await register(town, "https://169.254.169.254/latest")
    trust(town, Trusting())
    await register(town, "https://169.254.169.254/latest")
    assert await town.ask("#roll") == APOLOGY
    assert dice.looked_up == []


async def test_a_call_is_signed_and_says_which_execution_it_is(town: Town, dice: Dice) -> None:
    await town.ask("#roll")
    request, body = dice.asked[0]
    stamp, signature = (part.partition("=")[2] for part in request.headers["X-WaddleBot-Signature"].split(","))
    assert signature == hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert msgspec.json.decode(body)["execution_id"] == request.headers["X-WaddleBot-Execution"]


async def test_its_words_are_marked_as_somebody_elses_and_five_at_most(town: Town, dice: Dice) -> None:
    dice.answer = dice.says(Reply(tuple(Chat(str(number)) for number in range(7))))
    await town.ask("#roll")
    await town.ask("!ping")
    said = [delivery.action for delivery in town.said[:-1]]
    assert [action.text for action in said] == ["0", "1", "2", "3", "4"]
    assert {action.origin for action in said} == {Origin.EXTERNAL}


async def test_what_it_refuses_goes_to_the_person_cut_to_a_line(town: Town, dice: Dice) -> None:
    dice.answer = dice.says(b'{"message": "One roll a day."}', status=403)
    assert await town.ask("#roll") == "One roll a day."
    dice.answer = dice.says(msgspec.json.encode({"message": "x" * 5_000}), status=400)
    assert await town.ask("#roll") == "x" * 500


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>", 200),
        (b"", 204),
        (b'{"actions": [{"type": "nonsense"}]}', 200),
        (b" " * 70_000, 200),
        (b"no", 404),
        (b'{"message": 5}', 400),
        (b'{"message": "the stack of somebody else"}', 500),
        (b"", 429),
        (b"", 302),
    ],
)
async def test_what_cannot_be_used_is_apologised_for(town: Town, dice: Dice, body: bytes, status: int) -> None:
    dice.answer = dice.says(body, status)
    assert await town.ask("#roll") == APOLOGY


async def test_one_that_hangs_is_given_up_after_its_time(town: Town, dice: Dice) -> None:
    hangs = asyncio.Event()

    async def answer() -> web.Response:
        await hangs.wait()
        return web.Response()

    dice.answer = answer
    quick = msgspec.structs.replace(DICE, commands=(msgspec.structs.replace(ROLL, timeout=0.1),))
    await register(town, dice.url, quick)
    assert await town.ask("#roll") == APOLOGY
    hangs.set()


async def test_one_that_is_gone_is_apologised_for(town: Town, dice: Dice) -> None:
    await dice.server.close()
    assert await town.ask("#roll") == APOLOGY


async def test_what_was_registered_is_known_after_a_start(town: Town, dice: Dice) -> None:
    town.router.executors.register.executors.clear()
    town.router.directory.forget("dice")
    await town.router.registry.load()
    assert await town.ask("#roll") == "Four."


async def test_what_is_registered_while_others_are_read_stays_known(town: Town, dice: Dice) -> None:
    known = town.router.executors.register
    await town.inst.client("marketplace").call("router", external.UNREGISTER, external.ModuleName("dice"))
    read_all, was_read, go_on = known._repository.all, asyncio.Event(), asyncio.Event()

    async def slowly() -> list[Registered]:
        found = await read_all()
        was_read.set()
        await go_on.wait()
        return found

    known._repository.all = slowly  # type: ignore[method-assign]
    loading = asyncio.create_task(known.load())
    await was_read.wait()
    registering = asyncio.create_task(register(town, dice.url))
    await asyncio.wait([registering], timeout=0.2)
    go_on.set()
    await asyncio.gather(loading, registering)
    assert "dice" in town.router.directory.manifests


async def test_a_secret_that_can_be_guessed_and_a_name_that_differs_are_refused(town: Town) -> None:
    marketplace = town.inst.client("marketplace")
    good = external.Webhook("https://dice.example.com/run", SECRET)
    short = external.Webhook(good.url, "short")
    with pytest.raises(InvalidInput, match="32 characters"):
        await marketplace.call("router", external.REGISTER, external.ExternalModule("dice", DICE, short))
    with pytest.raises(InvalidInput, match="another name"):
        await marketplace.call("router", external.REGISTER, external.ExternalModule("cards", DICE, good))


async def test_it_cannot_take_what_is_ours(town: Town) -> None:
    ours = msgspec.structs.replace(DICE, name="echo")
    with pytest.raises(Conflict, match="one of our own"):
        await register(town, "https://dice.example.com/run", ours)
    dispatches = msgspec.structs.replace(DICE, may_dispatch=True)
    with pytest.raises(InvalidInput, match="cannot dispatch"):
        await register(town, "https://dice.example.com/run", dispatches)
    await register(town, "https://dice.example.com/run")
    with pytest.raises(Conflict, match="third party"):
        await town.inst.client("dice").call("router", router.INTRODUCE, router.Introduction("dice", DICE))


async def test_after_five_failures_it_is_left_alone_for_fifteen_seconds(town: Town, dice: Dice) -> None:
    now = [1_000.0]
    town.router.executors.register.breakers["dice"]._clock = lambda: now[0]
    dice.answer = dice.says(b"", 500)
    for _ in range(6):
        assert await town.ask("#roll") == APOLOGY
    assert len(dice.asked) == 5
    dice.answer = dice.says(Reply.chat("Back."))
    now[0] += 15
    assert await town.ask("#roll") == "Back."


async def test_while_a_secret_is_replaced_both_sign(town: Town, dice: Dice) -> None:
    former = "the secret that was in use until yesterday"
    both = external.ExternalModule("dice", DICE, external.Webhook(dice.url, SECRET, former))
    await town.inst.client("marketplace").call("router", external.REGISTER, both)
    await town.ask("#roll")
    request, body = dice.asked[-1]
    stamp, *signatures = (part.partition("=")[2] for part in request.headers["X-WaddleBot-Signature"].split(","))
    signed = f"{stamp}.".encode() + body
    assert signatures == [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in (SECRET, former)]
