"""Asks the community's model for the words of `$(ai …)`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alias_interaction_module_flask.evaluator.world import LookupFailed
from alias_interaction_module_flask.places import Place
from flask_core.contracts import ai
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, NotReady, ServiceError, TooMany, Unavailable, UnknownOutcome
from flask_core.service_client import ServiceClient
from flask_core.when_told import in_words

# A little more than the module ai takes at the most, and less than a command has.
_SECONDS = 6.5


@dataclass(frozen=True, slots=True)
class Use:
    """Which use of a command asks, and whose it is; a timer's has no member."""

    execution_id: str = ""
    member_id: str = ""
    name: str = ""
    role: Role = Role.VIEWER


NOBODYS = Use()


@dataclass(frozen=True, slots=True)
class Model:
    """The module ai owns models and budgets; it need not be there."""

    services: ServiceClient

    async def answer(self, place: Place, use: Use, prompt: str) -> str:
        """Its words; "" where nobody set a model up, or where it is switched off. Raises LookupFailed at a limit."""
        asked = ai.AskForCommand(
            place.community_id, use.execution_id, place.key, use.member_id, use.name or "somebody", prompt, use.role
        )
        try:
            return (await self.services.call("ai", ai.VARIABLE, asked, timeout=_SECONDS)).text
        except TooMany as limit:
            raise LookupFailed(_sentence(limit)) from limit
        except ServiceError as refused:
            if _nobody_there(refused):
                return ""
            raise


def _nobody_there(refused: ServiceError) -> bool:
    if isinstance(refused, UnknownOutcome):
        return False
    return isinstance(refused, (Forbidden, Unavailable)) or refused.code == NotReady.code


def _sentence(limit: TooMany) -> str:
    if limit.retry_after is None:
        return f"({limit.message.rstrip('.')})"
    return f"(AI limit, again in {in_words(timedelta(seconds=max(1.0, limit.retry_after)))})"
