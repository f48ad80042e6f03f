"""Signing in beyond the password: the second factor, and passkeys."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, Response, request

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, TooMany, Unauthenticated
from flask_core.operations import encoder
from portal_module_flask.again import browser, passkey_in
from portal_module_flask.entering import second_step, sign_in_page
from portal_module_flask.pages import blueprint, field, go
from portal_module_flask.visits import door, open_page, own_path


def views() -> Blueprint:
    """/auth/second-factor and /auth/passkey."""
    pages = blueprint("second_step")

    @pages.post("/auth/second-factor")
    @open_page
    async def second_factor() -> Any:
        form = await request.form
        challenge, code = form.get("challenge", ""), form.get("code", "").strip()
        asked = identity.SecondFactor(challenge, code, browser(), passkey_in(form))
        try:
            session = await door().client.call("identity", identity.SECOND_FACTOR, asked)
        except (Unauthenticated, TooMany, InvalidInput) as problem:
            by_code, by_passkey = "by_code" in form, "by_passkey" in form
            return await second_step(
                challenge, own_path(form.get("next")), by_code=by_code, by_passkey=by_passkey, problem=problem
            )
        return door().let_in(go(own_path(form.get("next"))), session)

    @pages.post("/auth/passkey/question")
    @open_page
    async def question() -> Any:
        return told(await door().client.call("identity", identity.ASK_PASSKEY, identity.AskPasskey(browser())))

    @pages.post("/auth/passkey")
    @open_page
    async def passkey() -> Any:
        following, proof = own_path(await field("next")), passkey_in(await request.form)
        try:
            if proof is None:
                raise InvalidInput("The browser gave no passkey. Try again, or sign in with your password.")
            asked = identity.PasskeySignIn(proof, browser())
            session = await door().client.call("identity", identity.PASSKEY_SIGN_IN, asked)
        except (Unauthenticated, TooMany, InvalidInput) as problem:
            return await sign_in_page(following, problem=problem)
        return door().let_in(go(following), session)

    return pages


def told(question: identity.PasskeyQuestion) -> Response:
    """A question as the page's script reads it."""
    return Response(encoder.encode(question), content_type="application/json")
