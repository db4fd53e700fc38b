"""Hypothesis drives the journal on SQLite and the fake side by side, through trouble as well."""

import sqlite3
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis.stateful import rule

from argo_adapters.sqlite.trading_journal import SqliteTradingJournal
from argo_core.ports import TradingJournal
from argo_core.testing.fact_strategies import facts
from argo_core.testing.journal_machine import JournalMachine
from argo_core.trading.fact import Fact


class SqliteMachine(JournalMachine):
    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._path = Path(self._folder.name) / "trading.db"

    def opened(self) -> AbstractAsyncContextManager[TradingJournal]:
        return SqliteTradingJournal.open(self._path, account="paper", busy_s=0)

    @rule(one=facts())
    def append_while_somebody_holds_the_file(self, one: Fact) -> None:
        self._fake.fail_before = True
        with closing(sqlite3.connect(self._path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self.append([one])

    def teardown(self) -> None:
        super().teardown()
        self._folder.cleanup()


TestSqliteMachine = SqliteMachine.TestCase
EXAMPLES = (settings.default or settings()).max_examples // 10
TestSqliteMachine.settings = settings(max_examples=max(8, EXAMPLES), stateful_step_count=20)
