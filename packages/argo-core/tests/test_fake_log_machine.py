"""The machine that other logs are driven with, driving the fake: it keeps its own promises."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from hypothesis import settings

from argo_core.testing.fake_log import FakeLog
from argo_core.testing.log_contract import IndexedLog
from argo_core.testing.log_machine import LogMachine


class FakeMachine(LogMachine):
    def __init__(self) -> None:
        super().__init__()
        self._kept = FakeLog()

    def opened(self) -> AbstractAsyncContextManager[IndexedLog]:
        @asynccontextmanager
        async def kept() -> AsyncIterator[IndexedLog]:
            yield self._kept

        return kept()


TestFakeMachine = FakeMachine.TestCase
EXAMPLES = (settings.default or settings()).max_examples // 10
TestFakeMachine.settings = settings(max_examples=max(8, EXAMPLES), stateful_step_count=30)
