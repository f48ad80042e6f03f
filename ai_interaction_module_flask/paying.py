"""What an answer costs: reserved before a model is asked, settled or given back after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from ai_interaction_module_flask.budget_repository import BudgetRepository, Granted, Reservation, Settlement
from ai_interaction_module_flask.ports import AWAY, ModelBusy, ModelFailed
from flask_core.errors import ServiceError, TooMany

OVER = "That was all the AI for today; it resets at 00:00 UTC."


@asynccontextmanager
async def paid(budgets: BudgetRepository, asked: Reservation, now: datetime) -> AsyncIterator[list[Settlement]]:
    """Whatever happens inside, the reservation is settled: with what was put into the list, or given back.

    Raises TooMany when there is no budget left.
    """
    granted = await budgets.reserve(asked, now)
    if granted is not Granted.YES:
        raise _refusal(granted, asked, now)
    settlements: list[Settlement] = []
    reason = "failed"
    try:
        yield settlements
    except (ModelFailed, ModelBusy) as error:
        reason = error.reason
        raise
    except asyncio.CancelledError:
        reason = "stopped"
        raise
    except ServiceError as error:
        reason = error.code
        raise
    finally:
        settled = settlements[-1] if settlements else Settlement("failed", reason=reason)
        # Shielded: who stops waiting does not stop the books.
        await asyncio.shield(budgets.settle(asked.execution_id, settled))


def _refusal(granted: Granted, asked: Reservation, now: datetime) -> ServiceError:
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    left = (tomorrow - now).total_seconds()
    if granted is Granted.MEMBER:
        return TooMany(f"You have used your {asked.share} answers for today.", retry_after=left, reason="share")
    if granted is Granted.COMMUNITY:
        return TooMany(OVER, retry_after=left, reason="budget")
    return ModelFailed("asked before", AWAY)
