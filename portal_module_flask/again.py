"""Signing in again in place: a form that needs it waits behind it, and goes through as it was filled in."""

from __future__ import annotations

from typing import Any

from quart import Quart, g, request

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, ServiceError, TooMany, Unauthenticated
from flask_core.operations import Acting, Operation
from flask_core.service_client import DEFAULT_TIMEOUT, ServiceClient

PASSWORD, CODE = "again_password", "again_code"
CHALLENGE, CREDENTIAL = "passkey_challenge", "passkey_credential"
_OURS = frozenset({"form_token", PASSWORD, CODE, CHALLENGE, CREDENTIAL})


class SignInAgain(Exception):
    """The page needs a younger sign-in; `problem` is what was wrong with the one that was tried."""

    def __init__(self, problem: ServiceError | None = None) -> None:
        super().__init__()
        self.problem = problem


class Modules:
    """Calls to modules. One that needs a younger sign-in ends the view, whatever errors it takes for its own page."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def call[Q, A](
        self,
        module: str,
        operation: Operation[Q, A],
        request: Q,
        *,
        acting: Acting | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> A:
        """As ServiceClient's; raises SignInAgain where a person's sign-in is too old."""
        try:
            return await self._client.call(module, operation, request, acting=acting, timeout=timeout)
        except Unauthenticated as refused:
            if refused.details.get("sign_in_again"):
                raise SignInAgain from refused
            raise


def browser() -> identity.Door:
    """Where this request comes from."""
    return identity.Door(request.remote_addr or "", request.headers.get("User-Agent", "")[:120])


def passkey_in(form: Any) -> identity.PasskeyProof | None:
    """The answer of an authenticator that a form carries."""
    challenge, credential = form.get(CHALLENGE, ""), form.get(CREDENTIAL, "")
    return identity.PasskeyProof(challenge, credential) if challenge and credential else None


async def renewed(client: Modules, secret: str) -> identity.NewSession | None:
    """The session under its new secret when the form brings a sign-in along, which must be right; else None."""
    if request.method != "POST" or PASSWORD not in (form := await request.form):
        return None
    asked = identity.StepUp(secret, form[PASSWORD], form.get(CODE, "").strip(), browser(), passkey_in(form))
    try:
        session = await client.call("identity", identity.STEP_UP, asked)
    except (Unauthenticated, TooMany, InvalidInput) as problem:
        raise SignInAgain(problem) from problem
    g.new_session = session
    return session


def ask_again(app: Quart, draw: Any, refuse: Any) -> None:
    """Show the form's fields, out of sight, with what has to be typed for them to go on.

    `draw` makes the page, `refuse` answers those who cannot fill in a form.
    """

    @app.errorhandler(SignInAgain)
    async def again(asked: SignInAgain) -> Any:
        too_old = Unauthenticated("Sign in again to do that.", sign_in_again=True)
        if request.method != "POST" or request.headers.get("X-Requested-With") == "fetch":
            return await refuse(asked.problem or too_old)
        if any(file.filename for file in (await request.files).values()):
            return await refuse(Unauthenticated("Sign out and in again, then choose the file once more."))
        kept = [(name, value) for name, values in (await request.form).lists() for value in values if name not in _OURS]
        status = asked.problem.status if asked.problem else 401
        return await draw(status=status, kept=kept, problem=asked.problem, to=request.full_path.rstrip("?"))
