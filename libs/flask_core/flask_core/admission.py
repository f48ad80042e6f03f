"""Who may call an operation: a service by its name, a person by role, a key by its scope as well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from flask_core.datamodels import Role
from flask_core.errors import Forbidden, NotFound, Unauthenticated

if TYPE_CHECKING:
    from flask_core.operations import Acting, Caller, Callers, Gate, Operation

FRESH_SIGN_IN = timedelta(minutes=15)


async def admit(operation: Operation[Any, Any], caller: Caller, asked: Any, gate: Gate) -> Caller:
    """The caller with its checked role; raises Forbidden when the operation is not for it."""
    rule, acting = operation.callers, caller.acting
    if acting is None:
        if rule.open_to(caller.service):
            return caller
        raise Forbidden(f"This is not open to the module {caller.service}.")
    _check_key(rule, caller, asked)
    _check_fresh(rule, acting)
    if rule.operator and acting.operator:
        return replace(caller, role=Role.OWNER)
    if rule.role is not None:
        return await _admit_by_role(operation, caller, acting, asked, gate)
    if rule.signed_in:
        return caller
    raise Forbidden("Only operators can do that." if rule.operator else "This is not open to people.")


async def _admit_by_role(
    operation: Operation[Any, Any], caller: Caller, acting: Acting, asked: Any, gate: Gate
) -> Caller:
    needed = cast(Role, operation.callers.role)
    community_id: int = asked.community_id
    if acting.community_id is not None and acting.community_id != community_id:
        raise NotFound("No such community.")
    reads = operation.method == "GET"
    found = await gate.standing(acting, community_id, changes=not reads or needed >= Role.ADMIN, reads=reads)
    checked = replace(caller, role=min(found.role, acting.role), member_id=found.member_id)
    checked.require(needed)
    return checked


def _check_key(rule: Callers, caller: Caller, asked: Any) -> None:
    """A key opens what names a scope that the key was given, and nothing else."""
    if caller.key is None:
        return
    if not rule.scope:
        raise Forbidden("API keys do not open this.")
    key, community_id = caller.key, getattr(asked, "community_id", None)
    if not (key.holds(rule.scope) if community_id is None else key.may(rule.scope, community_id)):
        raise Forbidden(f"This key was not given the scope {rule.scope} here.", scope=rule.scope)


def _check_fresh(rule: Callers, acting: Acting) -> None:
    if rule.fresh and datetime.now(UTC) - acting.signed_in_at > FRESH_SIGN_IN:
        raise Unauthenticated("Sign in again to do that.", sign_in_again=True)
