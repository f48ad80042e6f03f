"""Puts the forms together: what the router asks for, their pages, and forgetting them."""

from __future__ import annotations

from flask_core.app_factory import Service
from portal_module_flask.config import Config
from portal_module_flask.filling import Forms, form_endpoints
from portal_module_flask.form_repository import FormRepository
from portal_module_flask.views import forms


def offer_forms(service: Service, config: Config) -> None:
    """Let the portal show forms for one member."""
    waiting = Forms(
        FormRepository(service.database),
        service.services,
        config.service_key,
        public_url=config.public_url,
        own_url=f"http://localhost:{config.port}",
    )
    service.offers(form_endpoints(waiting))
    service.app.register_blueprint(forms.views(waiting))
    service.in_background("old forms", waiting.forget_old)
