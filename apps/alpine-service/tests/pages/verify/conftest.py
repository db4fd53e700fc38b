"""A cosigned log, and the site on which one of its signals is verified."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer, make_signer
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.pages.rendering import Renderer, renderer
from alpine_service.pages.static_files import read_static
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.pages.proving_site import ProvingSite
from alpine_service.testing.pages.reading import Readers, readers_of
from alpine_service.testing.small_log import SmallLog

INDEX = 5


@pytest.fixture(scope="session")
def pages() -> Renderer:
    """Templates and static files, read before there is a loop that they could block."""
    return renderer(read_static())


@pytest.fixture(scope="session")
def cosigners() -> tuple[Ed25519Signer, ...]:
    return tuple(
        make_signer(f"witness.example/{name}", bytes([number]) * 32, Algorithm.COSIGNATURE)
        for number, name in enumerate(("one", "two"), start=2)
    )


@pytest_asyncio.fixture(loop_scope="session")
async def log(cosigners: tuple[Ed25519Signer, ...]) -> SmallLog:
    """Thirteen entries: a strategy and its signals."""
    log = SmallLog(cosigners=cosigners)
    names = [f"alpha-{number}" for number in range(12)]
    await log.append(strategy_members(), *(signal_members(each) for each in names))
    return log


@pytest_asyncio.fixture(loop_scope="session")
async def site(pages: Renderer, log: SmallLog) -> AsyncIterator[ProvingSite]:
    """An honest one, until a test makes it lie."""
    async with ProvingSite.of(pages, log, INDEX).served() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def readers(browser: Browser, site: ProvingSite) -> AsyncIterator[Readers]:
    async with readers_of(browser, site.url) as readers:
        yield readers


@pytest_asyncio.fixture(loop_scope="session")
async def page(readers: Readers) -> Page:
    """A page under the strict policy, from which the modules can be imported."""
    return await (await readers.open()).go("/")
