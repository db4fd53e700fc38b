from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from attrs import evolve

from argo_core.market.instrument import Symbol
from argo_core.trading.exits import exit_of
from argo_core.trading.holding import ExitReason, Holding
from argo_core.trading.order import Side

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)

LONG = Holding(
    symbol=Symbol("NVR"),
    side=Side.BUY,
    signal_id="s",
    signal_index=7,
    stop=Decimal(95),
    target=Decimal(110),
    until=LATER,
    best=Decimal(100),
)
SHORT = evolve(LONG, side=Side.SELL, stop=Decimal(105), target=Decimal(90))


@pytest.mark.parametrize(
    ("holding", "price", "expected"),
    [
        (LONG, "95.01", None),
        (LONG, "95", ExitReason.STOP),
        (LONG, "0.01", ExitReason.STOP),
        (LONG, "109.99", None),
        (LONG, "110", ExitReason.TARGET),
        (LONG, "900", ExitReason.TARGET),
        (SHORT, "104.99", None),
        (SHORT, "105", ExitReason.STOP),
        (SHORT, "900", ExitReason.STOP),
        (SHORT, "90.01", None),
        (SHORT, "90", ExitReason.TARGET),
        (SHORT, "0.01", ExitReason.TARGET),
    ],
)
def test_a_stop_and_a_target_are_hit_at_their_price_and_beyond(
    holding: Holding, price: str, expected: ExitReason | None
) -> None:
    assert exit_of(holding, Decimal(price), NOON) is expected


@pytest.mark.parametrize("holding", [LONG, SHORT])
def test_a_holding_without_a_target_runs_until_something_else_ends_it(holding: Holding) -> None:
    open_ended = evolve(holding, target=None)
    won = Decimal(10_000) if holding is LONG else Decimal("0.01")
    assert exit_of(open_ended, won, NOON) is None


def test_time_is_over_at_its_end_and_needs_no_price() -> None:
    assert exit_of(LONG, None, LATER - timedelta(microseconds=1)) is None
    assert exit_of(LONG, None, LATER) is ExitReason.TIME


def sets_of_reasons() -> list[tuple[ExitReason, ...]]:
    return [some for size in range(6) for some in combinations(ExitReason, size)]


@pytest.mark.parametrize("there", sets_of_reasons())
def test_of_all_reasons_that_stand_the_most_urgent_is_given(there: tuple[ExitReason, ...]) -> None:
    # A price cannot be at the stop and at the target, so where both stand the target stood before.
    at_stop, at_target = ExitReason.STOP in there, ExitReason.TARGET in there
    price = Decimal(90) if at_stop else Decimal(120) if at_target else Decimal(100)
    now = LATER if ExitReason.TIME in there else NOON
    wishes = [one for one in (ExitReason.FLATTEN, ExitReason.SIGNAL) if one in there]
    stood = ExitReason.TARGET if at_stop and at_target else None
    if len(wishes) == 2:
        stood = ExitReason.SIGNAL
    urgency = ("flatten", "stop", "time", "target", "signal")
    expected = min(there, key=lambda one: urgency.index(one.value), default=None)
    found = exit_of(evolve(LONG, exit=stood), price, now, wanted=next(iter(wishes), None))
    assert found is expected


def test_a_less_urgent_reason_does_not_replace_the_one_that_stands() -> None:
    closing = evolve(LONG, exit=ExitReason.STOP)
    assert exit_of(closing, Decimal(120), LATER, wanted=ExitReason.SIGNAL) is ExitReason.STOP
    assert exit_of(closing, None, NOON, wanted=ExitReason.FLATTEN) is ExitReason.FLATTEN
