"""What the API answers about the account, its risk and its positions, as values."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.trading.order import Side
from argo_core.trading.state import Cause, Relief, TradingState


@frozen
class AccountBody:
    """The account, marked at the newest prices; money in dollars, shares of it as fractions.

    `opened` is the equity at the last official close and `flows` what came in from outside since,
    so `day_pnl` is `equity - opened - flows`. `open_pnl` is what closing everything now would earn;
    `realised` is what was earned by closing, before `fees`, over all of the journal. `gross` is
    the worth of all positions without their signs. `high` is the highest equity, flows apart, and
    `drawdown` the loss since as a share of it. Of `buying_power` what open orders reserve is not
    taken off yet.
    """

    broker: str
    state: TradingState
    ready: bool
    at: datetime
    equity: Decimal
    cash: Decimal
    buying_power: Decimal
    opened: Decimal
    flows: Decimal
    day_pnl: Decimal
    day_return: Decimal | None
    open_pnl: Decimal
    realised: Decimal
    fees: Decimal
    gross: Decimal
    high: Decimal
    drawdown: Decimal | None
    positions: int
    open_orders: int


@frozen
class StandingCauseBody:
    """Why trading is held back: `state` is what it asks for, `ends_by` what may end it."""

    cause: Cause
    state: TradingState
    why: str
    since: datetime
    ends_by: Relief


@frozen
class RuleBody:
    """A rule's word.

    `bounds` says what it allows, `inputs` what it saw. `margin` is what is left up to the `limit`,
    in `unit`s, negative by how much it is broken; null where nothing is left over. `denial` is the
    code with which it denies, null where it allows, and `meaning` says it in words. A rule is
    `skipped` by orders that only shrink a position.
    """

    rule: str
    bounds: str
    unit: str
    source: str
    limit: str
    margin: Decimal | None
    inputs: Mapping[str, str]
    denial: str | None
    meaning: str | None
    skipped: bool


@frozen
class DifferenceBody:
    """One thing in which the broker's books and ours differ."""

    kind: str
    ours: str
    theirs: str
    text: str
    symbol: str | None
    order_id: str | None


@frozen
class ReconciliationBody:
    """The last comparison of the broker's books with ours; `at` is null before the first."""

    ready: bool
    at: datetime | None
    age_s: float | None
    differences: tuple[DifferenceBody, ...]


@frozen
class RiskBody:
    """Where trading stands by its limits.

    Every cause that stands holds trading back; the worst decides the `state`. `rules` are those
    about the whole account, and `symbols` and `sectors` how much room is left in each that is held
    or on order. `limits` are the numbers in force: fractions, dollars, counts, and seconds where
    the name ends in `_s`.
    """

    broker: str
    state: TradingState
    causes: tuple[StandingCauseBody, ...]
    rules: tuple[RuleBody, ...]
    symbols: Mapping[str, RuleBody]
    sectors: Mapping[str, RuleBody]
    reconciliation: ReconciliationBody
    limits: Mapping[str, str]


@frozen
class PlanBody:
    """When a position ends: at its prices, at its time, or because of `exit`, once that is set.

    `best` is the best price so far, which the stop follows at the distance `trail`; null where it
    stays.
    """

    side: Side
    signal_id: str
    signal_index: int | None
    stop: Decimal
    target: Decimal | None
    until: datetime
    trail: Decimal | None
    best: Decimal
    exit: str | None


@frozen
class PositionBody:
    """Shares held, negative when sold short, that cost `average` each.

    `mark` is the newest price, null while there is none, and with it `value` and `unrealised`.
    `realised` is what closing parts of it earned before `fees`. `protected` shares have a stop that
    works at the broker, of the orders `stop_orders`; `armed` ones the engine would close itself if
    that failed. `plan` is null for what nobody planned.
    """

    symbol: str
    sector: str
    quantity: Decimal
    average: Decimal
    mark: Decimal | None
    value: Decimal | None
    unrealised: Decimal | None
    realised: Decimal
    fees: Decimal
    protected: Decimal
    stop_orders: tuple[str, ...]
    armed: Decimal
    plan: PlanBody | None


@frozen
class PositionsBody:
    """What is held, by symbol; `value` and `unrealised` of those that have a price."""

    at: datetime
    positions: tuple[PositionBody, ...]
    value: Decimal
    unrealised: Decimal


@frozen
class ControlBody:
    """What an operator's word did: the state now, and the causes that stand.

    `closing` are the positions that are being closed by it; that takes until the market has taken
    them.
    """

    state: TradingState
    causes: tuple[StandingCauseBody, ...]
    closing: tuple[str, ...]
