"""Hypothesis drives the SQLite log and the fake side by side."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings

from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.verify import Trust, verify
from argo_core.testing.entries import LOG
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.indexed_log import IndexedLog
from argo_core.testing.log_machine import POLICY, LogMachine


class SqliteMachine(LogMachine):
    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._path = Path(self._folder.name) / "signals.db"

    def opened(self) -> AbstractAsyncContextManager[IndexedLog]:
        return SqliteLog.open(self._path, FakeSigner(LOG))

    def teardown(self) -> None:
        super().teardown()
        assert verify(self._path, Trust(POLICY, fake_verify)).problems == ()
        self._folder.cleanup()


TestSqliteMachine = SqliteMachine.TestCase
EXAMPLES = (settings.default or settings()).max_examples // 10
TestSqliteMachine.settings = settings(max_examples=max(8, EXAMPLES), stateful_step_count=30)
