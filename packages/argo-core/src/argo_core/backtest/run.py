"""Run a strategy on bars: its verdicts, traded."""

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.strategy import Strategy
from argo_core.backtest.trading import Progress, trade


def run(
    panel: Panel, strategy: Strategy, plan: Plan, *, progress: Progress | None = None
) -> Backtest:
    """Trade what `strategy` says of `panel` as `plan` allows. Same input, same bytes.

    Raises:
        InvalidInput: strategy, bars and plan do not fit.
    """
    verdicts = strategy.verdicts(panel)
    return Backtest(
        strategy=strategy.name,
        parameters=strategy.parameters,
        plan=plan,
        panel=panel,
        traded=trade(panel, verdicts, plan, progress=progress),
    )
