"""The ledger of trials in a file, if there is to be one."""

from pathlib import Path

from argo_adapters.trials.sqlite_trials import SqliteTrials
from argo_core.backtest.research.trial import TrialLedger


def ledger_in(path: Path | None) -> TrialLedger | None:
    """The ledger in that file, made when it is first written to; None for nowhere."""
    return None if path is None else SqliteTrials(path)
