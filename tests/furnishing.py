"""An evening's worth of everything in a house, through its pages: for looking at every page."""

from __future__ import annotations

from tests.house import House
from tests.screenshots import KEPT, LATER, OWN, RULES

LONG = (
    f"!quote add {'o' * 120} and a long address https://example.org/{'x' * 150}",
    f"!remind here every monday 20:00 {'o' * 120}",
    f"!cmd add {'o' * 50} -on=twitch,discord -cost=50 {'o' * 120} $(user)",
    f"!counter set {'o' * 50} 1000000000000000",
)


async def furnish(house: House) -> None:
    """Things of every kind that a new community can have, some of them with long names."""
    here = house.here
    await house.send(f"{here}/overlays", name="Main")
    await house.send(f"{here}/memories/categories", name="Speed runs", icon="🏁", colour="#e8be5b")
    for text in (*KEPT, *RULES, *LONG):
        await house.say(text, "Ben")
    for text in OWN:
        await house.say(text, "Ann")
    for who, text in LATER:
        await house.say(text, who)
