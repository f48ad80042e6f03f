"""The router in numbers, as a collector of Prometheus reads them."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from flask_core.breaker import Breaker
from flask_core.contracts import filters, router
from flask_core.datamodels import MessageType
from router_module_flask.tests.conftest import Town
from router_module_flask.tests.guard import Guard

_OURS = "waddlebot_router_"


async def read(town: Town) -> dict[tuple[str, ...], float]:
    """Samples by name and the values of their labels."""
    page = await (await town.inst.app("router").test_client().get("/metrics")).get_data(as_text=True)
    return {
        (sample.name.removeprefix(_OURS), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name.startswith(_OURS) and not sample.name.endswith(("_bucket", "_created"))
    }


async def test_numbers_tell_what_came_and_what_became_of_it(town: Town) -> None:
    assert await town.ask("!echo hello") == "Dee said !echo hello"
    event = town.event("once")
    for _ in range(2):
        await town.portal.client.call("router", router.INGEST, router.batch_of([event]))
    await town.recorded(event.event_id)
    assert (await town.ask("!nuke spam")).startswith("Only moderators")
    told = await read(town)
    assert (told["taken_total", "console", "accepted"], told["taken_total", "console", "duplicate"]) == (3, 1)
    assert [told["events_total", "console", result] for result in ("said", "plain", "refused")] == [1, 1, 1]
    assert told["refusals_total", "allowed"] == 1
    switch = router.PutEnablement(town.community_id, "echo", False)
    await town.portal.client.call("router", router.ENABLE, switch, acting=town.owner)
    assert await town.ask("!echo hello") == "echo is off here."
    assert (await read(town))["refusals_total", "enabled"] == 1
    assert (told["module_seconds_count", "echo"], told["step_seconds_count", "resolved"]) == (1, 3)
    assert told["step_seconds_sum", "module"] > 0
    await town.router.deliveries.settle()
    assert (await read(town))["deliveries_total", "done"] == 3


async def test_numbers_tell_what_rules_and_filters_hit(town: Town) -> None:
    guard = Guard(town)
    await guard.rule("spam")
    await guard.rule("eggs", dry_run=True)
    asked = filters.PutFilter(town.community_id, "caps", 0, enabled=True)
    await guard.ask(filters.PUT_FILTER, asked)
    for line in ("spam", "eggs", "eggs again", "THIS IS VERY LOUD", "nothing at all"):
        await guard.traced(line)
    told = await read(town)
    hits = {labels[1:]: times for labels, times in told.items() if labels[0] == "matches_total"}
    assert hits == {("rule", "no"): 1, ("rule", "yes"): 2, ("caps", "no"): 1}
    assert (told["step_seconds_count", "rules"], told["step_seconds_count", "filters"]) == (3, 1)


async def test_numbers_tell_of_the_backlog_of_dead_letters_and_of_breakers(town: Town) -> None:
    register = town.router.executors.register
    register.breakers |= {"shop": Breaker(failures=1), "well": Breaker(failures=1)}
    ours = town.inst.services["router"].services.transport.breakers
    ours["away"] = Breaker(failures=1)
    for left_alone in (register.breakers["shop"], ours["away"]):
        left_alone.failed()
    await town.happens(MessageType.FOLLOW)
    await town.inst.services["router"].database.write(
        lambda tx: tx.run("UPDATE event_log SET status = 'dead', attempts = 5")
    )
    await town.router.gauges.look()
    told = await read(town)
    assert [told[name,] for name in ("backlog_events", "backlog_seconds", "dead_letters")] == [0, 0, 1]
    assert [told["breaker_open", module] for module in ("away", "shop", "well")] == [1, 1, 0]


async def test_no_number_names_a_community_or_a_person(town: Town) -> None:
    await town.ask("!echo hello")
    labels = {label for sample in await read(town) for label in sample[1:]}
    assert labels <= {"console", "accepted", "said", "done", "echo", "resolved", "understood", "allowed", "cooldown",
                      "module"}  # fmt: skip
