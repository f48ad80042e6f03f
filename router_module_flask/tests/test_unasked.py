"""What modules want done without anybody asking: to whom it goes, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flask_core.contracts import deliveries, module, router
from flask_core.datamodels import Action, Chat, RunCommand, Ticker
from flask_core.errors import Forbidden, InvalidInput, NotFound, ServiceError
from flask_core.testing.installation import until
from router_module_flask.tests.conftest import Town

HI = (Chat("hi"),)


async def act(
    town: Town, target: router.Target, *, actions: tuple[Action, ...] = HI, key: str = "k", **more: Any
) -> Any:
    asked = router.ActionsRequest(town.community_id, target, key, actions, **more)
    return (await town.echo.client.call("router", router.ACT, asked)).deliveries


@pytest.mark.parametrize(
    ("asked", "refusal", "said"),
    [
        ({"actions": ()}, InvalidInput, "1 to 10 actions"),
        ({"actions": HI * 11}, InvalidInput, "1 to 10 actions"),
        ({"key": ""}, InvalidInput, "1 to 200 characters"),
        ({"key": "k" * 201}, InvalidInput, "1 to 200 characters"),
        ({"key": "k:"}, InvalidInput, "does not end with a colon"),
        ({"actions": (RunCommand("!ping"),)}, InvalidInput, "Nobody can do a command there"),
        ({"not_before": datetime.now(UTC) + timedelta(days=31)}, InvalidInput, "30 days at most"),
    ],
)
async def test_what_cannot_be_done_is_refused(
    town: Town, asked: dict[str, Any], refusal: type[ServiceError], said: str
) -> None:
    with pytest.raises(refusal, match=said):
        await act(town, router.Target(channel=town.channel), **asked)
    assert town.said == []


async def test_words_need_more_than_a_screen(town: Town) -> None:
    with pytest.raises(InvalidInput, match="Nobody can do a chat there"):
        await act(town, router.Target(display=True))
    (shown,) = await act(town, router.Target(display=True), actions=(Ticker("news"),))
    assert shown.kind == "ticker"
    await until(lambda: town.shown)
    assert town.said == []


async def test_an_account_and_a_member_are_told_where_only_they_read_it(town: Town) -> None:
    await act(town, router.Target(account=("console", "dee")), key="account")
    await until(lambda: town.said)
    await town.ask("!echo hello", user="eve")
    await act(town, router.Target(member_id=town.runs[-1].member.id), key="member")
    await until(lambda: len(town.said) == 3)
    account, _, member = town.said
    assert (account.channel, account.account and account.account.user_id) == ("console:dm:dee", "dee")
    assert (member.channel, member.account and member.account.user_id) == ("console:dm:eve", "eve")


async def test_a_module_that_is_off_does_nothing_there(town: Town) -> None:
    off = router.PutEnablement(town.community_id, "echo", False, town.channel)
    await town.portal.client.call("router", router.ENABLE, off, acting=town.owner)
    with pytest.raises(Forbidden, match="echo is off here"):
        await act(town, router.Target(channel=town.channel))
    await act(town, router.Target(account=("console", "dee")))
    await until(lambda: town.said)


async def test_what_was_done_before_it_was_switched_off_is_still_told(town: Town) -> None:
    first = await act(town, router.Target(channel=town.channel))
    await until(lambda: town.said)
    off = router.PutEnablement(town.community_id, "echo", False)
    await town.portal.client.call("router", router.ENABLE, off, acting=town.owner)
    again = await act(town, router.Target(channel=town.channel))
    assert again[0].delivery_id == first[0].delivery_id
    with pytest.raises(NotFound, match="Nothing was asked for"):
        await town.echo.client.call("router", router.ACTIONS, router.ActionKey("another"))


async def test_a_person_is_told_where_only_they_read_it(town: Town) -> None:
    town.people["dee"] = "person-dee"
    await town.ask("!echo hello")
    await act(town, router.Target(person_id="person-dee"))
    await until(lambda: town.said[-1].channel == "console:dm:dee")
    with pytest.raises(NotFound, match="no member here"):
        await act(town, router.Target(person_id="person-eve"), key="another")


async def test_nobody_speaks_in_the_channels_of_others(town: Town) -> None:
    for channel in (f"console:{town.community_id}:elsewhere", "twitch:1:1"):
        with pytest.raises(NotFound, match="no such channel"):
            await act(town, router.Target(channel=channel))
    asked = router.ActionsRequest(town.community_id + 1, router.Target(channel=town.channel), "k", HI)
    with pytest.raises(NotFound, match="no such channel"):
        await town.echo.client.call("router", router.ACT, asked)
    assert town.said == []


async def test_what_is_for_later_waits(town: Town) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    (waiting,) = await act(town, router.Target(channel=town.channel), not_before=soon)
    assert waiting.state == "waiting"
    assert town.said == []
    await until(lambda: town.said)
    assert datetime.now(UTC) >= soon


async def test_a_trigger_tells_late_what_became_of_its_own_delivery(town: Town) -> None:
    (done,) = await act(town, router.Target(channel=town.channel))
    await until(lambda: town.said)
    await town.router.deliveries.settle()
    late = module.DeliveryResult(done.delivery_id, module.DeliveryStatus.FAILED, reason="too late to change")
    assert (await town.portal.client.call("router", deliveries.LATE_RESULT, late)).state == "done"
    with pytest.raises(NotFound):
        await town.inst.client("twitch").call("router", deliveries.LATE_RESULT, late)
    with pytest.raises(Forbidden):
        await town.echo.client.call("router", deliveries.LATE_RESULT, late)
