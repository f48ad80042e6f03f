"""Puts notices together: what modules tell, what the pages show, and forgetting it."""

from __future__ import annotations

from flask_core.app_factory import Service
from portal_module_flask.config import Config
from portal_module_flask.notice_repository import NoticeRepository
from portal_module_flask.notices import Notices, notice_endpoints
from portal_module_flask.views import notices as pages


def offer_notices(service: Service, config: Config) -> None:
    """Let modules tell people that they are needed."""
    repository = NoticeRepository(service.database)
    told = Notices(repository, service.services, public_url=config.public_url)
    service.app.extensions["notices"] = repository
    service.offers(notice_endpoints(told))
    service.app.register_blueprint(pages.views())
    service.in_background("old notices", told.forget_old)
