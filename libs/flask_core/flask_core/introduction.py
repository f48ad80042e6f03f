"""Tells the router who we are and what can be typed, in the background, again every 30 seconds."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from flask_core.contracts import router
from flask_core.datamodels import Manifest
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient

log = logging.getLogger(__name__)

_FIRST_WAIT = 0.2
_LONGEST_WAIT = 3.0


async def introduce(
    client: ServiceClient, manifest: Manifest, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Introduce `manifest` for ever; while the router is away, try again with growing waits."""
    wait, known = _FIRST_WAIT, False
    while True:
        try:
            welcome = await client.call("router", router.INTRODUCE, router.Introduction(manifest.name, manifest))
        except ServiceError as error:
            if known:
                log.warning("the router does not answer: %s", error.code)
            known = False
            wait = min(wait * 2, _LONGEST_WAIT)
        else:
            known, wait = True, welcome.heartbeat
        await sleep(wait * random.uniform(0.8, 1.0))


async def take_leave(client: ServiceClient, manifest: Manifest) -> None:
    """Say that this process ends; a router that is away will notice by itself."""
    try:
        await client.call(
            "router", router.LEAVE, router.InstanceName(manifest.name, manifest.instance), timeout=1
        )  # fmt: skip
    except ServiceError as error:
        log.info("could not take leave of the router: %s", error.code)
