"""A form that a command asked one member to fill in."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from quart import Blueprint, redirect, request

from flask_core.errors import ServiceError, Unauthenticated
from flask_core.form_values import values_from
from portal_module_flask.filling import Forms
from portal_module_flask.form_repository import WaitingForm
from portal_module_flask.pages import blueprint, go, page
from portal_module_flask.visits import door, open_page


def views(forms: Forms) -> Blueprint:
    """Pages under /f/<token>: the address is what lets in, or the member's own sign-in."""
    pages = blueprint("forms")

    @pages.get("/f/<token>")
    @open_page
    async def show(token: str) -> Any:
        try:
            form = await _opened(forms, token)
        except Unauthenticated:
            return redirect(f"/auth/sign-in?next={quote(f'/f/{token}', safe='')}")
        return await _page(form, token)

    @pages.post("/f/<token>")
    @open_page
    async def send(token: str) -> Any:
        form, typed = await _opened(forms, token), await request.form
        try:
            await forms.submit(form, values_from(form.asked.form, typed))
        except ServiceError as problem:
            return await _page(form, token, typed, problem)
        return go(f"/f/{token}")

    return pages


async def _opened(forms: Forms, token: str) -> WaitingForm:
    person = await door().visitor()
    return await forms.opened(token, person.person_id if person else "")


async def _page(form: WaitingForm, token: str, typed: Any = None, problem: ServiceError | None = None) -> Any:
    chosen = {field.name: typed.getlist(field.name) if typed else [] for field in form.asked.form.fields}
    return await page(
        "form", status=problem.status if problem else 200, form=form.asked.form, community=form.asked.community_name,
        member=form.asked.account.name, until=form.until, done=form.done, token=token, chosen=chosen, problem=problem,
        wrong=problem.details.get("field", "") if problem else "",
    )  # fmt: skip
