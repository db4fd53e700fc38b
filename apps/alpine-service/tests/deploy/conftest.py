"""Two colours behind a real HAProxy."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from alpine_service.testing.painted import Painted, painted_site
from alpine_service.testing.whole.proxy import find_haproxy

SHIPPED = Path(__file__).parents[2] / "deploy" / "haproxy.cfg"


@pytest.fixture
def program(running_in_ci: bool) -> str:
    """HAProxy; skips where there is none, and fails in CI."""
    program = find_haproxy()
    if program is None:
        assert not running_in_ci, "CI has no HAProxy"
        pytest.skip("needs HAProxy")
    return program


@pytest_asyncio.fixture
async def painted(tmp_path: Path, program: str) -> AsyncIterator[Painted]:
    async with painted_site(program, SHIPPED, tmp_path) as painted:
        yield painted
