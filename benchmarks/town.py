"""A whole installation in processes of its own, on PostgreSQL and Redis, with a small Twitch and connected channels."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from benchmarks.balancing import Balancer
from benchmarks.programs import PythonProgram
from flask_core.auth import ServiceTokens
from flask_core.contracts import community, router
from flask_core.contracts import twitch as twitch_contract
from flask_core.contracts.memories import ADD, AddEntry
from flask_core.datamodels import Role
from flask_core.encryption import new_key
from flask_core.operations import Acting
from flask_core.runtime import Runtime
from flask_core.service_client import ServiceClient
from flask_core.service_http import ServiceTransport
from flask_core.testing.cable import Cable
from flask_core.testing.fake_twitch import CLIENT_ID, CLIENT_SECRET, FakeTwitch, FakeUser, running_twitch
from flask_core.testing.servers import PostgresServer, RedisServer
from waddlebot.tree import modules

_PATIENCE = 120.0


@dataclass
class Town:
    """The processes by name, and a client that speaks as any of the modules; `addresses` are where modules are reached.

    Of several replicas the second is called `twitch-2`.
    """

    postgres: PostgresServer
    redis: RedisServer
    programs: dict[str, PythonProgram]
    twitch: FakeTwitch
    service_key: str
    owner: Acting
    addresses: dict[str, str]
    channels: list[FakeUser] = field(default_factory=list)
    community_id: int = 0
    _transport: ServiceTransport = field(default_factory=ServiceTransport)

    def client(self, name: str) -> ServiceClient:
        """Calls as the module `name` would make them."""
        tokens = ServiceTokens(name, self.service_key)
        return ServiceClient(tokens.issue, Runtime(), self._transport, dict(self.addresses))

    def token(self, issuer: str, audience: str) -> str:
        """A service token that holds for five minutes."""
        return ServiceTokens(issuer, self.service_key).issue(audience)

    async def found_community(self) -> None:
        """A community that Ann owns."""
        asked = community.CreateCommunity("Town")
        made = await self.client("portal").call("community", community.CREATE, asked, acting=self.owner)
        self.community_id = made.id

    async def connect(self, channels: int) -> None:
        """A quote, the bot's account and that many connected channels, over the real operations."""
        portal = self.client("portal")
        await known_modules(portal, "memories", "twitch")
        quote = AddEntry(self.community_id, "quote", "Ship it!", "Ann")
        await portal.call("memories", ADD, quote, acting=self.owner)
        bot = self.twitch.add_user("9000", "waddlebot")
        await self._connect_one(portal, bot, twitch_contract.StartGrant("bot"))
        self.channels = [self.twitch.add_user(str(n), f"streamer{n}") for n in range(channels)]
        self.twitch.moderators.update((channel.id, bot.id) for channel in self.channels)
        asked = twitch_contract.StartGrant("broadcaster", self.community_id)
        await asyncio.gather(*(self._connect_one(portal, channel, asked) for channel in self.channels))
        async with asyncio.timeout(_PATIENCE):
            while not await self._all_read(portal):  # noqa: ASYNC110 - Twitch tells nobody
                await asyncio.sleep(0.2)

    async def connect_communities(self, count: int, channels: int) -> list[FakeUser]:
        """So many more communities with so many connected channels each; the channels in order of their communities."""
        portal, first = self.client("portal"), len(self.channels)
        more = [self.twitch.add_user(str(n), f"streamer{n}") for n in range(first, first + count * channels)]
        self.twitch.moderators.update((user.id, "9000") for user in more)

        async def settle(number: int) -> None:
            # Nobody founds more than five.
            owner = msgspec.structs.replace(self.owner, person_id=f"person-{number}")
            asked = community.CreateCommunity(f"Village {number}")
            made = await portal.call("community", community.CREATE, asked, acting=owner, timeout=_PATIENCE)
            grant = twitch_contract.StartGrant("broadcaster", made.id)
            for user in more[number * channels : (number + 1) * channels]:
                await self._connect_one(portal, user, grant, owner)

        await asyncio.gather(*(settle(number) for number in range(count)))
        self.channels += more
        async with asyncio.timeout(_PATIENCE):
            while not await self._all_read(portal):  # noqa: ASYNC110 - Twitch tells nobody
                await asyncio.sleep(0.2)
        return more

    async def _connect_one(
        self, portal: ServiceClient, who: FakeUser, asked: twitch_contract.StartGrant, by: Acting | None = None
    ) -> None:
        by = by or self.owner
        grant = await portal.call("twitch", twitch_contract.START_GRANT, asked, acting=by, timeout=_PATIENCE)
        self.twitch.approve(grant.user_code, who)
        async with asyncio.timeout(_PATIENCE):
            while grant.state is twitch_contract.GrantState.PENDING:
                await asyncio.sleep(0.5)
                question = twitch_contract.GrantId(grant.id)
                grant = await portal.call("twitch", twitch_contract.GRANT, question, acting=by, timeout=_PATIENCE)
        if grant.state is not twitch_contract.GrantState.CONNECTED:
            raise RuntimeError(f"{who.login} could not be connected: {grant.reason}")

    async def _all_read(self, portal: ServiceClient) -> bool:
        status = await portal.call("twitch", twitch_contract.STATUS, twitch_contract.OfCommunity(), timeout=_PATIENCE)
        return len(status.channels) == len(self.channels) and all(
            channel.reading and channel.wanted == channel.enabled for channel in status.channels
        )

    async def router_is_idle(self) -> None:
        """Until the router has worked off what it took."""
        portal = self.client("portal")
        async with asyncio.timeout(_PATIENCE):
            while True:
                state = await portal.call("router", router.STATE, router.Nothing(), timeout=_PATIENCE)
                if not state.backlog and not state.deliveries_waiting:
                    return
                await asyncio.sleep(0.1)

    async def close(self) -> None:
        """End our own connections."""
        await self._transport.close()


