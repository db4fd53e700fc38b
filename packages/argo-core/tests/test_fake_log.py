import pytest

from argo_core.errors import LogUnavailable
from argo_core.ledger.record import SignalQuery
from argo_core.testing.entries import signal_batch
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.log_contract import LogContract


class TestFakeLog(LogContract):
    @pytest.fixture
    def log(self) -> FakeLog:
        return FakeLog()

    async def test_it_fails_while_told_to_and_keeps_what_it_had(self, log: FakeLog) -> None:
        head = await log.append(signal_batch(0, range(2)))
        log.failing = LogUnavailable("locked")
        for call in (
            log.head(),
            log.append(signal_batch(2, range(2, 3))),
            log.entries(0, 1),
            log.capsule("0" * 64),
            log.find(SignalQuery()),
            log.latest(),
        ):
            with pytest.raises(LogUnavailable):
                await call
        log.failing = None
        assert await log.head() == head
