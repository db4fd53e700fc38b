"""Random quotes against a book-keeper in whole cents that knows nothing of fences."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.holding import Holding
from argo_core.trading.monitor import Hit, Monitor, MonitorPolicy, PriceJump, StopMoved
from argo_core.trading.order import Side

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
NVR = Symbol("NVR")
POLICY = MonitorPolicy(
    oldest=timedelta(seconds=3), ahead=timedelta(seconds=1), night=timedelta(seconds=20)
)


@frozen
class Plan:
    """Cents and seconds; `trail` 0 is none, `target` 0 is none."""

    long: bool
    stop: int
    target: int
    trail: int
    until: int

    def holding(self) -> Holding:
        sign = 1 if self.long else -1
        return Holding(
            symbol=NVR,
            side=Side.BUY if self.long else Side.SELL,
            signal_id="s",
            signal_index=None,
            stop=cents(1_000 - sign * self.stop),
            target=cents(1_000 + sign * self.target) if self.target else None,
            until=NOON + timedelta(seconds=self.until),
            best=cents(1_000),
            trail=cents(self.trail) if self.trail else None,
        )


@frozen
class Seen:
    """Bid in cents, the spread, the exchange's second, and how late it is seen."""

    bid: int
    spread: int
    at: int
    late: int

    def quote(self) -> Quote:
        at = NOON + timedelta(seconds=self.at)
        bid, ask = cents(self.bid), cents(self.bid + self.spread)
        return Quote(NVR, cents(self.bid + self.spread // 2), at, at, "test", bid, ask)


def cents(number: int) -> Decimal:
    return Decimal(number) / 100


plans = st.builds(
    Plan,
    long=st.booleans(),
    stop=st.integers(1, 40),
    target=st.integers(0, 40),
    trail=st.sampled_from([0, 1, 5, 10, 25, 40]),
    until=st.sampled_from([0, 10, 40, 1_000]),
)
paths = st.lists(
    st.builds(
        Seen,
        bid=st.one_of(st.integers(960, 1_040), st.integers(400, 2_000)),
        spread=st.sampled_from([0, 1, 4, 300]),
        at=st.integers(0, 60),
        late=st.integers(-2, 4),
    ),
    max_size=25,
)


def by_hand(plan: Plan, path: list[Seen]) -> list[tuple[str, int, int]]:
    """What happens up to the first exit: word, price, stop."""
    sign = 1 if plan.long else -1
    stop, best, last, at = 1_000 - sign * plan.stop, 1_000, 1_000, -(10**9)
    told = []
    for one in path:
        now = one.at + one.late
        if one.at <= at or one.late > 3 or one.late < -1:
            continue
        wide = one.spread * 20 > one.bid
        price = one.bid + (one.spread // 2 if wide else 0 if plan.long else one.spread)
        if one.at - at >= 20 and (price * 100 < 65 * last or price * 100 > 155 * last):
            told.append(("jump", price, stop))
            continue
        at, last, moved = one.at, price, False
        if plan.trail:
            best = max(best * sign, price * sign) * sign
            nearer = (best - sign * plan.trail - stop) * sign
            # A tenth of the trail, or a tick.
            if nearer >= 1 and nearer * 10 >= plan.trail:
                stop, moved = stop + sign * nearer, True
        if sign * (price - stop) <= 0:
            return [*told, ("stop", price, stop)]
        if now >= plan.until:
            return [*told, ("time", price, stop)]
        if plan.target and sign * (price - 1_000) >= plan.target:
            return [*told, ("target", price, stop)]
        if moved:
            told.append(("moved", price, stop))
    return told


def by_monitor(plan: Plan, path: list[Seen]) -> list[tuple[str, int, int]]:
    monitor = Monitor(POLICY)
    monitor.hold(plan.holding(), Decimal(3))
    told: list[tuple[str, int, int]] = []
    for one in path:
        found = monitor.on_quote(one.quote(), NOON + timedelta(seconds=one.at + one.late))
        stop = int(monitor.holdings[NVR].stop * 100)
        match found:
            case Hit():
                assert found.price is not None
                assert found.holding == monitor.holdings[NVR]
                return [*told, (str(found.reason), int(found.price * 100), stop)]
            case StopMoved():
                assert found.holding == monitor.holdings[NVR]
                told.append(("moved", int(found.price * 100), stop))
            case PriceJump():
                told.append(("jump", int(found.price * 100), stop))
    return told


@given(plans, paths)
def test_the_first_exit_and_every_move_of_the_stop_are_those_found_by_hand(
    plan: Plan, path: list[Seen]
) -> None:
    assert by_monitor(plan, path) == by_hand(plan, path)


@given(plans, paths)
def test_in_order_of_time_too(plan: Plan, path: list[Seen]) -> None:
    ordered = sorted(path, key=lambda one: one.at)
    assert by_monitor(plan, ordered) == by_hand(plan, ordered)
