"""What the app does for imports: answers, works through them, and forgets them in time."""

from __future__ import annotations

from alias_interaction_module_flask.config import Config
from alias_interaction_module_flask.entries import Entries
from alias_interaction_module_flask.imports.connecting import NightbotClient
from alias_interaction_module_flask.imports.import_endpoints import import_endpoints
from alias_interaction_module_flask.imports.import_wiring import ImportParts, Outside, wire_imports
from alias_interaction_module_flask.imports.sweeping import sweeping
from alias_interaction_module_flask.shadow.shadow_endpoints import ShadowDesk, shadow_endpoints
from alias_interaction_module_flask.shadow.shadow_repository import ShadowRepository
from alias_interaction_module_flask.shadow.watching import Watching
from flask_core.app_factory import Service
from flask_core.auth import utc_now
from flask_core.http_client import HttpClient

_MOST_BYTES = 16 * 1024 * 1024
# A file of 2 MiB is larger when it travels as a text in JSON.
_MOST_POSTED = 6 * 1024 * 1024


def serve_imports(service: Service, config: Config, entries: Entries) -> ImportParts:
    """Add the importer to the app."""
    service.app.config["MAX_CONTENT_LENGTH"] = _MOST_POSTED
    http = HttpClient(service.shared, most_bytes=_MOST_BYTES)
    own, back = config.imports, f"{config.public_url}/connect/nightbot/callback" if config.public_url else ""
    client = NightbotClient(own.nightbot_client_id, own.nightbot_client_secret, back)
    urls = {"nightbot": own.nightbot_url, "streamelements": own.streamelements_url}
    parts = wire_imports(
        service.database,
        service.sealer,
        service.services,
        entries,
        Outside(http, urls, client, own.pause),
        now=utc_now,
    )
    service.offers(import_endpoints(parts.importing))
    service.in_background("imports", parts.working.loop(service.manifest.instance).run)
    service.in_background("old imports", sweeping(parts.working.imports.forget_old))
    service.at_the_end(http.close)
    _compares(service, entries, parts)
    return parts


def _compares(service: Service, entries: Entries, parts: ImportParts) -> None:
    """Shadow mode."""
    watching = Watching(
        ShadowRepository(service.database), parts.working.imports, parts.working.rows, entries.texts,
        service.services, utc_now,
    )  # fmt: skip
    service.offers(shadow_endpoints(ShadowDesk(watching)))
    service.in_background("shadow", watching.loop(service.manifest.instance).run)
    service.in_background("old comparisons", sweeping(watching.shadows.forget_old))
