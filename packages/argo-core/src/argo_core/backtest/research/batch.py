"""Some cases of a sweep run one after the other, in whatever thread or process."""

from collections.abc import Callable, Sequence

import numpy as np

from argo_core.backtest.backtest import request_name, result_name
from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.units import PPM
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.research.case import Case, Failed, Ran
from argo_core.backtest.research.ground import Ground
from argo_core.backtest.research.sample import Sample
from argo_core.backtest.strategy import Strategy
from argo_core.backtest.trades import daily
from argo_core.backtest.trading import trade
from argo_core.errors import InvalidInput

_QUANTITY, _PRICE = 3, 4


def run_batch(panel: Panel, cases: Sequence[Case]) -> tuple[Ran | Failed, ...]:
    """What came of each, in the order given.

    Neighbours that share one strategy object share its verdicts, and neighbours on the same rows
    their bars: then only the fills are computed again.
    """
    said = _Last(lambda strategy: strategy.verdicts(panel))
    rows = _Rows(panel)
    return tuple(_ran_or_failed(rows, said, case) for case in cases)


class _Last:
    """Remembers what the last strategy said."""

    def __init__(self, ask: Callable[[Strategy], Verdicts]) -> None:
        self._ask = ask
        self._kept: tuple[Strategy, Verdicts] | None = None

    def of(self, strategy: Strategy) -> Verdicts:
        if self._kept is None or self._kept[0] is not strategy:
            self._kept = (strategy, self._ask(strategy))
        return self._kept[1]


class _Rows:
    """Remembers the last cut of the panel, with the name of its data."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._asked: tuple[int, int] | None = None

    def of(self, case: Case) -> tuple[Panel, slice, str, str]:
        """The bars to trade, their place, their name, and that of all that the strategy saw.

        Raises:
            InvalidInput: they are not in the panel.
        """
        whole = self._panel
        begin, end = case.begin, whole.rows if case.end is None else case.end
        if not 0 <= begin < end <= whole.rows:
            problem = f"rows {begin} to {end} of {whole.rows}"
            raise InvalidInput("rows", problem, "give a range of rows of the panel")
        if self._asked != (begin, end):
            panel = whole if (begin, end) == (0, whole.rows) else whole.cut(begin, end)
            name = panel.sha256
            seen = f"{name} after {whole.upto(begin).sha256}" if begin else name
            self._asked, self._kept = (begin, end), (panel, slice(begin, end), name, seen)
        return self._kept


def _ran_or_failed(rows: _Rows, said: _Last, case: Case) -> Ran | Failed:
    try:
        return _ran(rows, said, case)
    except Exception as error:  # noqa: BLE001 - one that fails must not take the others with it
        return failed(case, error)


def failed(case: Case, error: BaseException) -> Failed:
    """The case with the error in words, for the error itself may not travel."""
    told = str(error) if isinstance(error, InvalidInput) else f"{type(error).__name__}: {error}"
    return Failed(
        strategy=case.strategy.name,
        parameters=dict(case.strategy.parameters),
        plan=case.plan,
        problem=told,
    )


def _ran(rows: _Rows, said: _Last, case: Case) -> Ran:
    panel, place, data, seen = rows.of(case)
    strategy, parameters = case.strategy.name, dict(case.strategy.parameters)
    traded = trade(panel, part(said.of(case.strategy), place), case.plan)
    path = daily(panel, traded).path
    request = request_name(strategy, parameters, case.plan, seen)
    return Ran(
        strategy=strategy,
        parameters=parameters,
        plan=case.plan,
        ground=Ground.of(panel),
        data_sha256=data,
        request_sha256=request,
        result_sha256=result_name(request, traded),
        path=path,
        sample=Sample.of_path(path),
        fills=len(traded.fills),
        turnover=total(traded.fills[:, _QUANTITY] * traded.fills[:, _PRICE]),
        fees=traded.fees,
    )


def total(worths: Ints) -> int:
    """The sum of amounts each of which fits into 64 bits, which all of them together may not."""
    whole, rest = np.divmod(worths, PPM)
    return int(whole.sum()) * PPM + int(rest.sum())


def part(verdicts: Verdicts, rows: slice) -> Verdicts:
    """The verdicts of these rows alone."""
    whole = rows == slice(0, len(verdicts.direction))
    return verdicts if whole else verdicts.rows(rows)
