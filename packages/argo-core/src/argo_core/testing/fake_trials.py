"""A ledger of trials in memory that keeps every promise of `TrialLedger`."""

from collections.abc import Sequence

from argo_core.backtest.research.ground import Ground
from argo_core.backtest.research.trial import Trial, counted
from argo_core.backtest.statistics.trials import Trials
from argo_core.errors import TrialError


class FakeTrials:
    """Set `away`, and every call fails with nothing written. `kept` is what it holds, in order."""

    def __init__(self) -> None:
        self.kept: list[Trial] = []
        self.away = False

    def add(self, trials: Sequence[Trial]) -> int:
        self._refuse()
        known = {(one.request_sha256, one.result_sha256) for one in self.kept}
        before = len(self.kept)
        for one in trials:
            if (key := (one.request_sha256, one.result_sha256)) not in known:
                known.add(key)
                self.kept.append(one)
        return len(self.kept) - before

    def newest(self, limit: int = 100, data_sha256: str | None = None) -> tuple[Trial, ...]:
        self._refuse()
        found = [one for one in self.kept if data_sha256 in (None, one.data_sha256)]
        return tuple(found[::-1][: max(0, limit)])

    def tried(self, ground: Ground) -> Trials | None:
        self._refuse()
        newest = {t.request_sha256: t.sharpe for t in self.kept if t.ground.meets(ground)}
        return counted(list(newest.values()))

    def _refuse(self) -> None:
        if self.away:
            raise TrialError("it was told to be away")
