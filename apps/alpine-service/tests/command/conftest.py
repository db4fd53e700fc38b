"""The operator of a database, and a log whose signals are in it."""

from pathlib import Path

import pytest

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer, make_signer
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.testing.operating import Operator
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.small_log import SmallLog


@pytest.fixture
def witness() -> Ed25519Signer:
    return make_signer("witness.example", b"\x07" * 32, Algorithm.COSIGNATURE)


@pytest.fixture
def log(witness: Ed25519Signer) -> SmallLog:
    """A log that a witness cosigns; it is served once it is entered."""
    return SmallLog(cosigners=[witness])


@pytest.fixture
def alpine(database: TestDatabase, log: SmallLog, tmp_path: Path) -> Operator:
    return Operator(
        {
            "ALPINE_DATABASE_URL": database.urls.app,
            "ALPINE_OWNER_DATABASE_URL": database.urls.owner,
            "ALPINE_FOLDER": str(tmp_path / "alpine"),
            "ALPINE_LOG_KEY": str(log.key),
            "ALPINE_PORT": "0",
            "ALPINE_INTERNAL_PORT": "0",
        }
    )
