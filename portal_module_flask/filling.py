"""Forms for one member: made for the router, filled in once, handed back as what the member said."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts import forms
from flask_core.errors import Conflict, Gone, InvalidInput, NotFound, ServiceError, Unauthenticated
from flask_core.operations import Caller, Endpoints
from flask_core.service_client import ServiceClient
from portal_module_flask.form_repository import FormRepository, WaitingForm

_KEPT = timedelta(hours=1)
_SWEEP_SECONDS = 600
_ID, _TOKEN = 24, 43


class Forms:
    """Addresses are made of the router's key, so that asking twice shows one form."""

    def __init__(
        self,
        repository: FormRepository,
        client: ServiceClient,
        key: str,
        *,
        public_url: str,
        own_url: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._client = client
        self._key = key.encode()
        self._public_url = public_url
        self._own_url = own_url
        self._now = now

    async def make(self, asked: forms.MakeForm) -> forms.MadeForm:
        """Keep a form for 30 minutes. Raises InvalidInput for one that nobody could fill in."""
        names = [field.name for field in asked.form.fields]
        if not 1 <= len(names) <= forms.MOST_FIELDS or len(set(names)) < len(names):
            raise InvalidInput(f"A form has 1 to {forms.MOST_FIELDS} fields with names of their own.", field="fields")
        form_id, token = self._derived("id", asked.key)[:_ID], self._derived("token", asked.key)[:_TOKEN]
        now = self._now()
        until = await self._repository.make(
            form_id, _hashed(token), asked, now, now + timedelta(seconds=forms.LIFE_SECONDS)
        )
        base = self._public_url or (self._own_url if asked.channel.startswith("console:") else "")
        if not base:
            return forms.MadeForm(until)
        return forms.MadeForm(until, f"{base}/f/{token}", f"{base}/f/{form_id}" if asked.person_id else "")

    def _derived(self, what: str, key: str) -> str:
        return hmac.new(self._key, f"form {what} {key}".encode(), hashlib.sha256).hexdigest()

    async def opened(self, token: str, person_id: str) -> WaitingForm:
        """The form for who has its private address and is signed in as nobody else, or is the member and signed in.

        Raises NotFound, Unauthenticated when signing in would help, Gone when it is over.
        """
        form = await self._repository.find(token, _hashed(token))
        if form is None:
            raise NotFound("There is no such form.")
        if form.id == token and not person_id:
            raise Unauthenticated("Sign in first.")
        if person_id and (form.asked.person_id or form.id == token) and form.asked.person_id != person_id:
            raise NotFound("There is no such form.")
        if form.until <= self._now() and not form.done:
            raise Gone("This form waited for 30 minutes. Ask the bot for a new one.")
        return form

    async def submit(self, form: WaitingForm, values: dict[str, str]) -> None:
        """Hand the values to the router. Raises Conflict for a second time; what else is raised can be tried again."""
        if not await self._repository.claim(form.id, self._now()):
            raise Conflict("This form was sent already.")
        asked = form.asked
        submitted = forms.Submitted(asked.module, asked.form.submit_to, values)
        try:
            await self._client.call(
                "router", forms.FILLED_IN, forms.FilledIn(form.id, asked.channel, asked.account, submitted)
            )
        except ServiceError:
            await self._repository.end(form.id, self._now(), arrived=False)
            raise
        await self._repository.end(form.id, self._now(), arrived=True)

    async def forget_old(self) -> None:
        """For ever: forget forms an hour after their end."""
        while True:
            await self._repository.forget(self._now() - _KEPT)
            await asyncio.sleep(_SWEEP_SECONDS)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def form_endpoints(waiting: Forms) -> Endpoints:
    """What the router asks for."""
    api = Endpoints()

    @api.offers(forms.MAKE)
    async def make(asked: forms.MakeForm, _: Caller) -> forms.MadeForm:
        return await waiting.make(asked)

    return api