async def known_modules(client: ServiceClient, *names: str) -> None:
    """Until the router has heard of all these."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            known = await client.call("router", router.MODULES, router.Nothing())
            if {state.manifest.name for state in known.items}.issuperset(names):
                return
            await asyncio.sleep(0.1)


@asynccontextmanager
async def town(
    names: Sequence[str], replicas: Mapping[str, int] = {}, *, cable: Cable | None = None, **settings: str
) -> AsyncIterator[Town]:
    """The modules `names` as processes with more `settings`, one each unless `replicas` says more, and a community.

    Whatever goes to Twitch, and what Twitch says over sockets, goes through the `cable` where there is one.
    """
    async with AsyncExitStack() as stack:
        postgres, redis = PostgresServer(), RedisServer()
        for server in (postgres, redis):
            stack.callback(server.stop)
            server.start()
        async with running_twitch() as fake:
            # The bare counterparts that we are measured against hear nothing of what they said either.
            fake.echoes = False
            to_twitch = fake.url
            if cable is not None:
                to_twitch = await stack.enter_async_context(cable.to(urlsplit(fake.url).port or 0))
                fake.sockets.url = f"ws{to_twitch.removeprefix('http')}/ws"
            environment = {
                "WADDLEBOT_SERVICE_KEY": secrets.token_urlsafe(48),
                "WADDLEBOT_ENCRYPTION_KEYS": new_key(),
                "DATABASE_URL": postgres.url,
                "REDIS_URL": redis.url,
                "LOG_LEVEL": "WARNING",
                "TWITCH_CLIENT_ID": CLIENT_ID,
                "TWITCH_CLIENT_SECRET": CLIENT_SECRET,
                "TWITCH_EVENTSUB_SECRET": secrets.token_urlsafe(32),
                "TWITCH_API_URL": f"{to_twitch}/helix",
                "TWITCH_AUTH_URL": f"{to_twitch}/oauth2",
                "TWITCH_EVENTSUB_WS_URL": fake.sockets.url,
                "TWITCH_TRANSPORT": "webhook",
                **settings,
            }
            programs = _programs([one for name in names for one in replicas_of(name, replicas.get(name, 1))])
            for program in programs.values():
                stack.callback(program.stop)
            addresses = {name: programs[name].url for name in names}
            for name in replicas:
                ports = [programs[one].port for one in replicas_of(name, replicas[name])]
                addresses[name] = await stack.enter_async_context(Balancer(ports).running())
            _settle(programs, addresses, environment)
            await asyncio.gather(*(asyncio.to_thread(program.start) for program in programs.values()))
            owner = Acting("person-ann", datetime.now(UTC), operator=True, role=Role.OWNER, name="Ann")
            made = Town(postgres, redis, programs, fake, environment["WADDLEBOT_SERVICE_KEY"], owner, addresses)
            try:
                await made.found_community()
                yield made
            finally:
                await made.close()


def replicas_of(name: str, count: int) -> list[str]:
    """What the processes of a module are called."""
    return [name, *(f"{name}-{number}" for number in range(2, count + 1))]


def module_of(name: str) -> str:
    """Whose replica a process is."""
    return name.partition("-")[0]


def _programs(names: Sequence[str]) -> dict[str, PythonProgram]:
    folders = {info.name: info.folder.name for info in modules()}
    return {name: PythonProgram("flask_core.serving", folders[module_of(name)]) for name in names}


def _settle(programs: Mapping[str, PythonProgram], addresses: Mapping[str, str], environment: dict[str, str]) -> None:
    """Tell each process where it and the others are reached."""
    known = {f"{name.upper()}_SERVICE_URL": url for name, url in addresses.items()}
    for name, program in programs.items():
        program.environment = {**environment, **known, "BASE_URL": addresses[module_of(name)]}
        if module_of(name) == "twitch":
            program.environment["TWITCH_PUBLIC_URL"] = addresses["twitch"]
