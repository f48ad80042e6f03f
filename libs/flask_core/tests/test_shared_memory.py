"""What only the shared state of one process promises: it stays small, and says when it is full."""

from __future__ import annotations

import pytest

from flask_core.errors import Unavailable
from flask_core.shared_memory import MemoryState


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def kept(state: MemoryState) -> int:
    return len(state._values) + len(state._budgets) + len(state._leases)


async def test_expired_keys_do_not_pile_up() -> None:
    clock = Clock()
    state = MemoryState(clock)
    for number in range(20_000):
        clock.now += 1
        await state.claim_once(f"event:{number}", 10)
        await state.cooldown([(f"member:{number}", 10)])
        await state.spend(f"budget:{number}", capacity=1, per_seconds=10)
        await state.lease(f"lease:{number}", "ada", 10)
    assert kept(state) < 1100


async def test_live_keys_survive_the_sweep() -> None:
    clock = Clock()
    state = MemoryState(clock)
    await state.set("settings", b"kept", 1_000_000)
    for number in range(5000):
        clock.now += 1
        await state.claim_once(f"event:{number}", 1)
    assert await state.get("settings") == b"kept"


async def test_full_state_refuses_new_keys_instead_of_forgetting_old_ones() -> None:
    clock = Clock()
    state = MemoryState(clock, most_keys=3)
    for number in range(3):
        assert await state.claim_once(f"event:{number}", 60)
    with pytest.raises(Unavailable, match="full"):
        await state.claim_once("event:3", 60)
    with pytest.raises(Unavailable, match="full"):
        await state.cooldown([("member", 60)])
    assert not await state.claim_once("event:0", 60), "still known"
    clock.now += 61
    assert await state.claim_once("event:3", 60)


async def test_room_that_was_made_is_used_at_once() -> None:
    state = MemoryState(Clock(), most_keys=1)
    await state.set("a", b"1", 60)
    with pytest.raises(Unavailable):
        await state.set("b", b"1", 60)
    await state.delete("a")
    await state.set("b", b"1", 60)
    assert await state.get("b") == b"1"
