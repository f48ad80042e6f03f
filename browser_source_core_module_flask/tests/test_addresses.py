"""Secret addresses: what they open, and when they stop."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from browser_source_core_module_flask.tests.conftest import HERE, Studio, World
from flask_core.auth import utc_now
from flask_core.contracts import browser_source as contract
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated


@pytest.mark.promise("browser_source.3")
async def test_the_old_address_works_299_seconds_and_not_301(world: World) -> None:
    overlays = world.screens.overlays
    made = await overlays.create(HERE, "Main", "live", world.now)
    old = (await world.screens.address(HERE, made.id, "all")).secret
    page = world.a_page_opens(overlay_id=made.id)
    rotated = await world.screens.rotate(contract.Rotate(HERE, made.id))
    assert rotated.old_valid_until == world.now + timedelta(seconds=300)
    assert await overlays.opened_by(old, world.now + timedelta(seconds=299)) is not None
    assert await overlays.opened_by(old, world.now + timedelta(seconds=301)) is None
    for seconds in (0, 299, 301):
        assert await overlays.opened_by(rotated.secret, world.now + timedelta(seconds=seconds)) is not None
    assert page.valid_until is not None
    page.heard_at = page.valid_until
    world.audience.check(page.valid_until - 1)
    assert page.unsent.empty()
    world.audience.check(page.valid_until + 1)
    assert page.unsent.get_nowait() == 1008


@pytest.mark.promise("browser_source.3")
async def test_rotating_now_ends_the_old_address_and_its_pages_at_once(studio: Studio) -> None:
    old = await studio.overlay()
    async with studio.page(old) as page, studio.page(old) as other:
        await page.says_hello()
        new = await studio.ask(contract.ROTATE, contract.Rotate(HERE, 1, now=True))
        assert await page.closed_with() == 1008
        assert await other.closed_with() == 1008
    assert await studio.status_of(f"/overlay/{old}") == 404
    assert await studio.status_of(f"/overlay/{new.secret}") == 200
    async with studio.page(old) as late:
        assert await late.closed_with() == 1008
    async with studio.page(new.secret) as page:
        assert (await page.says_hello())["items"] == []


@pytest.mark.promise("browser_source.3")
async def test_with_grace_both_addresses_open(studio: Studio) -> None:
    old = await studio.overlay()
    new = await studio.ask(contract.ROTATE, contract.Rotate(HERE, 1))
    assert new.old_valid_until > utc_now() + timedelta(seconds=200)
    for secret in (old, new.secret):
        assert await studio.status_of(f"/overlay/{secret}") == 200
        async with studio.page(secret) as page:
            await page.says_hello()


async def test_the_address_is_the_same_each_time_and_each_widget_has_its_own(world: World) -> None:
    made = await world.screens.overlays.create(HERE, "Main", "live", world.now)
    whole = await world.screens.address(HERE, made.id, "all")
    assert whole == await world.screens.address(HERE, made.id, "all")
    alerts = await world.screens.address(HERE, made.id, "alerts")
    assert (alerts.width, alerts.height) == (800, 300)
    assert alerts.secret != whole.secret
    with pytest.raises(InvalidInput, match="There are these widgets: all, ticker"):
        await world.screens.address(HERE, made.id, "weather")
    with pytest.raises(InvalidInput):
        await world.screens.rotate(contract.Rotate(HERE, made.id, "weather"))


@pytest.mark.promise("browser_source.4")
async def test_another_community_can_do_nothing_with_an_overlay(world: World) -> None:
    made = await world.screens.overlays.create(HERE, "Main", "live", world.now)
    for attempt in (
        world.screens.address(3, made.id, "all"),
        world.screens.rotate(contract.Rotate(3, made.id)),
        world.screens.overlays.delete(3, made.id),
    ):
        with pytest.raises(NotFound, match="No such overlay"):
            await attempt
    assert (await world.screens.listed(3)).items == ()


async def test_old_addresses_are_forgotten_after_thirty_days(world: World) -> None:
    made = await world.screens.overlays.create(HERE, "Main", "live", world.now)
    await world.screens.address(HERE, made.id, "all")
    await world.screens.rotate(contract.Rotate(HERE, made.id))
    for days, kept in ((29, 2), (31, 1)):
        await world.screens.overlays.sweep(world.now + timedelta(days=days))
        assert await world.database.read(lambda tx: tx.value("SELECT count(*) FROM overlay_secrets")) == kept


async def test_the_database_keeps_no_address_in_the_clear(world: World) -> None:
    made = await world.screens.overlays.create(HERE, "Main", "live", world.now)
    secret = (await world.screens.address(HERE, made.id, "all")).secret
    (row,) = await world.database.read(lambda tx: tx.rows("SELECT secret_hash, secret_sealed FROM overlay_secrets"))
    assert secret not in "".join(row)


async def test_overlays_are_made_listed_and_removed(studio: Studio) -> None:
    secret = await studio.overlay("Main")
    with pytest.raises(Conflict, match="an overlay called Main already"):
        await studio.overlay("Main")
    with pytest.raises(InvalidInput, match="1 to 64"):
        await studio.overlay(" ")
    async with studio.page(secret) as page:
        await page.says_hello()
        (listed,) = (await studio.ask(contract.OVERLAYS, contract.CommunityId(HERE))).items
        assert (listed.name, listed.pages) == ("Main", 1)
    await studio.ask(contract.DELETE, contract.OverlayOf(HERE, 1))
    assert await studio.status_of(f"/overlay/{secret}") == 404
    with pytest.raises(NotFound):
        await studio.ask(contract.DELETE, contract.OverlayOf(HERE, 1))


@pytest.mark.promise("browser_source.18")
async def test_a_moderator_cannot_rotate_and_nobody_comes_in_without_a_token(studio: Studio) -> None:
    await studio.overlay()
    for operation, request in (
        (contract.ROTATE, contract.Rotate(HERE, 1)),
        (contract.ADDRESS, contract.OverlayOf(HERE, 1)),
        (contract.CREATE, contract.CreateOverlay(HERE, "Mine")),
    ):
        with pytest.raises(Forbidden):
            await studio.ask(operation, request, who="ben")
    assert (await studio.ask(contract.ITEMS, contract.ListItems(HERE), who="ben")).items == ()
    with pytest.raises(Forbidden):
        await studio.ask(contract.ITEMS, contract.ListItems(HERE), who="dee")
    for operation in studio.service.endpoints.operations():
        with pytest.raises(Unauthenticated):
            await studio.service.serve(operation.key, "", b"{}")


async def test_the_playground_has_an_address_of_its_own_that_is_not_listed(studio: Studio) -> None:
    asked = contract.CommunityId(HERE)
    client = studio.inst.client("portal")
    first = await client.call("browser_source", contract.PREVIEW, asked)
    assert first == await client.call("browser_source", contract.PREVIEW, asked)
    assert (await studio.ask(contract.OVERLAYS, asked)).items == ()
    assert await studio.status_of(f"/overlay/{first.secret}") == 200


async def test_wrong_addresses_are_refused_and_then_counted_out(studio: Studio) -> None:
    assert {await studio.status_of(f"/overlay/wrong-{n}") for n in range(20)} == {404}
    assert await studio.status_of("/overlay/wrong") == 429
    secret = await studio.overlay()
    assert await studio.status_of(f"/overlay/{secret}") == 200


async def test_all_that_the_page_loads_lies_where_a_proxy_hands_it_to_this_module(studio: Studio) -> None:
    client = studio.service.app.test_client()
    html = (await (await client.get(f"/overlay/{await studio.overlay()}")).get_data()).decode()
    loaded = re.findall(r'(?:href|src)="([^"]+)"', html)
    assert len(loaded) == 3
    for path in loaded:
        assert path.startswith("/overlay/")
        assert await studio.status_of(path) == 200, path
