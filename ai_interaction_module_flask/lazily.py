"""Large libraries, imported when somebody needs them first."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any


class Lazily:
    """The class `name` of `module`, made with `given` at first use."""

    def __init__(self, module: str, name: str, *given: Any) -> None:
        self._module = module
        self._name = name
        self._given = given
        self._made: Any = None
        self._loading = asyncio.Lock()

    async def get(self) -> Any:
        """It."""
        async with self._loading:
            if self._made is None:
                # It takes a second, in which everybody else goes on.
                module = await asyncio.to_thread(importlib.import_module, self._module)
                self._made = getattr(module, self._name)(*self._given)
        return self._made

    async def close(self) -> None:
        """End what it holds, if it was ever made."""
        if self._made is not None:
            await self._made.close()
