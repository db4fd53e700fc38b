"""The site, and people who read it without scripts."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.testing.pages.page_house import PageHouse, PageReader, page_house
from alpine_service.testing.postgres import TestDatabase

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def house(database: TestDatabase) -> PageHouse:
    return page_house(database)


@pytest.fixture
async def client(house: PageHouse, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(house.app)


@pytest.fixture
def reader(client: Client) -> PageReader:
    return PageReader(client)


@pytest.fixture
def another(client: Client) -> PageReader:
    """The same person at another machine, or somebody else."""
    return PageReader(client, program="curl/8.0")
