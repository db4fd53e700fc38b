"""What tests of pages in a browser share; README.md beside this file says how to use it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from alpine_service.testing.pages.chromium import chromium, find_chromium
from alpine_service.testing.pages.looks import Looks

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks through the browser shares its loop, which is the session's."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
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


@pytest.fixture(scope="session")
def looks() -> Looks:
    """Where pictures go, and what they are compared with."""
    folder = os.environ.get("ALPINE_SCREENSHOTS") or HERE.parents[1] / "screenshots"
    return Looks(Path(folder), HERE / "looks", os.environ.get("ALPINE_LOOKS") == "write")
