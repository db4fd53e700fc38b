"""What the API takes and answers about backtests, as values."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_service.backtesting.run import Run, State


@frozen
class FeesBody:
    """Dollars: the commission, at least `minimum` an order, and what regulators take of sales."""

    per_share: Decimal | None = None
    minimum: Decimal | None = None
    sec: Decimal | None = None
    taf: Decimal | None = None
    taf_most: Decimal | None = None


@frozen
class CostsBody:
    """Millionths of a price; `participation_ppm` of a bar's volume, `borrow_ppm` a year."""

    spread_ppm: int | None = None
    slippage_ppm: int | None = None
    participation_ppm: int | None = None
    borrow_ppm: int | None = None
    fees: FeesBody | None = None


@frozen
class BarLimitsBody:
    """The risk rules: shares of equity in millionths, 0 for none; dollars; seconds."""

    risk_ppm: int | None = None
    order_cap: Decimal | None = None
    order_ppm: int | None = None
    adv_ppm: int | None = None
    symbol_ppm: int | None = None
    gross_ppm: int | None = None
    positions: int | None = None
    collar_ppm: int | None = None
    cooldown_s: int | None = None
    stop_cooldown_s: int | None = None
    daily_loss_ppm: int | None = None
    drawdown_ppm: int | None = None
    short_selling: bool | None = None


@frozen
class ExitsBody:
    """When a position ends besides a signal against it."""

    stops: bool | None = None
    targets: bool | None = None
    trail_ppm: int | None = None
    horizon_s: int | None = None
    hold_closes: bool | None = None


@frozen
class SplitBody:
    """From the session of `on` there are `ratio` shares for each one before, such as 4."""

    symbol: str
    on: str
    ratio: Decimal


@frozen
class RenameBody:
    """`old` has been called `new` since the session of `on`; null joins whatever either has."""

    old: str
    new: str
    on: str | None = None


@frozen
class DataBody:
    """How bars are mended. `refuse` and `exclude` name defects, as they stand in `findings`.

    Data with one of `refuse` are refused whole, symbols with one of `exclude` are left out, and so
    are those of `without`. `closing` is `mark`, `trade` or `drop`. Without `adjust` adjusted
    closes are let alone.
    """

    splits: tuple[SplitBody, ...] | None = None
    renames: tuple[RenameBody, ...] | None = None
    without: tuple[str, ...] | None = None
    refuse: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    closing: str | None = None
    adjust: bool | None = None


@frozen
class BacktestRequestBody:
    """What to trade, how, and on which bars; what is left out, or null, has its default.

    `start` and `end` are dates of sessions, both included. `parameters` are the strategy's.
    """

    dataset: str | None = None
    symbols: tuple[str, ...] | None = None
    start: str | None = None
    end: str | None = None
    strategy: str | None = None
    parameters: Mapping[str, str] | None = None
    capital: Decimal | None = None
    costs: CostsBody | None = None
    limits: BarLimitsBody | None = None
    exits: ExitsBody | None = None
    patience_rows: int | None = None
    data: DataBody | None = None
    benchmarks: bool | None = None
    lookahead: bool | None = None


@frozen
class ProgressBody:
    """What is being done: `done` of `total`, 0 of 0 where nobody can say."""

    stage: str
    done: int
    total: int


@frozen
class BacktestProblemBody:
    """Why there is no result; `field` names the member of the request that did it, if one did."""

    detail: str
    field: str | None
    fix: str | None


@frozen
class BacktestRunBody:
    """A backtest on its way; `bars` is how many it was reckoned to take at most.

    `result_sha256` names the result: the same request has the same one, here and on the command
    line.
    """

    id: str
    state: State
    dataset: str
    strategy: str
    asked_at: datetime
    bars: int
    progress: ProgressBody
    problem: BacktestProblemBody | None
    result_sha256: str | None


@frozen
class BacktestRunsBody:
    """Your backtests, newest first."""

    backtests: tuple[BacktestRunBody, ...]


@frozen
class DatasetBody:
    """Bars to try a strategy on: at most `bars` of `symbols` symbols from `start` to `end`, dates.

    What nobody knows before they are read is null.
    """

    name: str
    kind: str
    bars: int | None
    symbols: int | None
    start: str | None
    end: str | None


@frozen
class DatasetsBody:
    """Every data set by name."""

    datasets: tuple[DatasetBody, ...]


def run_body(run: Run) -> BacktestRunBody:
    """A run as the API shows it."""
    progress, why = run.progress, run.problem
    problem = None if why is None else BacktestProblemBody(why.detail, why.field, why.fix)
    return BacktestRunBody(
        id=run.id,
        state=run.state,
        dataset=run.asked.dataset,
        strategy=run.asked.strategy,
        asked_at=run.asked_at,
        bars=run.bars,
        progress=ProgressBody(progress.stage, progress.done, progress.total),
        problem=problem,
        result_sha256=run.result_sha256,
    )
