"""The pages of the record over a real database, whose rows are stored by tests."""

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.pages.rendering import Renderer, renderer
from alpine_service.pages.static_files import read_static
from alpine_service.testing.pages.record_site import RecordSite, record_site
from alpine_service.testing.postgres import TestDatabase


@pytest.fixture(scope="session")
def made_with() -> Renderer:
    """All templates and files, read before anybody is served."""
    return renderer(read_static())


@pytest.fixture
async def record(
    aiohttp_client: AiohttpClient, database: TestDatabase, made_with: Renderer
) -> RecordSite:
    app, fakes = record_site(database, made_with)
    return RecordSite(await aiohttp_client(app), database, fakes)
