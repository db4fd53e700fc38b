"""The ledger of trials on SQLite: `TrialLedger` in one file that processes share.

A connection lasts one call, so there is nothing to close, threads and forked processes need not
know of each other, and what was said to be written is on the disk.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from argo_adapters.sqlite.connection import snapshot, transaction, translated
from argo_adapters.trials.schema import RESTORE, open_ledger
from argo_core.backtest.data.renames import date_of, day_of
from argo_core.backtest.research.ground import Ground
from argo_core.backtest.research.trial import Trial, counted
from argo_core.backtest.statistics.trials import Trials
from argo_core.errors import InvalidInput, LogError, TrialError
from argo_core.market.moment import from_micros, to_micros

BUSY_S = 10.0
"""So long a call waits for other processes that write."""

MOST = 10_000
"""So many trials are written or read at a time."""

_COMMA = ","
_KNOWN = "SELECT 1 FROM trials WHERE request = ? AND result = ?"
_INSERT = "INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_GROUND = "SELECT number FROM grounds WHERE first = ? AND last = ? AND symbols = ?"
_NEW_GROUND = "INSERT INTO grounds SELECT coalesce(max(number), 0) + 1, ?, ?, ? FROM grounds"
_AT_ONCE = "SELECT number, symbols FROM grounds WHERE first <= ? AND last >= ?"
_SELECT = """
SELECT at_us, strategy, parameters, first, last, symbols, data, request, result, n, sharpe, skew,
  kurtosis
FROM trials LEFT JOIN grounds ON grounds.number = ground
WHERE data = coalesce(?, data) ORDER BY trials.number DESC LIMIT ?
"""
# SQLite takes the other columns from the row that has the greatest number.
_NEWEST_SHARPES = """
SELECT sharpe, max(number) FROM trials WHERE ground IN (SELECT value FROM json_each(?))
GROUP BY request
"""


class SqliteTrials:
    """The ledger in that file, made at the first call if it is not there."""

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self._path = path
        self._busy_s = busy_s

    def add(self, trials: Sequence[Trial]) -> int:
        """See `TrialLedger`.

        Raises:
            TrialError: nothing was written, or nobody can say.
            InvalidInput: too many at a time.
        """
        if len(trials) > MOST:
            raise InvalidInput("trials", f"{len(trials):,} at a time", f"give at most {MOST:,}")
        with self._opened() as db, transaction(db):
            last = db.execute("SELECT coalesce(max(number), 0) FROM trials").fetchone()[0]
            number = last
            for one in trials:
                if db.execute(_KNOWN, [one.request_sha256, one.result_sha256]).fetchone() is None:
                    number += 1
                    db.execute(_INSERT, [number, *_row(one, _placed(db, one.ground))])
        return int(number - last)

    def newest(self, limit: int = 100, data_sha256: str | None = None) -> tuple[Trial, ...]:
        """See `TrialLedger`; never more than `MOST` at a time."""
        asked = [data_sha256, min(max(0, limit), MOST)]
        with self._opened() as db:
            rows = db.execute(_SELECT, asked).fetchall()
            return tuple(_trial(self._path, row) for row in rows)

    def tried(self, ground: Ground) -> Trials | None:
        """See `TrialLedger`."""
        with self._opened() as db, snapshot(db):
            meeting = [
                number
                for number, symbols in db.execute(
                    _AT_ONCE, [day_of(ground.last), day_of(ground.first)]
                )
                if not ground.symbols.isdisjoint(symbols.split(_COMMA))
            ]
            found = db.execute(_NEWEST_SHARPES, [json.dumps(meeting)])
            return counted([sharpe for sharpe, _ in found])

    @contextmanager
    def _opened(self) -> Iterator[Database]:
        try:
            with translated(self._path):
                db = open_ledger(self._path, self._busy_s)
                try:
                    yield db
                finally:
                    db.close()
        except LogError as error:
            raise TrialError(str(error)) from error


def _placed(db: Database, ground: Ground) -> int:
    """The number of that ground, which is written down if it is new."""
    told = [day_of(ground.first), day_of(ground.last), _COMMA.join(sorted(ground.symbols))]
    found = db.execute(_GROUND, told).fetchone()
    if found is None:
        db.execute(_NEW_GROUND, told)
        found = db.execute(_GROUND, told).fetchone()
    return int(found[0])


def _ground(first: int, last: int, symbols: str) -> Ground:
    span = date_of(first), date_of(last)
    return Ground(symbols.split(_COMMA), *span)


def _row(one: Trial, ground: int) -> list[Any]:
    return [
        to_micros(one.at),
        one.strategy,
        # In ASCII, for a text in UTF-8 cannot hold everything that a string can.
        json.dumps(dict(one.parameters), sort_keys=True),
        ground,
        one.data_sha256,
        one.request_sha256,
        one.result_sha256,
        one.n,
        one.sharpe,
        one.skew,
        one.kurtosis,
    ]


def _trial(path: Path, row: tuple[Any, ...]) -> Trial:
    at_us, strategy, parameters, first, last, symbols, data, request, result, *sample = row
    n, sharpe, skew, kurtosis = sample
    try:
        return Trial(
            at=from_micros(at_us),
            strategy=strategy,
            parameters=json.loads(parameters),
            ground=_ground(first, last, symbols),
            data_sha256=data,
            request_sha256=request,
            result_sha256=result,
            n=n,
            sharpe=sharpe,
            skew=skew,
            kurtosis=kurtosis,
        )
    except (ValueError, OverflowError, TypeError) as error:
        raise TrialError(f"{path}: a trial cannot be read: {error}; {RESTORE}") from error
