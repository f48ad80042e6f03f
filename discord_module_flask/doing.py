"""Which part of the module does what the router asks for."""

from __future__ import annotations

from dataclasses import dataclass

from discord_module_flask.embeds import embed_of
from discord_module_flask.forms.service import Forms
from discord_module_flask.granting import Granting
from discord_module_flask.moderating import Moderating
from discord_module_flask.scheduling.service import Scheduling
from discord_module_flask.speaking import Speaking
from flask_core.contracts.module import Delivery
from flask_core.datamodels import Chat, Form, General, GrantRole, Media, Moderate, PlatformRequest
from flask_core.delivering import Done, Unsupported


@dataclass(frozen=True, slots=True)
class Abilities:
    """Everything that can be asked for."""

    lacks: str
    speaking: Speaking
    moderating: Moderating
    granting: Granting
    forms: Forms
    scheduling: Scheduling

    async def do(self, delivery: Delivery) -> Done:
        """Do it. Raises Unsupported for what Discord has not, and what the parts raise."""
        if self.lacks:
            raise Unsupported(self.lacks)
        match delivery.action:
            case Chat():
                return await self.speaking.say(delivery, delivery.action)
            case Media() | General():
                return await self.speaking.show(delivery, embed_of(delivery.action))
            case Moderate():
                return await self.moderating.moderate(delivery, delivery.action)
            case GrantRole():
                return await self.granting.grant(delivery, delivery.action)
            case Form():
                return await self.forms.show(delivery, delivery.action)
            case PlatformRequest():
                return await self.scheduling.request(delivery, delivery.action)
            case _:
                kind = delivery.action.__struct_config__.tag
                raise Unsupported(f"On Discord the bot cannot do this: {kind}.")
