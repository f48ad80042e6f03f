"""One's own ways in: password, authenticator app, passkeys, recovery codes."""

from __future__ import annotations

import asyncio
from typing import Any

from quart import Blueprint, request

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.again import browser, passkey_in
from portal_module_flask.pages import ask, blueprint, field, go, page
from portal_module_flask.qr import picture
from portal_module_flask.views.second_step import told
from portal_module_flask.visits import Visit, signed_in

_HERE = "/me/sign-in"
_NOTHING = identity.Nothing()
_ONCE_MORE = "Press “Add a passkey” once more, and allow scripts on this page: the browser has to ask for it."


def views() -> Blueprint:
    """Pages under /me/sign-in."""
    pages = blueprint("ways_in")

    @pages.get(_HERE)
    @signed_in
    async def show(visit: Visit) -> Any:
        return await _page(visit)

    @pages.post("/me/password")
    @signed_in
    async def change_password(visit: Visit) -> Any:
        asked = identity.ChangePassword(await field("old"), await field("new"), visit.person.session_id)
        try:
            await ask(visit, "identity", identity.CHANGE_PASSWORD, asked)
        except ServiceError as problem:
            return await _page(visit, problem)
        return await _page(visit, said="Your password is changed; all other sessions have ended.")

    _about_authenticator(pages)
    _about_passkeys(pages)
    return pages


def _about_authenticator(pages: Blueprint) -> None:
    @pages.post("/me/authenticator")
    @signed_in
    async def start(visit: Visit) -> Any:
        made = await ask(visit, "identity", identity.START_AUTHENTICATOR, _NOTHING)
        return await _authenticator(visit, made)

    @pages.post("/me/authenticator/confirm")
    @signed_in
    async def confirm(visit: Visit) -> Any:
        form = await request.form
        made = identity.NewAuthenticator(form.get("key", ""), form.get("uri", ""), form.get("state", ""))
        asked = identity.ConfirmAuthenticator(made.state, await field("code"), visit.person.session_id)
        try:
            codes = await ask(visit, "identity", identity.CONFIRM_AUTHENTICATOR, asked)
        except ServiceError as problem:
            return await _authenticator(visit, made, problem)
        return await page("recovery_codes", visit, codes=codes.codes, what="Your authenticator app is set up.")

    @pages.post("/me/authenticator/remove")
    @signed_in
    async def remove(visit: Visit) -> Any:
        await ask(visit, "identity", identity.REMOVE_AUTHENTICATOR, _NOTHING)
        return go(_HERE)

    @pages.post("/me/recovery-codes")
    @signed_in
    async def recovery_codes(visit: Visit) -> Any:
        codes = await ask(visit, "identity", identity.NEW_RECOVERY_CODES, _NOTHING)
        return await page("recovery_codes", visit, codes=codes.codes, what="The old codes are of no more use.")


def _about_passkeys(pages: Blueprint) -> None:
    @pages.post("/me/passkeys/question")
    @signed_in
    async def question(visit: Visit) -> Any:
        asked = identity.NewPasskey(await field("name"), browser())
        return told(await ask(visit, "identity", identity.NEW_PASSKEY, asked))

    @pages.post("/me/passkeys")
    @signed_in
    async def add(visit: Visit) -> Any:
        proof, name = passkey_in(await request.form), await field("name")
        try:
            if proof is None:
                # Whoever has to sign in again does it here; then the browser can be asked.
                await ask(visit, "identity", identity.NEW_PASSKEY, identity.NewPasskey(name, browser()))
                raise InvalidInput(_ONCE_MORE)
            asked = identity.AddPasskey(proof, visit.person.session_id, browser())
            codes = await ask(visit, "identity", identity.ADD_PASSKEY, asked)
        except ServiceError as problem:
            return await _page(visit, problem, name=name)
        if codes.codes:
            return await page("recovery_codes", visit, codes=codes.codes, what="Your passkey is added.")
        return go(_HERE)

    @pages.post("/me/passkeys/<passkey_id>/remove")
    @signed_in
    async def remove_passkey(visit: Visit, passkey_id: str) -> Any:
        await ask(visit, "identity", identity.REMOVE_PASSKEY, identity.PasskeyOf(passkey_id))
        return go(_HERE)


async def _authenticator(visit: Visit, made: identity.NewAuthenticator, problem: ServiceError | None = None) -> Any:
    status = problem.status if problem else 200
    return await page("authenticator", visit, status=status, made=made, qr=picture(made.uri), problem=problem)


async def _page(visit: Visit, problem: ServiceError | None = None, *, said: str = "", name: str = "") -> Any:
    factors, passkeys, person = await asyncio.gather(
        ask(visit, "identity", identity.FACTORS, _NOTHING),
        ask(visit, "identity", identity.PASSKEYS, _NOTHING),
        ask(visit, "identity", identity.ME, _NOTHING),
    )
    return await page(
        "ways_in", visit, status=problem.status if problem else 200, factors=factors, passkeys=passkeys.items,
        email=person.email, problem=problem, said=said, typed=name,
    )  # fmt: skip
