"""One backtest from what was asked for to its report; the API's workers and the command call it."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

import numpy as np
from attrs import evolve

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.data.options import Options
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.words import span
from argo_core.backtest.research.lookahead import look_ahead
from argo_core.backtest.research.trial import Trial, TrialLedger
from argo_core.backtest.run import run
from argo_core.backtest.statistics.summary import summary
from argo_core.backtest.statistics.trials import Trials
from argo_core.backtest.strategy import Strategy
from argo_core.errors import TrialError
from argo_service.backtesting.benchmarks import benchmarks_of
from argo_service.backtesting.defaults import strategy_of
from argo_service.backtesting.request import Asked
from argo_service.backtesting.run import Progress

SEED: Final = 0
"""Of the resamples behind intervals and of random entries: the same request, the same numbers."""

NO_LEAK: Final = "The look-ahead check found no verdict that changes with what comes after it."
LEAK: Final = "Look-ahead: "
"""How the note begins when it found one."""

ADV_SESSIONS: Final = 20
"""Over so many sessions the average day's trading is taken."""

_LOGGER: Final = logging.getLogger("argo.backtests")

Tell = Callable[[Progress], None]


def perform(
    asked: Asked,
    panel: Panel,
    *,
    tell: Tell,
    trials: TrialLedger | None,
    at: datetime,
    versions: Mapping[str, str],
    own: Strategy | None = None,
) -> Report:
    """Trade what was asked for on `panel`, which has been chosen for it, and judge what came of it.

    `own` is traded in place of the strategy that is asked for by name.

    The trial is written to `trials` before it is judged, so that it counts itself. Where it cannot
    be written the result stands, and says so.

    Raises:
        InvalidInput: strategy, plan and data do not fit.
    """
    strategy = strategy_of(asked) if own is None else own
    plan, changed = _answerable(asked, panel)

    def walked(done: int, total: int) -> None:
        tell(Progress("trading", done, total))

    backtest = run(panel, strategy, plan, progress=walked)

    def compared(done: int, total: int) -> None:
        tell(Progress("benchmarks", done, total))

    tell(Progress("writing the trial down"))
    tried, told = _counted(backtest, trials, at)
    tell(Progress("statistics"))
    leaks, passed = _looked(asked, strategy, panel, tell)
    return Report.of(
        backtest,
        summary(backtest, trials=tried, seed=SEED),
        benchmarks=benchmarks_of(backtest, strategy, compared) if asked.benchmarks else (),
        notes=(*changed, *_idle(asked.data, panel), *told, *leaks),
        remarks=passed,
        versions=versions,
    )


def _answerable(asked: Asked, panel: Panel) -> tuple[Plan, tuple[str, ...]]:
    """The plan without rules that make no sense on these bars, and what is said of them.

    Where there are fewer sessions than a rule needs nothing at all could be bought; with a horizon
    of one bar, which nobody asked for, everything would be sold at once.
    """
    plan, said = asked.plan, []
    sessions = len(np.unique(panel.session))
    if plan.limits.adv_ppm and sessions <= ADV_SESSIONS:
        said.append(
            f"The limit on a part of the average day's trading is off: it needs {ADV_SESSIONS}"
            f" sessions before the first entry, and there are {sessions}."
        )
        plan = evolve(plan, limits=evolve(plan.limits, adv_ppm=0))
    if asked.fit_horizon and 0 < plan.exits.horizon_s <= panel.bar_s:
        said.append(
            f"No position ends by time: the usual horizon, {span(plan.exits.horizon_s)}, is no"
            f" longer than one of these bars. Give `exits.horizon_s` for another."
        )
        plan = evolve(plan, exits=evolve(plan.exits, horizon_s=0))
    return plan, tuple(said)


def _idle(data: Options, panel: Panel) -> Iterator[str]:
    """Splits and renames that changed nothing, as for a symbol or a date that was misspelt."""
    found = {(one.defect, one.symbol) for one in panel.findings}
    split = {symbol for defect, symbol in found if defect is Defect.SPLIT_ADJUSTED}
    renamed = {symbol for defect, symbol in found if defect is Defect.RENAMED}
    for symbol in dict.fromkeys(one.symbol for one in data.splits):
        if symbol not in split:
            yield f"No split of {symbol} changed anything: it has no bar before one."
    for one in data.renames:
        if one.old not in renamed:
            yield f"Nothing was renamed to {one.new}: there is no bar of {one.old}."


def _counted(
    backtest: Backtest, trials: TrialLedger | None, at: datetime
) -> tuple[Trials | None, tuple[str, ...]]:
    """How much was tried on such bars, this one included, and a warning where it matters."""
    if trials is None:
        said = "Not written to the ledger of trials: how many others there were is not known."
        return None, (said,)
    try:
        trial = Trial.of(backtest, at)
        trials.add([trial])
        tried = trials.tried(trial.ground)
    except TrialError as error:
        _LOGGER.warning("a trial is not counted: %s", error)
        return None, ("The ledger of trials could not be written: nothing is counted.",)
    if tried is None or tried.count == 1:
        return tried, ()
    many = (
        f"{tried.count:,} trials were made on these symbols and sessions or on some of them, this"
        " one among them"
    )
    return tried, (f"{many}: the best of many is good by chance, see the deflated Sharpe.",)


def _looked(
    asked: Asked, strategy: Strategy, panel: Panel, tell: Tell
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the look-ahead check says against the result, and that it was passed."""
    if not asked.lookahead:
        return (), ()
    tell(Progress("looking for look-ahead"))
    leak = look_ahead(strategy, panel)
    return ((), (NO_LEAK,)) if leak is None else ((f"{LEAK}{leak}.",), ())
