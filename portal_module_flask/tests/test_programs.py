"""The door for programs: with a key of somebody, as far as it goes, as often as it may."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from flask_core.shared_memory import MemoryState
from portal_module_flask.key_rates import Allowance, KeyRates
from portal_module_flask.tests.house import House
from portal_module_flask.tests.test_keys import secret_in


@dataclass
class Program:
    """Something that has a key, and nothing else."""

    house: House
    key: str

    async def ask(self, path: str, method: str = "GET", *, json: Any = None) -> tuple[int, Any, Any]:
        """Status, what was said, and headers."""
        client = self.house.stranger().web
        headers = {"Authorization": f"Bearer {self.key}"}
        sent = {} if json is None else {"json": json}
        answer = await client.open(f"/api/v1/m/{path}", method=method, headers=headers, **sent)
        body = await answer.get_data()
        return answer.status_code, (await answer.get_json() if body else None), answer.headers

    async def refused(self, status: int, path: str, method: str = "GET", *, json: Any = None) -> str:
        """What a refusal says."""
        code, said, _ = await self.ask(path, method, json=json)
        assert code == status, said
        return str(said["message"])


async def with_key(house: House, scope: str, community: str = "") -> Program:
    """A program with a new key of Ann's."""
    places = {"community": community} if community else {}
    fields = {"name": secrets.token_hex(3), "scope": scope, "days": "30", **places}
    return Program(house, secret_in(await house.send("/me/keys", 200, **fields)))


@pytest_asyncio.fixture
async def quotes(house: House) -> str:
    """Where the quotes of Ann's community are, of which there is one."""
    await house.send(f"{house.here}/memories", kind="quote", content="Fish first.")
    return f"memories/communities/{house.community_id}/memories"


@pytest.mark.promise("portal.17")
async def test_a_key_that_may_read_in_one_community_reads_there_and_does_nothing_else(
    house: House, quotes: str
) -> None:
    other = (await house.send("/communities/new", name="Gulls")).split("/")[2]
    program = await with_key(house, "read", str(house.community_id))
    status, said, headers = await program.ask(f"{quotes}?kind=quote")
    assert status == 200
    assert said["items"][0]["content"] == "Fish first."
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("100", "99")
    assert 0 < int(headers["X-RateLimit-Reset"]) <= 60
    written = {"kind": "quote", "content": "Mine now."}
    assert "memories:write" in await program.refused(403, quotes, "POST", json=written)
    assert "memories:read" in await program.refused(403, quotes.replace(str(house.community_id), other))
    assert "community:read" in await program.refused(403, "community/communities")
    assert "Mine now." not in await house.page(f"{house.here}/memories")


@pytest.mark.promise("portal.17")
async def test_a_revoked_key_is_dead(house: House, quotes: str) -> None:
    program = await with_key(house, "read")
    assert (await program.ask(quotes))[0] == 200
    key = (await house.page("/me/keys")).split('action="/me/keys/')[1].split("/")[0]
    await house.send(f"/me/keys/{key}/delete", on="/me/keys")
    async with asyncio.timeout(10):
        while (await program.ask(quotes))[0] != 401:
            pass
    assert "This key does not work" in await program.refused(401, quotes)


@pytest.mark.promise("portal.17")
async def test_the_hundred_and_first_call_in_a_minute_is_one_too_many(house: House, quotes: str) -> None:
    program, other = await with_key(house, "read"), await with_key(house, "read")
    answers = [await program.ask(f"{quotes}/quote/4711") for _ in range(101)]
    assert {status for status, _, _ in answers[:100]} == {404}
    assert [int(headers["X-RateLimit-Remaining"]) for _, _, headers in answers] == [*range(99, -1, -1), 0]
    status, said, headers = answers[-1]
    assert (status, said["error"]) == (429, "too_many")
    assert 0 < int(headers["Retry-After"]) <= 60
    assert (await other.ask(quotes))[0] == 200


async def test_a_key_that_may_write_writes_as_its_person(house: House, quotes: str) -> None:
    program = await with_key(house, "memories:write", str(house.community_id))
    status, said, _ = await program.ask(quotes, "POST", json={"kind": "quote", "content": "From the deck."})
    assert status == 201, said
    assert (await program.ask(f"{quotes}/quote/{said['number']}"))[1]["content"] == "From the deck."
    assert (await program.ask(f"{quotes}/quote/{said['number']}", "DELETE"))[0] == 204
    moderation = await with_key(house, "moderation")
    rules = f"router/communities/{house.community_id}/rules"
    assert (await moderation.ask(rules))[0] == 200
    assert "memories:write" in await moderation.refused(403, quotes, "POST", json={"kind": "quote", "content": "x"})


async def test_what_is_not_for_programs_stays_closed(house: House) -> None:
    for program in (await with_key(house, "read"), await with_key(house, "community:write")):
        here = f"communities/{house.community_id}"
        for path, method in (
            ("identity/sessions", "GET"),
            ("identity/keys", "GET"),
            ("identity/keys", "POST"),
            (f"browser_source/{here}/overlays/1/address", "POST"),
            (f"community/{here}/channels", "POST"),
            ("router/modules", "GET"),
            ("router/events", "POST"),
        ):
            body = {"key": "console:1:1", "name": "x", "scopes": [], "events": []} if method == "POST" else None
            assert await program.refused(403, path, method, json=body), path
        for path in (
            "nobody/communities",
            "router/../../health",
            "router/%2e%2e/health",
            "router/x",
        ):
            assert await program.refused(404, path), path


@pytest.mark.parametrize("key", ["wbot_user_made_up", "eyJhbGciOiJIUzI1NiJ9.e30.x", ""])
async def test_without_a_key_that_works_nothing_is_passed_on(house: House, key: str) -> None:
    program = Program(house, key)
    assert "key" in await program.refused(401, "router/modules")
    signed_in = await house.web.get("/api/v1/m/router/modules")
    assert signed_in.status_code == 401


async def test_an_hour_has_an_end_too_and_a_minute_begins_anew() -> None:
    now = [1_000.0]
    rates = KeyRates(MemoryState(lambda: now[0]), per_minute=3, per_hour=4, clock=lambda: now[0])
    assert await rates.count("a") == Allowance(3, 2, 60)
    now[0] += 50
    assert await rates.count("a") == Allowance(3, 1, 10)
    assert await rates.count("b") == Allowance(3, 2, 60)
    assert (await rates.count("a")).left == 0
    assert (await rates.count("a")).spent
    now[0] += 11
    assert await rates.count("a") == Allowance(4, 0, 3_539)
    last = await rates.count("a")
    assert last.spent
    assert last.limit == 4
    now[0] += 3_540
    assert await rates.count("a") == Allowance(3, 2, 60)
