"""The promises of both ports, kept by PostgreSQL."""

import pytest

from argo_adapters.postgres.log import PostgresLog
from argo_core.testing.log_contract import LogContract


class TestPostgresLog(LogContract):
    """The fixture `log` is this folder's."""

    @pytest.fixture
    def log(self, log: PostgresLog) -> PostgresLog:
        return log
