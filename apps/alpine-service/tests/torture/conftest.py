"""How often processes are killed, and what they know of the machine."""

import os
from collections.abc import Mapping

import pytest


@pytest.fixture(scope="session")
def kills() -> int:
    """A few in the plain run, many in the session `torture`."""
    return int(os.environ.get("ALPINE_TORTURE_KILLS", "10"))


@pytest.fixture(scope="session")
def surroundings() -> Mapping[str, str]:
    """Our own environment without Alpine's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ALPINE_")}
