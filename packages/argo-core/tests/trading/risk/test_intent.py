"""What a signal asks for, seeing what is held."""

from decimal import Decimal

import pytest

from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.signals.signal import Signal
from argo_core.testing.strategies import NOON
from argo_core.trading.intent import Wish, intent_of
from argo_core.trading.order import Side

LONG, SHORT, FLAT = Decimal(10), Decimal(-10), Decimal(0)
BUY, SELL, HOLD = Direction.BUY, Direction.SELL, Direction.HOLD
OPEN, CLOSE, NOTHING = Wish.OPEN, Wish.CLOSE, Wish.NOTHING


def signal(direction):
    return Signal(
        id="s-1",
        symbol=Symbol("A"),
        direction=direction,
        reason=Reason.WEAK if direction is HOLD else Reason.SIGNAL,
        confidence_bp=0,
        coverage_bp=0,
        agreement_bp=0,
        entry=Decimal(100),
        stop=None,
        target=None,
        horizon_s=3_600,
        contributions=(),
        regime=Regime.TREND,
        profile="default",
        reasoning="",
        reasoning_source="",
        evidence=(),
        inputs_sha256="",
        feed="",
        decided_at=NOON,
    )


@pytest.mark.parametrize(
    ("direction", "held", "wish", "side"),
    [
        pytest.param(BUY, FLAT, OPEN, Side.BUY, id="BUY opens"),
        pytest.param(SELL, FLAT, NOTHING, None, id="SELL opens nothing"),
        pytest.param(HOLD, FLAT, NOTHING, None, id="HOLD withdraws nothing"),
        pytest.param(BUY, LONG, NOTHING, None, id="BUY adds nothing to what is held"),
        pytest.param(SELL, LONG, CLOSE, Side.SELL, id="SELL closes"),
        pytest.param(HOLD, LONG, NOTHING, None, id="HOLD leaves it"),
        pytest.param(BUY, SHORT, CLOSE, Side.BUY, id="BUY closes what was sold short"),
        pytest.param(SELL, SHORT, NOTHING, None, id="SELL adds nothing to what was sold short"),
        pytest.param(HOLD, SHORT, NOTHING, None, id="HOLD leaves that, too"),
    ],
)
def test_by_default_sell_closes_and_selling_short_is_off(direction, held, wish, side):
    intent = intent_of(signal(direction), held)
    assert (intent.wish, intent.side) == (wish, side)
    assert intent.why


def test_sell_opens_a_short_position_where_that_is_allowed():
    intent = intent_of(signal(SELL), FLAT, short_selling=True)
    assert (intent.wish, intent.side) == (OPEN, Side.SELL)


def test_one_signal_closes_a_position_and_does_not_turn_it():
    assert intent_of(signal(SELL), LONG, short_selling=True).wish is CLOSE
    assert intent_of(signal(BUY), SHORT, short_selling=True).wish is CLOSE


@pytest.mark.parametrize(
    ("close_on", "held", "closed_by"),
    [
        (frozenset(), LONG, set()),
        (frozenset({HOLD}), LONG, {HOLD}),
        (frozenset({SELL, HOLD}), LONG, {SELL, HOLD}),
        (frozenset(), SHORT, {BUY}),
        (frozenset({SELL, HOLD}), SHORT, {BUY, HOLD}),
    ],
)
def test_the_operator_chooses_what_closes(close_on, held, closed_by):
    closing = {
        direction
        for direction in Direction
        if intent_of(signal(direction), held, close_on=close_on).wish is CLOSE
    }
    assert closing == closed_by


def test_buying_is_no_way_to_close_what_was_bought():
    with pytest.raises(InvalidInput, match="close_on: BUY closes nothing"):
        intent_of(signal(BUY), FLAT, close_on=frozenset({BUY, SELL}))
