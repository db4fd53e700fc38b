from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.holding import ExitReason, Holding
from argo_core.trading.monitor import Hit, Monitor, MonitorPolicy, PriceJump, StopMoved
from argo_core.trading.order import Side
from argo_core.trading.splits import convert_holding

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NVR = Symbol("NVR")
TEN = Decimal(10)

LONG = Holding(
    symbol=NVR,
    side=Side.BUY,
    signal_id="s",
    signal_index=7,
    stop=Decimal(95),
    target=Decimal(110),
    until=NOON + timedelta(days=3),
    best=Decimal(100),
)
SHORT = evolve(LONG, side=Side.SELL, stop=Decimal(105), target=Decimal(90))
TRAILING = evolve(LONG, target=None, trail=Decimal(5))


def quote(
    price: str,
    at: datetime = NOON,
    bid: str | None = None,
    ask: str | None = None,
    symbol: Symbol = NVR,
) -> Quote:
    sides = (None if one is None else Decimal(one) for one in (bid, ask))
    return Quote(symbol, Decimal(price), at, at, "test", *sides)


def watching(holding: Holding, quantity: Decimal = TEN) -> Monitor:
    monitor = Monitor()
    monitor.hold(holding, quantity)
    return monitor


def test_a_hit_tells_the_holding_the_reason_the_price_and_the_filled_shares() -> None:
    monitor = watching(LONG)
    assert monitor.on_quote(quote("95.01"), NOON) is None
    hit = monitor.on_quote(quote("94.5", NOON + SECOND), NOON + SECOND)
    assert hit == Hit(LONG, ExitReason.STOP, TEN, Decimal("94.5"))


def test_a_long_is_judged_by_the_bid_and_a_short_by_the_ask() -> None:
    wide = quote("100", bid="94.9", ask="95.2")
    assert watching(LONG).on_quote(wide, NOON) == Hit(LONG, ExitReason.STOP, TEN, Decimal("94.9"))
    wide = quote("100", bid="104.9", ask="105.2")
    hit = Hit(SHORT, ExitReason.STOP, TEN, Decimal("105.2"))
    assert watching(SHORT).on_quote(wide, NOON) == hit


@pytest.mark.parametrize(("bid", "ask"), [(None, None), (None, "94"), ("1", "900")])
def test_the_last_trade_is_the_price_where_the_quote_is_none(
    bid: str | None, ask: str | None
) -> None:
    assert watching(LONG).on_quote(quote("100", bid=bid, ask=ask), NOON) is None
    hit = watching(LONG).on_quote(quote("94", bid=bid, ask=ask), NOON)
    assert isinstance(hit, Hit)
    assert hit.price == 94


def test_a_quote_as_wide_as_it_may_be_is_a_price() -> None:
    hit = watching(LONG).on_quote(quote("100", bid="94", ask="98.70"), NOON)
    assert isinstance(hit, Hit)
    assert hit.price == 94


def test_a_missing_ask_leaves_a_short_to_the_last_trade() -> None:
    assert watching(SHORT).on_quote(quote("100", bid="99"), NOON) is None


def test_a_quote_of_something_else_does_nothing() -> None:
    assert watching(LONG).on_quote(quote("1", symbol=Symbol("TDG")), NOON) is None


def test_nothing_is_judged_before_a_share_is_filled_nor_once_the_exit_is_decided() -> None:
    monitor = watching(LONG, Decimal(0))
    assert monitor.on_quote(quote("90"), NOON) is None
    monitor.arm(NVR, Decimal(3))
    assert monitor.armed(NVR) == 3
    assert monitor.on_quote(quote("90"), NOON) == Hit(
        LONG, ExitReason.STOP, Decimal(3), Decimal(90)
    )
    monitor.hold(evolve(LONG, exit=ExitReason.STOP), Decimal(3))
    assert monitor.on_quote(quote("90", NOON + SECOND), NOON + SECOND) is None
    assert monitor.due(LONG.until) == ()


def test_what_is_dropped_is_not_judged_any_more() -> None:
    monitor = watching(LONG)
    monitor.drop(NVR)
    monitor.drop(NVR)
    assert monitor.on_quote(quote("90"), NOON) is None
    assert (monitor.armed(NVR), monitor.holdings) == (0, {})


def test_a_quote_is_judged_once_and_older_ones_never() -> None:
    monitor = watching(LONG)
    assert monitor.on_quote(quote("100"), NOON) is None
    assert monitor.on_quote(quote("90"), NOON) is None
    assert monitor.on_quote(quote("90", NOON - SECOND), NOON) is None
    assert isinstance(monitor.on_quote(quote("90", NOON + SECOND), NOON + SECOND), Hit)


def test_a_quote_that_is_too_old_is_not_judged() -> None:
    monitor, limit = watching(LONG), MonitorPolicy().oldest
    assert monitor.on_quote(quote("90"), NOON + limit + SECOND) is None
    assert isinstance(monitor.on_quote(quote("90"), NOON + limit), Hit)


