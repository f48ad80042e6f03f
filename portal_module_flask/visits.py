"""Who is looking: the cookie, the forms' tokens, and the guard that every page declares."""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from quart import Response, current_app, g, redirect, request

from flask_core.contracts import community, identity
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, Gone, InvalidInput, NotFound, Unauthenticated
from flask_core.operations import Acting
from flask_core.service_client import ServiceClient
from portal_module_flask.again import Modules, renewed

_PLAIN, _SECURE = "waddlebot", "__Host-waddlebot"
_FORM = "waddlebot_form"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

type View = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person on a page; `role` counts in the community of the page."""

    person: identity.SessionPerson
    secret: str
    community: community.Community | None = None
    role: Role = Role.VIEWER

    @property
    def acting(self) -> Acting:
        """For whom the portal calls modules; they check the role again."""
        return Acting(
            self.person.person_id,
            self.person.signed_in_at,
            self.community.id if self.community else None,
            self.role,
            self.person.operator,
            self.person.name,
        )


class Door:
    """Reads and sets the cookie, makes and checks form tokens."""

    def __init__(self, client: ServiceClient, key: str, *, secure: bool) -> None:
        self.client = Modules(client)
        self._key = key.encode()
        self.secure = secure
        self.cookie = _SECURE if secure else _PLAIN

    async def visitor(self) -> identity.SessionPerson | None:
        """Who the cookie belongs to, or None."""
        secret = self.secret
        if not secret:
            return None
        try:
            return await self.client.call(
                "identity", identity.VERIFY_SESSION, identity.SessionSecret(secret), timeout=3
            )
        except Unauthenticated:
            return None

    def let_in(self, response: Response, session: identity.NewSession) -> Response:
        """Set the cookie of a new session."""
        response.set_cookie(
            self.cookie, session.secret, max_age=session.max_age, secure=self.secure, httponly=True, samesite="Lax",
            path="/",
        )  # fmt: skip
        return response

    def let_out(self, response: Response) -> Response:
        """Take the cookie away."""
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="Lax")
        return response

    def form_token(self) -> str:
        """What every form carries: bound to the session, or to a cookie of its own before sign-in."""
        return self._token_for(self.secret or self._form_cookie())

    @property
    def secret(self) -> str:
        """The session's, which is another than the browser sent when somebody has just signed in again."""
        renewed_now: identity.NewSession | None = g.get("new_session")
        return renewed_now.secret if renewed_now else request.cookies.get(self.cookie, "")

    def _form_cookie(self) -> str:
        if "form_cookie" not in g:
            g.form_cookie = request.cookies.get(_FORM) or secrets.token_urlsafe(16)
        return str(g.form_cookie)

    def _token_for(self, bound_to: str) -> str:
        return hmac.new(self._key, f"form {bound_to}".encode(), hashlib.sha256).hexdigest()

    async def check_form(self) -> None:
        """Raise Forbidden unless this request came from one of our own pages."""
        if request.method in _SAFE:
            return
        origin = request.headers.get("Origin")
        if origin and origin != "null" and urlsplit(origin).netloc != request.host:
            raise Forbidden("This form came from another site.")
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Forbidden("This form came from another site.")
        form = await request.form
        token = form.get("form_token") or request.headers.get("X-Form-Token") or ""
        if not hmac.compare_digest(token, self.form_token()):
            raise InvalidInput("This form is too old. Go back, load the page again, and send it once more.")

    def keep_cookies(self, response: Response) -> Response:
        """The session that goes on under a new secret; for a visitor without one, what the form token is bound to."""
        if "new_session" in g:
            self.let_in(response, g.new_session)
        if "form_cookie" in g:
            response.set_cookie(
                _FORM, g.form_cookie, max_age=3600, secure=self.secure, httponly=True, samesite="Lax", path="/"
            )
        return response


async def comes_in() -> Visit | None:
    """Who sends or looks, with a form that may be sent and, where it brings one along, a new sign-in; None: nobody."""
    here = door()
    await here.check_form()
    person = await here.visitor()
    if person is not None:
        remember(Visit(person, here.secret))
        if await renewed(here.client, here.secret):
            person = await here.visitor()
    return None if person is None else remember(Visit(person, here.secret))


async def looks() -> Visit | None:
    """Who looks at an open page; None: nobody known."""
    person = await door().visitor()
    return Visit(person, "") if person else None


def door() -> Door:
    """The door of this app."""
    found: Door = current_app.extensions["door"]
    return found


def open_page(view: View) -> View:
    """For everybody; forms are checked all the same."""

    @functools.wraps(view)
    async def guarded(**in_path: Any) -> Any:
        await door().check_form()
        return await view(**in_path)

    guarded.guard = "open"  # type: ignore[attr-defined]
    return guarded


def signed_in(view: View) -> View:
    """For people; others are shown the way to sign in and back."""

    @functools.wraps(view)
    async def guarded(**in_path: Any) -> Any:
        visit = await comes_in()
        return _to_sign_in() if visit is None else await view(visit, **in_path)

    guarded.guard = "signed in"  # type: ignore[attr-defined]
    return guarded


def operators(view: View) -> View:
    """For people with the installation-wide right."""

    @functools.wraps(view)
    async def guarded(**in_path: Any) -> Any:
        visit = await comes_in()
        if visit is None:
            return _to_sign_in()
        if not visit.person.operator:
            raise Forbidden("Only operators of this installation can see that.")
        return await view(visit, **in_path)

    guarded.guard = "operator"  # type: ignore[attr-defined]
    return guarded


def members(role: Role) -> Callable[[View], View]:
    """For members of the community in the path with at least `role`; to others it does not exist."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        async def guarded(community_id: int, **in_path: Any) -> Any:
            visit = await comes_in()
            if visit is None:
                return _to_sign_in()
            visit = remember(await _in_community(visit, community_id))
            if visit.role < role:
                raise Forbidden(f"Only {role.word}s can see that. You are {visit.role.word} here.")
            if request.method not in _SAFE and visit.community and visit.community.deleted_at:
                raise Gone("This community was deleted: it can be read and not changed.")
            return await view(visit, **in_path)

        guarded.guard = role.word  # type: ignore[attr-defined]
        return guarded

    return decorate


def known_visit() -> Visit | None:
    """Who is looking, as far as the guard came: an error's page keeps its menu."""
    found: Visit | None = g.get("visit")
    return found


def remember(visit: Visit) -> Visit:
    """The visit, known to the page of an error as well."""
    g.visit = visit
    return visit


async def _in_community(visit: Visit, community_id: int) -> Visit:
    client = door().client
    found = await client.call(
        "community", community.GET, community.CommunityId(community_id), acting=visit.acting, timeout=3
    )
    known = await client.call(
        "community", community.ROLE_OF, community.RoleOf(community_id, visit.person.person_id), timeout=3
    )
    if known.banned:
        raise NotFound("No such community.")
    return Visit(visit.person, visit.secret, found, max(known.assigned, known.portal))


def _to_sign_in() -> Any:
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(f"/auth/sign-in?next={quote(back, safe='')}")


def own_path(path: str | None) -> str:
    """A path of ours to go to; anything else leads home."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path or "\n" in path:
        return "/"
    return path
