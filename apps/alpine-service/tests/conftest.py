"""What Alpine's tests share."""

import os

import pytest

from alpine_service.testing.postgres import database, postgres_server

__all__ = ["database", "postgres_server", "running_in_ci"]


@pytest.fixture(scope="session")
def running_in_ci() -> bool:
    """Whether what cannot be had is a failure; elsewhere it is a skip that gives its reason."""
    return bool(os.environ.get("CI"))
