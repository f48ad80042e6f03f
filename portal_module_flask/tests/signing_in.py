"""Time that passes for a sign-in, an authenticator app, and fields that a page carries out of sight."""

from __future__ import annotations

import asyncio
import html
import re
import time
from dataclasses import dataclass
from datetime import timedelta

from passlib.totp import TOTP

from flask_core.auth import utc_now
from flask_core.contracts import identity
from portal_module_flask.tests.house import House, Visitor

_KEPT = re.compile(r'<textarea hidden name="([^"]+)"[^>]*>\r?\n(.*?)</textarea>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"')
_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')


async def sixteen_minutes_later(house: House) -> None:
    """Every sign-in of the house is that old."""
    service, began = house.inst.services["identity"], utc_now() - timedelta(minutes=16)
    await service.database.write(lambda tx: tx.run("UPDATE sessions SET signed_in_at = ?", began))
    asked = identity.SessionSecret(house.cookie())
    async with asyncio.timeout(5):
        while True:
            await service.shared.publish(identity.TOPIC_SESSION_ENDED, b"")
            await asyncio.sleep(0)
            known = await house.inst.client("portal").call("identity", identity.VERIFY_SESSION, asked)
            if known.signed_in_at < utc_now() - timedelta(minutes=15):
                return


def kept_in(page: str) -> dict[str, str]:
    """The fields that a page carries on for the form behind it."""
    return {name: html.unescape(value) for name, value in _KEPT.findall(page)}


def hidden_in(page: str) -> dict[str, str]:
    """What a page's forms send without anybody seeing it, the token aside."""
    return {name: html.unescape(value) for name, value in _HIDDEN.findall(page) if name != "form_token"}


async def send_back(visitor: Visitor, path: str, page: str, status: int = 303, **typed: str) -> str:
    """Send what a page carries and what was typed on it; where it leads, or what it says."""
    token = _TOKEN.search(page)
    assert token is not None
    form = {**hidden_in(page), **kept_in(page), **typed, "form_token": token[1]}
    response = await visitor.web.post(path, form=form)
    assert response.status_code == status, await response.get_data()
    return str(response.headers.get("Location") or (await response.get_data()).decode())


@dataclass
class App:
    """An authenticator app; every code that it tells is a later one."""

    key: str
    steps: int = -1

    @classmethod
    def of(cls, page: str) -> App:
        """Set up by typing the key that a page shows."""
        return cls(hidden_in(page)["key"])

    def code(self) -> str:
        self.steps += 1
        return str(TOTP(key=self.key).generate(time.time() + 30 * (self.steps - 1)).token)


async def set_up_app(house: House) -> tuple[App, list[str]]:
    """Ann's authenticator app, and her recovery codes."""
    page = await house.send("/me/authenticator", 200, on="/me/sign-in")
    app = App.of(page)
    shown = await send_back(house, "/me/authenticator/confirm", page, 200, code=app.code())
    return app, re.findall("<li><code>([^<]+)</code></li>", shown)
