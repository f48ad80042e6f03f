"""Behind the pages of a house in which every module there is lives."""

from __future__ import annotations

from tests.house import House


async def test_every_module_has_its_tile_and_is_ready(house: House) -> None:
    health = await house.page("/operator/health")
    for name in house.inst.services:
        tile = health.split(f"<strong>{name}</strong>")[1].split("</section>")[0]
        assert "✓ ready" in tile, name
