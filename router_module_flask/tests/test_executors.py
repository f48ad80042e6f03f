"""Functions and actions of third parties: signed, tried again where that is harmless, left alone when down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
import pytest
import pytest_asyncio

from flask_core.contracts import external, router
from flask_core.datamodels import Argument, ArgumentKind, Chat, Cooldowns, Moderate, Reply, RunCommand
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from flask_core.http_client import HttpClient
from flask_core.shared_memory import MemoryState
from flask_core.testing.installation import until
from router_module_flask.executors.lambdas import AwsAccount, LambdaCaller
from router_module_flask.tests.conftest import Town, town_on
from router_module_flask.tests.wires import ACCESS_KEY, REGION, SECRET_KEY, Cloud, says

APOLOGY = "The dice module is not answering right now."
ROLL = router.CommandCard("roll", "Roll a die.", "#roll", cooldowns=Cooldowns())
DICE = router.Manifest("dice", "1", "interaction", "", "", commands=(ROLL,))
FUNCTION = external.LambdaFunction("waddlebot-dice")
ACTION = external.OpenWhiskAction("games/dice")


@pytest_asyncio.fixture
async def cloud() -> AsyncIterator[Cloud]:
    cloud = Cloud()
    await cloud.server.start_server()
    yield cloud
    await cloud.server.close()


@pytest_asyncio.fixture
async def town(database_url: str, cloud: Cloud) -> AsyncIterator[Town]:
    """The router of an operator who has functions and actions."""
    async with town_on(database_url, cloud.settings()) as town:
        town.router.executors.outside._sleep = at_once
        yield town


async def at_once(seconds: float) -> None:
    """Nobody waits in a test."""


async def register(town: Town, executor: external.Executor, manifest: router.Manifest = DICE) -> None:
    asked = external.ExternalModule(manifest.name, manifest, executor)
    await town.inst.client("marketplace").call("router", external.REGISTER, asked)
    on = router.PutEnablement(town.community_id, manifest.name, True)
    await town.portal.client.call("router", router.ENABLE, on, acting=town.owner)


async def grant(town: Town, *scopes: str) -> external.Grant:
    asked = external.Grant(town.community_id, "dice", scopes)
    return await town.inst.client("marketplace").call("router", external.GRANT, asked)


@pytest.mark.parametrize(
    ("executor", "name"),
    [
        (FUNCTION, "waddlebot-dice"),
        (
            external.LambdaFunction(f"arn:aws:lambda:{REGION}:123456789012:function:waddlebot-dice:live"),
            "waddlebot-dicelive",
        ),
        (external.LambdaFunction("waddlebot-dice:$LATEST"), "waddlebot-dice"),
        (ACTION, "fishing/games/dice"),
        (external.OpenWhiskAction("dice"), "fishing/dice"),
    ],
)
async def test_a_command_runs_where_the_module_lives(
    town: Town, cloud: Cloud, executor: external.Executor, name: str
) -> None:
    await register(town, executor)
    assert await town.ask("#roll") == "Four."
    asked, body = cloud.asked[0]
    assert (asked, body["command"]) == (name, "roll")
    assert len(body["execution_id"]) == 32


async def test_a_signature_with_another_secret_is_refused_over_there(
    database_url: str, cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = cloud.settings() | {"AWS_SECRET_ACCESS_KEY": "somebody else's secret"}
    async with town_on(database_url, wrong) as town:
        await register(town, FUNCTION)
        assert await town.ask("#roll") == APOLOGY
    assert cloud.asked == []
    assert "AWS answered 403" in caplog.text
    assert "somebody else" not in caplog.text


@pytest.mark.parametrize(
    ("function", "token", "body", "signature"),
    [
        (
            "waddlebot-dice", "", b'{"execution_id":"e1"}',
            "2125a5ccaf4841e5e7065532528fa385c02658c94167dc7cb27c3e4fb9cc60e2",
        ),
        (
            "waddlebot-dice", "TOKEN", b'{"execution_id":"e1"}',
            "f6cff8b3d57d6f6328aa4d2a8fd1c3617eee2bdbf41f55a206d75b14912a7c10",
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:waddlebot-dice:live", "", '{"text":"🐧 \\"x\\""}'.encode(),
            "99f88258203fb06e00e50cfb309b99acd157984072d0d2e8f4590f11d1dfa48d",
        ),
    ],
)  # fmt: skip
async def test_requests_are_signed_as_the_sdk_of_aws_signed_them(
    function: str, token: str, body: bytes, signature: str
) -> None:
    http = HttpClient(MemoryState())
    account = AwsAccount(REGION, ACCESS_KEY, SECRET_KEY, token)
    caller = LambdaCaller(http, account, lambda: datetime(2026, 11, 26, 12, tzinfo=UTC))
    headers = caller._signed(caller._url(external.LambdaFunction(function)), body)
    assert headers["Authorization"].endswith(f"Signature={signature}")
    assert headers["X-Amz-Date"] == "20261126T120000Z"
    await http.close()


@pytest.mark.parametrize("executor", [FUNCTION, ACTION])
async def test_one_that_fails_is_apologised_for(town: Town, cloud: Cloud, executor: external.Executor) -> None:
    await register(town, executor)
    for answer in (
        says(b"<html>"),
        says(b'{"errorMessage": "stack", "actions": []}', X_Amz_Function_Error="Unhandled")
        if executor is FUNCTION
        else says(b'{"activationId": "a1", "response": {"success": false, "status": "action developer error"}}'),
        says(b" " * 70_000),
        says(b'{"Message": "no such function"}', status=404),
    ):
        cloud.answers = [answer]
        assert await town.ask("#roll") == APOLOGY
    assert len(cloud.asked) == 4


@pytest.mark.parametrize("executor", [FUNCTION, ACTION])
async def test_one_that_is_overloaded_is_asked_again_within_its_time(
    town: Town, cloud: Cloud, executor: external.Executor
) -> None:
    await register(town, executor)
    cloud.answers = [says(b"", status=503), says(b"", status=503), says(Reply.chat("Six."))]
    assert await town.ask("#roll") == "Six."
    assert len({body["execution_id"] for _, body in cloud.asked}) == 1


async def test_what_may_have_run_is_not_asked_again(town: Town, cloud: Cloud) -> None:
    await register(town, FUNCTION)
    cloud.answers = [says(b"", status=500)]
    assert await town.ask("#roll") == APOLOGY
    assert len(cloud.asked) == 1


async def test_the_whole_activation_is_read_too(town: Town, cloud: Cloud) -> None:
    await register(town, ACTION)
    result = b'{"actions": [{"type": "chat", "text": "Two."}]}'
    cloud.answers = [says(b'{"activationId": "a1", "response": {"success": true, "result": %b}}' % result)]
    assert await town.ask("#roll") == "Two."


async def test_an_action_that_runs_on_is_pending(town: Town, cloud: Cloud) -> None:
    await register(town, ACTION)
    cloud.answers = [says(b'{"activationId": "a1"}', status=202)]
    assert (await town.recorded(await town.write("#roll"))).outcome == "pending"
    assert town.said == []


async def test_after_five_failures_it_is_left_alone_and_probed_later(town: Town, cloud: Cloud) -> None:
    await register(town, FUNCTION)
    now = [1_000.0]
    breaker = town.router.executors.register.breakers["dice"]
    breaker._clock = lambda: now[0]
    cloud.answers = [says(b"<html>")]
    for _ in range(6):
        assert await town.ask("#roll") == APOLOGY
    assert len(cloud.asked) == 5
    state = {
        m.manifest.name: m for m in (await town.portal.client.call("router", router.MODULES, router.Nothing())).items
    }
    assert state["dice"].breaker == "open"
    cloud.answers = [says(Reply.chat("Back."))]
    now[0] += 15
    assert await town.ask("#roll") == "Back."
    assert breaker.state == "closed"


@pytest.mark.parametrize(
    "executor",
    [
        external.LambdaFunction("somebody-elses"),
        external.LambdaFunction("arn:aws:lambda:eu-west-1:123456789012:function:waddlebot-dice"),
        external.LambdaFunction("waddlebot-dice/../x"),
        external.LambdaFunction(""),
        external.OpenWhiskAction("../whisk.system/secret"),
        external.OpenWhiskAction("a/b/c"),
        external.OpenWhiskAction(""),
    ],
)
async def test_what_is_not_the_operators_is_refused(town: Town, executor: external.Executor) -> None:
    with pytest.raises(InvalidInput):
        await register(town, executor)


async def test_without_an_account_there_are_no_functions(database_url: str) -> None:
    async with town_on(database_url) as town:
        for executor in (FUNCTION, ACTION):
            with pytest.raises(InvalidInput, match="not set up"):
                await register(town, executor)


async def test_one_that_is_forgotten_ends_at_once_and_its_name_is_free(town: Town) -> None:
    await register(town, FUNCTION)
    marketplace = town.inst.client("marketplace")
    await marketplace.call("router", external.UNREGISTER, external.ModuleName("dice"))
    assert (await town.recorded(await town.write("#roll"))).outcome == "plain"
    with pytest.raises(NotFound):
        await marketplace.call("router", external.UNREGISTER, external.ModuleName("dice"))
    with pytest.raises(NotFound):
        await grant(town)


async def test_what_was_registered_is_known_after_a_start(town: Town) -> None:
    await register(town, ACTION)
    kept = town.router.executors.register
    kept.executors.clear()
    await kept.load()
    assert kept.executors == {"dice": ACTION}
    assert await town.ask("#roll") == "Four."


async def test_only_the_marketplace_registers_and_not_what_is_ours(town: Town) -> None:
    asked = external.ExternalModule("dice", DICE, FUNCTION)
    with pytest.raises(Forbidden):
        await town.inst.client("ai").call("router", external.REGISTER, asked)
    ours = msgspec.structs.replace(DICE, name="echo")
    with pytest.raises(Conflict, match="one of our own"):
        await register(town, FUNCTION, ours)


async def test_without_scopes_a_module_learns_no_account(town: Town, cloud: Cloud) -> None:
    whom = msgspec.structs.replace(ROLL, arguments=(Argument("whom", ArgumentKind.MEMBER),))
    await register(town, FUNCTION, msgspec.structs.replace(DICE, commands=(whom,)))
    await town.ask("#roll <@77001>", user="dee-4711")
    told = msgspec.json.encode(cloud.asked[0][1])
    for secret in (b'dee-4711"', b"77001", town.channel.encode(), b"Penguins", b"message_id"):
        assert secret not in told.replace(b'"Dee-4711"', b"")
    assert cloud.asked[0][1]["member"]["account"]["display_name"] == "Dee-4711"
    await town.ask("#roll <@77001>", user="dee-4711")
    first, second = (body["member"]["id"] for _, body in cloud.asked)
    assert first == second
    await grant(town, "chat:reply")
    await town.ask("#roll <@77001>", user="dee-4711")
    assert b"ee-4711" not in msgspec.json.encode(cloud.asked[-1][1])
    await grant(town, "chat:reply", "member:account")
    await town.ask("#roll <@77001>", user="dee-4711")
    assert cloud.asked[-1][1]["event"]["account"]["user_id"] == "dee-4711"
    assert cloud.asked[-1][1]["channel"]["key"] == town.channel


async def test_it_does_what_it_was_granted_and_nothing_else(town: Town, cloud: Cloud) -> None:
    await register(town, FUNCTION)
    act = Moderate("timeout", target="eve", seconds=60)
    cloud.answers = [says(Reply((act, Chat("Done."), RunCommand("!ping"))))]
    assert await town.ask("#roll") == "Done."
    assert [delivery.action for delivery in town.said] == [Chat("Done.", origin=town.said[0].action.origin)]
    await grant(town, "chat:reply", "moderation:timeout")
    before = len(town.said)
    await town.write("#roll")
    await until(lambda: len(town.said) == before + 2)
    assert {type(delivery.action) for delivery in town.said[before:]} == {Moderate, Chat}


@pytest.mark.parametrize("scope", ["chat:everything", "events:nonsense", ""])
async def test_a_scope_that_does_not_exist_is_refused(town: Town, scope: str) -> None:
    await register(town, FUNCTION)
    with pytest.raises(InvalidInput):
        await grant(town, scope)
