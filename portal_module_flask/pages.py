"""What all pages share: rendering, headers, errors in words, and going on after a form."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, Quart, Response, redirect, render_template, request
from werkzeug.exceptions import HTTPException

from flask_core.api_utils import asked_address, error_response, unexpected
from flask_core.contracts import identity
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, ServiceError
from flask_core.service_client import DEFAULT_TIMEOUT
from portal_module_flask.again import ask_again
from portal_module_flask.platforms import platforms
from portal_module_flask.visits import Visit, door, known_visit

_DIGITS, _LAST_PAGE = 15, 100_000
_READING = 3.0
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src {overlay}; form-action 'self' {sign_in}; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


async def page(name: str, visit: Visit | None = None, *, status: int = 200, **values: Any) -> Response:
    """A rendered page, for `visit` when somebody is signed in."""
    text = await render_template(
        f"{name}.html", visit=visit, here=request.path, form_token=door().form_token(), Role=Role, **values
    )
    return Response(text, status, content_type="text/html; charset=utf-8")


async def ask(visit: Visit, module: str, operation: Any, asked: Any, *, seconds: float = 0) -> Any:
    """What a module answers to the person on the page; it decides what they may and what is understood.

    `seconds` is for what takes long; else reading may take three, and everything else five.
    """
    seconds = seconds or (_READING if operation.method == "GET" else DEFAULT_TIMEOUT)
    return await door().client.call(module, operation, asked, acting=visit.acting, timeout=seconds)


def community_of(visit: Visit) -> int:
    """The community whose page it is."""
    assert visit.community is not None
    return visit.community.id


def go(path: str) -> Any:
    """On to another page after a form, so that reloading does nothing twice."""
    return redirect(path, 303)


def secure(app: Quart, overlay_url: str, sign_in_hosts: str) -> None:
    """Headers of every page; forms lead nowhere but to us and to the hosts where people sign in."""
    policy = _CSP.format(overlay=overlay_url, sign_in=sign_in_hosts)

    @app.after_request
    async def add_headers(response: Response) -> Response:
        door().keep_cookies(response)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        if request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "public, max-age=3600"
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def speak_html(app: Quart) -> None:
    """People get errors as pages, programs under /api as JSON."""

    ask_again(app, _again, _told)

    @app.errorhandler(ServiceError)
    async def refused(error: ServiceError) -> Response:
        return await _told(error)

    @app.errorhandler(HTTPException)
    async def http_refused(error: HTTPException) -> Response:
        refusal = ServiceError("There is no such page." if error.code == 404 else error.description or "That failed.")
        refusal.status, refusal.code = error.code or 500, "not_found" if error.code == 404 else "invalid"
        return await _told(refusal)

    @app.errorhandler(Exception)
    async def failed(error: Exception) -> Response:
        return await _told(unexpected(error, asked_address()))


async def _again(**values: Any) -> Response:
    """The form behind a sign-in; who looks is known by then."""
    visit = known_visit()
    assert visit is not None
    factors = await ask(visit, "identity", identity.FACTORS, identity.Nothing())
    offered = () if factors.password else await platforms()
    return await page("again", visit, factors=factors, platforms=offered, **values)


async def _told(error: ServiceError) -> Response:
    if request.path.startswith("/api/"):
        return error_response(error)
    if request.headers.get("X-Requested-With") == "fetch":
        return error_response(error)
    return await page("error", known_visit(), status=error.status, error=error, again=request.method == "GET")


def blueprint(name: str) -> Blueprint:
    """A blueprint of pages."""
    return Blueprint(name, __name__)


async def field(name: str) -> str:
    """A field of the form that was sent."""
    return str((await request.form).get(name, "")).strip()


def whole(text: str) -> int:
    """A number that a form or an address carries; raises InvalidInput for what nobody could have been given."""
    if not text.isascii() or not text.isdecimal() or len(text) > _DIGITS:
        raise InvalidInput("This form cannot be read. Load the page again.")
    return int(text)


def asked_page() -> int:
    """The page of a list that the address asks for; the first for anything else."""
    return min(max(1, request.args.get("page", 1, type=int)), _LAST_PAGE)
