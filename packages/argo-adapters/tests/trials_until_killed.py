"""Adds trials for ever, or so many, and prints how many were acknowledged after each call."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from argo_adapters.trials.sqlite_trials import SqliteTrials
from argo_core.backtest.research.ground import Ground
from argo_core.backtest.research.trial import Trial

NOON = datetime(2024, 11, 25, 17, tzinfo=UTC)
GROUND = Ground(["AAPL"], date(2024, 1, 2), date(2024, 11, 22))
BATCH = 3


def trial(who: str, number: int) -> Trial:
    return Trial(
        at=NOON,
        strategy=who,
        parameters={},
        ground=GROUND,
        data_sha256="d" * 64,
        request_sha256=f"{number:064x}",
        result_sha256=(who.encode().hex() + "0" * 64)[:64],
        n=1,
    )


def main(path: Path, who: str, calls: int) -> None:
    ledger = SqliteTrials(path)
    done = 0
    while done != calls:
        first = done * BATCH
        ledger.add([trial(who, number) for number in range(first, first + BATCH)])
        done += 1
        print(done * BATCH, flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
