"""Serves a small platform of ours on loopback, for as long as somebody needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def on_loopback(
    app: web.Application, port: int = 0, *, patience: float = 0.2, notices_leaving: bool = False
) -> AsyncIterator[str]:
    """The app at `http://127.0.0.1:<port>`; at the end open requests have `patience` seconds to finish.

    With `notices_leaving` a request whose sender goes away is cancelled.
    """
    runner = web.AppRunner(app, shutdown_timeout=patience, handler_cancellation=notices_leaving)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
