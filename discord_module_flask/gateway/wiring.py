"""Makes the shards of this process out of what every module has."""

from __future__ import annotations

import asyncio

from discord_module_flask.config import Config
from discord_module_flask.gateway.intake import Intake
from discord_module_flask.gateway.intents import Intents
from discord_module_flask.gateway.line import Line
from discord_module_flask.gateway.sessions import SessionRepository
from discord_module_flask.gateway.shards import ASK_SECONDS, KIND, Shards
from discord_module_flask.receiving import Receiver
from discord_module_flask.rest import Rest
from flask_core.app_factory import Service
from flask_core.claims import ClaimKeeper, instance_of

_LOOK_SECONDS, _ASK_SECONDS = 15.0, ASK_SECONDS


def wire_gateway(
    service: Service, config: Config, rest: Rest, intents: Intents, receiver: Receiver
) -> tuple[Shards, ClaimKeeper]:
    """The shards, and who shares them out."""
    sessions = SessionRepository(service.database, service.sealer)

    def line(number: int, count: int) -> Line:
        return Line(number, count, rest, Intake(receiver.take), intents, sessions, service.shared, receiver)

    shards = Shards(rest, sessions, service.services, line, wanted=config.shards, ask_seconds=_ASK_SECONDS)
    keeper = ClaimKeeper(
        service.services, KIND, instance_of(config.port), shards, most=config.max_shards,
        sleep=lambda _: asyncio.sleep(_LOOK_SECONDS),
    )  # fmt: skip
    return shards, keeper
