"""Bringing entries from elsewhere, tried before anything is kept, and taking them along."""

from __future__ import annotations

from collections import Counter
from typing import Any

from quart import Blueprint, Response, request

from flask_core.contracts import memories
from flask_core.datamodels import Role
from flask_core.errors import ServiceError
from portal_module_flask.pages import ask, blueprint, community_of, page
from portal_module_flask.uploads import uploaded
from portal_module_flask.visits import Visit, members

FORMS = {"json": "our own export (JSON)", "csv": "a table (CSV)", "streamelements": "quotes from StreamElements"}
_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
_MOST_SHOWN = 200
_LONG = 60.0


def views() -> Blueprint:
    """/c/<community>/memories/import and …/export."""
    pages = blueprint("memory_import")

    @pages.get("/c/<int:community_id>/memories/import")
    @members(Role.ADMIN)
    async def show(visit: Visit) -> Any:
        return await _import_page(visit)

    @pages.post("/c/<int:community_id>/memories/import")
    @members(Role.ADMIN)
    async def bring(visit: Visit) -> Any:
        form = await request.form
        text, tried = form.get("text", ""), "keep" not in form
        try:
            text = await uploaded("file") or text
            asked = memories.ImportEntries(community_of(visit), text, form.get("format", "json"), tried)
            report = await ask(visit, "memories", memories.IMPORT, asked, seconds=_LONG)
        except ServiceError as problem:
            return await _import_page(visit, problem, text=text, form=form.get("format", ""))
        return await _import_page(visit, text=text if tried else "", form=asked.format, report=report, tried=tried)

    @pages.get("/c/<int:community_id>/memories/export")
    @members(Role.ADMIN)
    async def take_along(visit: Visit) -> Any:
        form = request.args.get("format", "json")
        asked = memories.ExportEntries(community_of(visit), form)  # type: ignore[arg-type]
        found = await ask(visit, "memories", memories.EXPORT, asked, seconds=_LONG)
        name = f"memories-{community_of(visit)}.{form}"
        return Response(
            found.text, content_type=_TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )

    return pages


async def _import_page(
    visit: Visit,
    problem: ServiceError | None = None,
    *,
    text: str = "",
    form: str = "json",
    report: memories.ImportReport | None = None,
    tried: bool = False,
) -> Any:
    """The form with what was brought; of a long report what went wrong comes first and the rest is counted."""
    rows = sorted(report.rows, key=lambda row: row.outcome in {"new", "same"}) if report else []
    return await page(
        "memory_import", visit, status=problem.status if problem else 200, forms=FORMS, text=text, form=form,
        report=report, tried=tried, rows=rows[:_MOST_SHOWN], more=max(0, len(rows) - _MOST_SHOWN),
        counts=Counter(row.outcome for row in rows), problem=problem,
    )  # fmt: skip