def test_a_quote_from_the_future_is_not_judged_and_blocks_nothing() -> None:
    monitor, limit = watching(LONG), MonitorPolicy().ahead
    assert monitor.on_quote(quote("90", NOON + limit + SECOND), NOON) is None
    assert isinstance(monitor.on_quote(quote("90", NOON + limit), NOON), Hit)


def test_a_hit_is_told_again_until_it_is_acted_upon() -> None:
    monitor = watching(LONG)
    for second in range(3):
        at = NOON + second * SECOND
        assert isinstance(monitor.on_quote(quote("90", at), at), Hit)


def test_time_is_told_with_a_quote_and_without_one() -> None:
    soon = evolve(LONG, until=NOON + SECOND)
    monitor = watching(soon)
    assert monitor.due(NOON) == ()
    assert monitor.on_quote(quote("100"), NOON) is None
    assert monitor.due(NOON + SECOND) == (Hit(soon, ExitReason.TIME, TEN, None),)
    hit = monitor.on_quote(quote("100", NOON + SECOND), NOON + SECOND)
    assert hit == Hit(soon, ExitReason.TIME, TEN, Decimal(100))


def test_a_trailing_stop_moves_here_at_once_and_is_told() -> None:
    monitor = watching(TRAILING)
    moved = monitor.on_quote(quote("103"), NOON)
    after = evolve(TRAILING, best=Decimal(103), stop=Decimal(98))
    assert moved == StopMoved(after, Decimal(103))
    assert monitor.holdings == {NVR: after}
    at = NOON + SECOND
    assert monitor.on_quote(quote("98", at), at) == Hit(after, ExitReason.STOP, TEN, Decimal(98))


def test_a_trailing_stop_moves_by_a_tenth_of_its_trail_and_not_by_less() -> None:
    monitor = watching(TRAILING)
    path = [("103", "98"), ("103.49", None), ("103.50", "98.50"), ("103.99", None), ("104", "99")]
    for second, (price, stop) in enumerate(path):
        at = NOON + second * SECOND
        found = monitor.on_quote(quote(price, at), at)
        assert (found is None) == (stop is None)
        if isinstance(found, StopMoved):
            assert found.holding.stop == Decimal(stop or 0)


def test_a_move_that_the_tick_takes_back_is_none() -> None:
    monitor = watching(evolve(TRAILING, trail=Decimal("5.005")))
    assert monitor.on_quote(quote("100.51"), NOON) is None
    at = NOON + SECOND
    assert isinstance(monitor.on_quote(quote("100.52", at), at), StopMoved)


def test_a_best_price_that_is_a_step_ahead_already_moves_the_stop_at_once() -> None:
    moved = watching(evolve(TRAILING, best=Decimal("100.50"))).on_quote(quote("99"), NOON)
    assert isinstance(moved, StopMoved)
    assert moved.holding.stop == Decimal("95.50")


def test_a_stop_that_lags_behind_the_best_price_is_moved_by_any_quote() -> None:
    monitor = watching(evolve(TRAILING, best=Decimal(110)))
    moved = monitor.on_quote(quote("107"), NOON)
    assert isinstance(moved, StopMoved)
    assert moved.holding.stop == 105
    monitor = watching(evolve(SHORT, target=None, trail=Decimal(5), best=Decimal(90)))
    moved = monitor.on_quote(quote("93"), NOON)
    assert isinstance(moved, StopMoved)
    assert moved.holding.stop == 95


def test_a_stop_that_moved_beyond_the_price_is_hit_by_the_same_quote() -> None:
    monitor = watching(evolve(TRAILING, best=Decimal(110)))
    hit = monitor.on_quote(quote("104"), NOON)
    assert isinstance(hit, Hit)
    assert (hit.reason, hit.holding.stop) == (ExitReason.STOP, 105)


def test_the_target_of_a_trailing_holding_is_hit_all_the_same() -> None:
    for holding, price in ((LONG, "110"), (SHORT, "90")):
        hit = watching(evolve(holding, trail=Decimal(50))).on_quote(quote(price), NOON)
        assert isinstance(hit, Hit)
        assert hit.reason is ExitReason.TARGET


NEXT_DAY = NOON + timedelta(hours=21)


@pytest.mark.parametrize("price", ["64.9", "155.1"])
def test_a_jump_over_night_fires_nothing_and_is_told_until_it_is_accepted(price: str) -> None:
    monitor = watching(LONG)
    assert monitor.on_quote(quote("100"), NOON) is None
    jump = PriceJump(NVR, Decimal(price), Decimal(100))
    for second in range(2):
        at = NEXT_DAY + second * SECOND
        assert monitor.on_quote(quote(price, at), at) == jump
    monitor.accept(NVR)
    at = NEXT_DAY + 2 * SECOND
    assert isinstance(monitor.on_quote(quote(price, at), at), Hit)


@pytest.mark.parametrize("price", ["65", "155"])
def test_a_gap_within_the_band_is_judged_as_ever(price: str) -> None:
    monitor = watching(LONG)
    assert monitor.on_quote(quote("100"), NOON) is None
    assert isinstance(monitor.on_quote(quote(price, NEXT_DAY), NEXT_DAY), Hit)


