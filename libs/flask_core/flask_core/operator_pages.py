"""What every module shows to operators: health, readiness, numbers, and what it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST
from quart import Response

from flask_core import __version__, openapi
from flask_core.operations import encoder

if TYPE_CHECKING:
    from flask_core.app_factory import Service


def add_operator_pages(service: Service) -> None:
    """Serve `/health`, `/ready`, `/metrics`, `/openapi.json` and `/docs`."""
    app = service.app

    @app.after_request
    async def no_guessing(response: Response) -> Response:
        """Nothing that somebody typed becomes a page because a browser thinks that it looks like one."""
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok", "module": service.info.name, "version": __version__}

    @app.get("/ready")
    async def ready() -> tuple[dict[str, Any], int]:
        missing = await service.missing()
        return {"ready": not missing, "missing": missing}, 503 if missing else 200

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(service.metrics.page(), content_type=CONTENT_TYPE_LATEST)

    @app.get("/openapi.json")
    async def description() -> Response:
        described = openapi.describe(service.info.name, __version__, service.endpoints)
        return Response(encoder.encode(described), content_type="application/json")

    @app.get("/docs")
    async def docs() -> Response:
        page = openapi.page(service.info.name, __version__, service.endpoints)
        headers = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
        return Response(page, content_type="text/html; charset=utf-8", headers=headers)
