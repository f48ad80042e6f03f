"""What router offers triggers about deliveries whose end they learn late."""

from __future__ import annotations

from flask_core.contracts.module import DeliveryResult
from flask_core.contracts.router import TRIGGERS, ActionState
from flask_core.operations import Operation, services

OFFERED_BY = "router"

LATE_RESULT = Operation(
    "POST", "/api/v1/deliveries/{id}/result", DeliveryResult, ActionState, services(*TRIGGERS),
    "Tell late what became of a delivery.",
)  # fmt: skip
