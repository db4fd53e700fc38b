from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from argo_adapters.sqlite.log import SqliteLog
from argo_core.testing.entries import LOG
from argo_core.testing.fake_signer import FakeSigner
from argo_core.testing.log_contract import LogContract


class TestSqliteLog(LogContract):
    @pytest.fixture
    async def log(self, tmp_path: Path) -> AsyncIterator[SqliteLog]:
        async with SqliteLog.open(tmp_path / "signals.db", FakeSigner(LOG)) as opened:
            yield opened
