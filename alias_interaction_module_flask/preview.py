"""Says what a text would come to for somebody who does not exist, before it is kept."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alias_interaction_module_flask.evaluator.evaluation import evaluate
from alias_interaction_module_flask.evaluator.execution import Execution
from alias_interaction_module_flask.evaluator.world import Activity, Person
from alias_interaction_module_flask.models import Wish
from alias_interaction_module_flask.places import Place
from alias_interaction_module_flask.texts import Texts, read
from alias_interaction_module_flask.world import World
from flask_core.contracts import alias as contract
from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.service_client import ServiceClient


class Pretended(World):
    """The community's counters and texts are real; its people are nobody's business here."""

    async def person(self, name: str) -> Person | None:
        """Nobody real."""
        return None

    async def activity(self, person: Person) -> Activity:
        """Nobody was here."""
        return Activity()

    async def followed_since(self, person: Person) -> datetime | None:
        """Nobody follows."""
        return None

    async def chatters(self) -> Sequence[Person]:
        """Nobody writes."""
        return ()

    async def answer(self, prompt: str) -> str:
        """Answers are paid for, and a preview is made while somebody types."""
        return "(here the AI answers)"


@dataclass(frozen=True, slots=True)
class Previews:
    """Nothing changes, whatever the text says."""

    texts: Texts
    services: ServiceClient

    async def of(self, asked: contract.AskPreview) -> contract.Preview:
        """What would be said. Raises InvalidInput, with the column, for a text that cannot be read."""
        template, began = read(asked.text.strip(), asked.dialect), time.perf_counter()
        place = await self.texts.around.places.on(asked.community_id, asked.caller.platform)
        execution = await self._execution(asked, place)
        result = await evaluate(template, execution, Pretended(self.texts.around, place))
        wish = Wish("text", asked.name, asked.text.strip(), asked.dialect, Role.MODERATOR)
        return contract.Preview(
            result.text,
            tuple(contract.PreviewPart(part.text, part.origin.word, part.variable) for part in result.parts),
            result.variables,
            result.lookups,
            self.texts.warnings(wish),
            (time.perf_counter() - began) * 1_000,
        )

    async def _execution(self, asked: contract.AskPreview, place: Place) -> Execution:
        here = await self.services.call("community", community.GET, community.CommunityId(asked.community_id))
        choices, _ = await self.texts.settings.read(asked.community_id)
        name = await self.texts.around.places.name(place)
        return Execution(
            execution_id="preview",
            platform=place.platform,
            channel_id=place.channel_id,
            server_id=place.server_id,
            channel_name=name,
            channel_display_name=name,
            community=here.name,
            community_id=asked.community_id,
            name=asked.name,
            trigger=f"!{asked.name}",
            text=asked.words,
            caller=Person(asked.caller.name, asked.caller.name.lower(), "1"),
            role=asked.caller.role,
            command_role=Role.MODERATOR,
            message_id="preview",
            now=self.texts.now(),
            time_zone=here.time_zone,
            twelve_hours=choices.time_style == "12h",
            test=True,
        )
