"""A community's time zone is one that exists, whatever somebody types."""

from __future__ import annotations

import pytest

from flask_core.contracts import community
from flask_core.errors import InvalidInput

from .conftest import Town


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "x" * 5_000, "", "../utc", "a\0b"])
async def test_what_is_no_time_zone_is_refused_with_an_example(town: Town, zone: str) -> None:
    with pytest.raises(InvalidInput):
        await town.ask(community.CREATE, community.CreateCommunity("Penguins", time_zone=zone), "ann")


async def test_a_real_one_is_kept(town: Town) -> None:
    asked = community.CreateCommunity("Penguins", time_zone="Europe/Berlin")
    assert (await town.ask(community.CREATE, asked, "ann")).time_zone == "Europe/Berlin"
