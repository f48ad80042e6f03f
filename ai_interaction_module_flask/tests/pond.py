"""A community whose lines go through the real router to the real module, and a model that the test plays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ai_interaction_module_flask.wiring import Parts
from flask_core.contracts import module
from flask_core.datamodels import Invocation, Reply
from flask_core.testing.fake_openai import FakeOpenAI
from flask_core.testing.installation import Installation, installation, until
from router_module_flask.tests.conftest import Town, play

FOLDERS = ("router_module_flask", "community_module_flask", "ai_interaction_module_flask")


@dataclass
class Pond:
    """People write on the console of `town`; `model` answers."""

    town: Town
    model: FakeOpenAI
    ids: dict[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> Parts:
        """The module's parts."""
        parts: Parts = self.town.inst.app("ai").extensions["ai"]
        return parts

    @property
    def inst(self) -> Installation:
        return self.town.inst

    @property
    def here(self) -> int:
        return self.town.community_id

    async def ask(self, text: str, user: str = "dee", **options: Any) -> str:
        """A line, and the bot's next words."""
        return await self.town.ask(text, user, **options)

    async def silent(self, text: str, user: str = "dee", **options: Any) -> bool:
        """Whether nobody says anything to a line, once all of it is over."""
        before = len(self.town.said)
        await self.town.recorded(await self.town.write(text, user, **options))
        await self.town.router.deliveries.settle()
        return len(self.town.said) == before

    async def run(self, invocation: Invocation) -> Reply:
        """Run the module as the router does."""
        return await self.inst.client("router").call("ai", module.EXECUTE, invocation)

    async def choose(self, **changed: Any) -> None:
        """The owner changes settings."""
        settings = self.parts.settings
        now, version = await settings.read_fresh(self.here)
        await settings.write(self.here, {**msgspec.to_builtins(now), **changed}, version)


@asynccontextmanager
async def pond_on(database_url: str, **settings: str) -> AsyncIterator[Pond]:
    """The modules with the operator's model, unless `settings` say otherwise."""
    model, towns = FakeOpenAI(), []
    async with model.running() as url:
        environment = {
            "AI_PROVIDER": "openai",
            "AI_OPENAI_BASE_URL": f"{url}/v1",
            "AI_OPENAI_API_KEY": "sk-test",
            "AI_OPENAI_MODEL": "gpt-test",
            **settings,
        }
        async with installation(
            FOLDERS, database_url, settings=environment, prepare=lambda inst: towns.append(play(inst))
        ):
            town: Town = towns[0]
            await town.settle_in()
            router = town.router
            await until(lambda: "ai" in router.directory.manifests, "the introduction of ai")
            yield Pond(town, model)