def test_a_night_is_as_long_as_the_policy_says() -> None:
    night = MonitorPolicy().night
    for silence, kind in ((night, PriceJump), (night - SECOND, Hit)):
        monitor = watching(LONG)
        assert monitor.on_quote(quote("100"), NOON) is None
        at = NOON + silence
        assert isinstance(monitor.on_quote(quote("50", at), at), kind)


def test_a_price_within_reason_ends_a_jump_by_itself() -> None:
    monitor = watching(LONG)
    assert monitor.on_quote(quote("100"), NOON) is None
    assert isinstance(monitor.on_quote(quote("10", NEXT_DAY), NEXT_DAY), PriceJump)
    at = NEXT_DAY + SECOND
    assert monitor.on_quote(quote("101", at), at) is None
    assert isinstance(monitor.on_quote(quote("60", at + SECOND), at + SECOND), Hit)


def test_a_crash_within_the_day_is_no_jump() -> None:
    monitor = watching(LONG)
    assert monitor.on_quote(quote("100"), NOON) is None
    assert isinstance(monitor.on_quote(quote("50", NOON + SECOND), NOON + SECOND), Hit)


def test_the_first_price_after_a_start_is_held_against_the_close_or_the_best_price() -> None:
    monitor = watching(LONG)
    assert monitor.on_quote(quote("50"), NOON) == PriceJump(NVR, Decimal(50), Decimal(100))
    monitor.hold(LONG, TEN, close=Decimal(60))
    assert isinstance(monitor.on_quote(quote("50"), NOON), Hit)


def test_a_known_split_is_no_jump() -> None:
    monitor = watching(LONG)
    assert monitor.on_quote(quote("100"), NOON) is None
    assert monitor.split(NVR, Decimal(2), Decimal(1)) == 20
    converted = monitor.holdings[NVR]
    assert (converted.stop, converted.target) == (Decimal("47.5"), Decimal(55))
    assert monitor.on_quote(quote("50", NEXT_DAY), NEXT_DAY) is None
    at = NEXT_DAY + SECOND
    assert monitor.on_quote(quote("47", at), at) == Hit(
        converted, ExitReason.STOP, Decimal(20), Decimal(47)
    )


def test_a_plan_that_was_converted_elsewhere_brings_its_own_scale() -> None:
    monitor = watching(LONG)
    assert monitor.on_quote(quote("100"), NOON) is None
    monitor.hold(convert_holding(LONG, Decimal(2), Decimal(1)), Decimal(20))
    assert monitor.on_quote(quote("50", NEXT_DAY), NEXT_DAY) is None


def test_a_split_of_what_had_its_price_accepted_takes_the_next_price_too() -> None:
    monitor = watching(LONG)
    monitor.accept(NVR)
    assert monitor.split(NVR, Decimal(1), Decimal(3)) == 3
    assert isinstance(monitor.on_quote(quote("10"), NOON), Hit)


def test_holding_again_keeps_what_was_seen_and_its_time() -> None:
    monitor = watching(LONG)
    assert monitor.on_quote(quote("80", NOON), NOON) is not None
    monitor.hold(evolve(LONG, stop=Decimal(70)), Decimal(4))
    assert monitor.on_quote(quote("60"), NOON) is None
    jump = monitor.on_quote(quote("51", NEXT_DAY), NEXT_DAY)
    assert jump == PriceJump(NVR, Decimal(51), Decimal(80))


@pytest.mark.parametrize("quantity", ["-1", "NaN", "Infinity"])
def test_shares_that_are_none_are_refused(quantity: str) -> None:
    monitor = watching(LONG)
    with pytest.raises(InvalidInput, match="shares"):
        monitor.arm(NVR, Decimal(quantity))
    with pytest.raises(InvalidInput, match="shares"):
        monitor.hold(LONG, Decimal(quantity))
    with pytest.raises(InvalidInput, match="tick"):
        monitor.hold(LONG, TEN, tick=Decimal(0))
    with pytest.raises(InvalidInput, match="close"):
        monitor.hold(LONG, TEN, close=Decimal(0))


def test_what_is_not_watched_can_be_neither_armed_nor_accepted_nor_split() -> None:
    monitor = Monitor()
    for act in (
        lambda: monitor.arm(NVR, TEN),
        lambda: monitor.accept(NVR),
        lambda: monitor.split(NVR, TEN, TEN),
    ):
        with pytest.raises(InvalidInput, match="not watched"):
            act()


@pytest.mark.parametrize(
    "wrong",
    [
        {"lowest": Decimal(1)},
        {"highest": Decimal("0.9")},
        {"lowest": Decimal(0)},
        {"widest": Decimal(0)},
        {"step": Decimal("-0.1")},
        {"oldest": timedelta(0)},
        {"ahead": -SECOND},
        {"night": timedelta(0)},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(wrong)) + "|band"):
        MonitorPolicy(**wrong)
