"""A community with a router, and a language model on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from ai_interaction_module_flask.tests.pond import Pond, pond_on


@pytest_asyncio.fixture
async def pond(database_url: str) -> AsyncIterator[Pond]:
    """Router, community and ai on either database, with an OpenAI-compatible server."""
    async with pond_on(database_url) as pond:
        yield pond
