"""What tests of pages in a browser share; README.md beside this file says how to use it."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from attrs import frozen
from playwright.async_api import Browser

from alpine_service.ports.observing import Weight
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.pages.chromium import chromium, find_chromium
from alpine_service.testing.pages.looks import Looks
from alpine_service.testing.pages.playing import play
from alpine_service.testing.pages.reading import Hour, Readers, readers_of
from alpine_service.testing.pages.story import BEGINNING, NOW
from alpine_service.testing.pages.world import Past, World, new_world, past_of, world_after
from alpine_service.testing.postgres import TestServer, copy_of, open_folder

HERE = Path(__file__).parent
# What outlives a test, and lives in the session's loop.
_LASTING = {"browser", "past", "world", "own_world"}
_numbers = count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of what lasts shares its loop, which is the session's."""
    for item in items:
        # Other folders have fixtures of these names too, and this is asked about all tests.
        if HERE in item.path.parents and _LASTING & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def chromium_program(running_in_ci: bool) -> str:
    """Where Chromium is; skips where there is none, fails in CI."""
    program = find_chromium()
    if program is None:
        if running_in_ci:
            pytest.fail("there is no Chromium")
        pytest.skip("needs Chromium")
    return program


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium_program: str) -> AsyncIterator[Browser]:
    """One browser process for all tests."""
    async with chromium(chromium_program) as browser:
        yield browser


@frozen
class Stage:
    """A past, and the name of its database, from which worlds are begun."""

    past: Past
    server: TestServer
    template: str
    folder: Path

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        """A world that begins at `NOW` with that past; nothing may go badly wrong in it."""
        name = f"world-{next(_numbers)}"
        async with (
            copy_of(self.server, self.template) as copy,
            world_after(self.past, copy, self.folder / name, NOW) as world,
        ):
            yield world
        alerts = [each for each in world.heard.alarms if each.weight is Weight.ALERT]
        assert not alerts, alerts


@pytest.fixture(scope="session")
def stage_folder(postgres_server: TestServer) -> Iterator[Path]:
    """Where worlds keep their things."""
    with open_folder() as folder:
        yield folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def past(postgres_server: TestServer, stage_folder: Path) -> AsyncIterator[Stage]:
    """The story, told once."""
    chance = FakeChance("story")
    async with copy_of(postgres_server) as copy:
        async with new_world(copy, stage_folder / "past", BEGINNING, chance) as world:
            await play(world, chance)
        yield Stage(past_of(world), postgres_server, copy.name, stage_folder)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(past: Stage) -> AsyncIterator[World]:
    """One world for all tests, in which it is always `NOW`; nobody may change anything."""
    async with past.world() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def own_world(past: Stage) -> AsyncIterator[World]:
    """A world for one test, to publish in and to change; its clock goes on from `NOW`."""
    async with past.world() as world:
        world.clock.go_on()
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def readers(browser: Browser, world: World) -> AsyncIterator[Readers]:
    """Readers of `world`; the test fails for whatever goes wrong in their browsers."""
    async with readers_of(browser, world.url, Hour(NOW)) as readers:
        yield readers


@pytest_asyncio.fixture(loop_scope="session")
async def own_readers(browser: Browser, own_world: World) -> AsyncIterator[Readers]:
    """Readers of `own_world`."""
    async with readers_of(browser, own_world.url, Hour(NOW, stands=False)) as readers:
        yield readers


@pytest.fixture(scope="session")
def looks() -> Looks:
    """Where pictures go, and what they are compared with."""
    folder = os.environ.get("ALPINE_SCREENSHOTS") or HERE.parents[1] / "screenshots"
    return Looks(Path(folder), HERE / "looks", os.environ.get("ALPINE_LOOKS") == "write")
