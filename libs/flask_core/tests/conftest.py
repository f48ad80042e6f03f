"""A database with a guest book in it, on both kinds; and a module that serves notes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flask_core.app_factory import Service, create_service, module_info
from flask_core.config import Env, ServiceConfig
from flask_core.database import AsyncDAL
from flask_core.migrations import migrate_module
from flask_core.runtime import Runtime, embedding
from flask_core.shared_state import open_shared_state
from flask_core.testing.installation import FakeModule, environment
from flask_core.testing.plugin import MakeDatabase
from flask_core.testing.servers import free_port

from .notebook import notebook

GUESTBOOK = Path(__file__).parent / "guestbook"


@pytest.fixture
def database(make_database: MakeDatabase) -> AsyncDAL:
    return make_database(GUESTBOOK)


@pytest.fixture
def runtime() -> Runtime:
    return Runtime(open_shared_state(""))


@pytest.fixture
def make_service(tmp_path: Path, runtime: Runtime) -> Callable[..., Service]:
    """`make_service(**environment)`: the notebook as a module, migrated; it serves as soon as somebody starts it."""
    folder = tmp_path / "notebook_module_flask"
    folder.mkdir()
    (folder / "module.toml").write_text(
        'name = "notebook"\nport = 8099\nkind = "interaction"\ndescription = "Keeps notes."\n'
    )
    (folder / "schema").mkdir()

    def make(runtime: Runtime | None = runtime, **settings: str) -> Service:
        values = {**environment(f"sqlite://{tmp_path}/notebook.db"), "PORT": str(free_port()), **settings}
        info = module_info(str(folder / "app.py"))
        config = ServiceConfig(**ServiceConfig.common(Env("NOTEBOOK", values), port=info.port, data_name=info.name))
        migrate_module(info, config.database_url)
        with embedding(runtime or Runtime()):
            service = create_service(info, config)
        service.offers(notebook())
        return service

    return make


@pytest.fixture
def service(make_service: Callable[..., Service]) -> Service:
    return make_service()


@pytest.fixture
def fake(runtime: Runtime, service: Service) -> Callable[[str], FakeModule]:
    """`fake(name)`: a module beside the notebook that the test plays."""

    def make(name: str) -> FakeModule:
        module = FakeModule(name, runtime, service.services.transport)
        runtime.modules[name] = module
        return module

    return make
