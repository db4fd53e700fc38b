"""Whatever state the paper broker gets into, its file gives back exactly that."""

from pathlib import Path
from tempfile import TemporaryDirectory

from argo_adapters.brokers.paper_file import PaperFile
from argo_core.testing.broker_machine import BrokerMachine
from argo_core.trading.paper.house import PaperHouse
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.paper.state import PaperState


class PaperFileMachine(BrokerMachine):
    """Each time it begins anew, it does so from a file."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._file = PaperFile(Path(self._folder.name) / "paper.db", busy_s=1.0)

    def opened(self, settings: PaperSettings, state: PaperState) -> PaperHouse:
        self._file._db.execute("DELETE FROM paper")
        assert self._file.read() is None
        self._file.write(state)
        read = self._file.read()
        assert read == state
        assert list(read.orders) == list(state.orders)
        return super().opened(settings, read)

    def teardown(self) -> None:
        self._file.close()
        self._folder.cleanup()


TestPaperFileMachine = PaperFileMachine.TestCase
