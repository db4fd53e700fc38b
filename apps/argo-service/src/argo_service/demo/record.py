"""Where the demo keeps its record, and by which key, witnesses and disclosure."""

from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from argo_adapters.file_lock import file_lock
from argo_core.backtest.tape import Tape
from argo_service.config.log import DELAYED, Log
from argo_service.config.trading import Trading
from argo_service.config.tree import Settings
from argo_service.demo.stage import log_of, on_paper
from argo_service.folder import make_folder_of
from argo_service.record_keys import forget_key, signer_of
from argo_service.sharing import spending_path
from argo_service.trading.opened import paper_file

FOLDER: Final = Path(".argo")
# A database in write-ahead mode is up to three files.
_PARTS = ("", "-wal", "-shm")


@frozen
class DemoRecord:
    """A tape's log; with a `witness` policy it is published by that, with `delayed_s` sealed.

    Its signals are traded on paper, unless `trading` is switched off.
    """

    tape: Tape
    witness: Path | None = None
    delayed_s: int = 0
    trading: bool = True

    @property
    def database(self) -> Path:
        return FOLDER / f"demo-{self.tape.name}.sqlite3"

    def settings(self, settings: Settings) -> Settings:
        """`settings` with this record for a log."""
        trading = on_paper(evolve(settings.trading, enabled=self.trading))
        return evolve(settings, database=self.database, log=self._log(settings), trading=trading)

    def forget(self) -> None:
        """Remove the log and its key. Blocks.

        Raises:
            InvalidSetting: another demo is writing to it.
        """
        make_folder_of(self.database)
        beside = self.database.with_name
        # Another demo may be writing to it; then its lock is held, and this says so.
        with file_lock(beside(self.database.name + ".lock")):
            journal = Trading().journal_of(self.database)
            kept = (self.database, spending_path(self.database), journal, paper_file(journal))
            for name in (path.name for path in kept):
                for part in _PARTS:
                    beside(name + part).unlink(missing_ok=True)
            # Another history under the same key would be a fork, and this is to be another log.
            forget_key(self.database)

    def key(self, settings: Settings) -> str:
        """The log's verifier key, made where there is none. Blocks.

        Raises:
            InvalidSetting: the key's file cannot be used, or is gone while its log is there.
        """
        make_folder_of(self.database)
        return str(signer_of(self.settings(settings)).key)

    def _log(self, settings: Settings) -> Log:
        log = evolve(log_of(self.tape, settings), witness_policy=self.witness)
        if not self.delayed_s:
            return log
        return evolve(log, disclosure=DELAYED, reveal_after_s=self.delayed_s)
