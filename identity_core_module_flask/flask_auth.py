"""Flask-Security in a small Flask app, asked in process by a bounded pool of threads."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from flask_security import Security, hash_password, verify_password
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_core.errors import Unavailable
from identity_core_module_flask.user_datastore import PersonDatastore

# Argon2 takes a fifth of a second on purpose: more threads would let wrong passwords starve everything else.
THREADS = 2
MOST_WAITING = 20
_LEAVE_SECONDS = 10.0


class FlaskAuth:
    """Decides about passwords; nothing of it is reachable from outside this process."""

    def __init__(self, datastore: PersonDatastore, secret: str) -> None:
        self._datastore = datastore
        self._app = _make_app(datastore, secret)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="flask-security")
        self._waiting = 0

    async def sign_in(self, email: str, password: str) -> str | None:
        """The person id, or None: for an unknown address as for a wrong password, in like time."""
        return await self._in_pool(lambda: self._log_in(email, password))

    def _log_in(self, email: str, password: str) -> str | None:
        body = json.dumps({"email": email, "password": password})
        environ = EnvironBuilder("/auth/login", method="POST", data=body, content_type="application/json").get_environ()
        environ["HTTP_ACCEPT"] = "application/json"
        answer, status, _ = run_wsgi_app(self._app, environ, buffered=True)
        for _ in answer:
            # The body is Flask-Security's; who it is, we ask the datastore.
            pass
        if not status.startswith("200"):
            return None
        user = self._datastore.find_user(email=email)
        return user.person_id if user is not None else None

    async def hashed(self, password: str) -> str:
        """What is kept of a password."""
        return await self._in_pool(lambda: self._with_app(lambda: str(hash_password(password))))

    async def matches(self, password: str, person_id: str) -> bool:
        """Whether this is the person's password."""

        def check() -> bool:
            user = self._datastore.find_user(person_id=person_id)
            return user is not None and bool(verify_password(password, user.password or ""))

        return await self._in_pool(lambda: self._with_app(check))

    def _with_app[R](self, work: Callable[[], R]) -> R:
        with self._app.app_context():
            return work()

    async def _in_pool[R](self, work: Callable[[], R]) -> R:
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Too many people are signing in. Try again shortly.", retry_after=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """End the threads and their connections."""
        everybody = threading.Barrier(THREADS)

        def leave() -> None:
            # A thread that waits here cannot take the other's turn, so each ends its own connection.
            everybody.wait(_LEAVE_SECONDS)
            self._datastore.close_here()

        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(self._pool, leave) for _ in range(THREADS)))
        self._pool.shutdown(wait=False)


def _make_app(datastore: PersonDatastore, secret: str) -> Flask:
    app = Flask("identity_flask_security", static_folder=None)
    settings: dict[str, Any] = {
        "SECRET_KEY": _derived(secret, "session"),
        "SECURITY_PASSWORD_SALT": _derived(secret, "password salt"),
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_URL_PREFIX": "/auth",
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_SEND_REGISTER_EMAIL": False,
        # Nobody but this process reaches the app, so there is no foreign site to guard against.
        "WTF_CSRF_ENABLED": False,
    }
    app.config.update(settings)
    app.security = Security(app, datastore)
    return app


def _derived(secret: str, purpose: str) -> str:
    """A key of its own for each purpose, out of the installation's."""
    return hmac.new(secret.encode(), f"identity {purpose}".encode(), hashlib.sha256).hexdigest()
