"""The paper broker, told quotes: what it fills, when, at what price, and what it refuses."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.errors import BrokerRefused, InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.testing.broker_world import AAPL, MSFT, limit, market, stop
from argo_core.testing.fake_clock import BEGINNING
from argo_core.trading.broker_view import BrokerOrder, BrokerUpdate, Split
from argo_core.trading.order import Bracket, GoodTill, OrderRequest, Side, Status
from argo_core.trading.paper.fees import NO_FEES
from argo_core.trading.paper.house import PaperHouse
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.paper.state import new_account
from argo_core.trading.position import Position

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
SETTINGS = PaperSettings(fees=NO_FEES)
LONG_AGO = BEGINNING - timedelta(days=1)
BRACKET = Bracket(D(95), D(110))


class Desk:
    """A house, its clock and its market."""

    def __init__(self, settings: PaperSettings = SETTINGS) -> None:
        self.house = PaperHouse(settings, new_account("desk", settings))
        self.now = BEGINNING

    def quote(
        self,
        bid: str | None,
        ask: str | None,
        *,
        volume: int | None = None,
        last: str | None = None,
        symbol: Symbol = AAPL,
        late_s: int = 0,
        regular: bool = True,
    ) -> tuple[BrokerUpdate, ...]:
        sides = [None if side is None else D(side) for side in (bid, ask)]
        price = D(last or bid or ask or 0)
        at = self.now - timedelta(seconds=late_s)
        told = Quote(symbol, price, at, self.now, "desk", *sides)
        traded = None if volume is None else D(volume)
        return self.house.on_quote(told, traded, self.now, regular=regular)

    def submit(self, request: OrderRequest) -> BrokerOrder:
        return self.house.submit(request, self.now)

    def order(self, name: str) -> BrokerOrder:
        found = self.house.order(name)
        assert found is not None
        return found

    def held(self, symbol: Symbol = AAPL) -> Decimal:
        return {one.symbol: one.quantity for one in self.house.positions()}.get(symbol, D(0))

    def buy(self, shares: int) -> None:
        self.quote("100.00", "100.00")
        self.submit(market(f"bought-{shares}", BUY, shares))
        self.quote("100.00", "100.00", volume=shares * 10)

    def enter(self) -> tuple[BrokerOrder, BrokerOrder]:
        """Ten shares in a bracket whose legs live: the stop and the target."""
        self.quote("99.90", "100.10")
        self.submit(limit("entry", BUY, 10, "101", bracket=BRACKET))
        self.quote("99.90", "100.10")
        low, high = self.house.orders()
        return low, high

    def refused(self, request: OrderRequest) -> str:
        with pytest.raises(BrokerRefused) as caught:
            self.submit(request)
        assert self.house.order(request.id) is None
        return caught.value.code


@pytest.fixture
def desk() -> Desk:
    return Desk()


# Fills


def test_no_more_than_a_share_of_the_volume_is_filled_and_in_whole_shares(desk: Desk) -> None:
    desk.quote("99.90", "100.10")
    desk.submit(market("one", BUY, 10))
    for volume, filled in ((9, 0), (0, 0), (39, 3), (10, 4), (5_000, 10)):
        desk.quote("99.90", "100.10", volume=volume)
        assert desk.order("one").filled == filled


def test_orders_share_what_a_quote_can_fill_the_oldest_first(desk: Desk) -> None:
    desk.quote("99.90", "100.10")
    for name in ("one", "two", "three"):
        desk.submit(market(name, BUY, 4))
    desk.quote("99.90", "100.10", volume=60)
    assert [desk.order(name).filled for name in ("one", "two", "three")] == [4, 2, 0]


def test_without_a_volume_a_round_lot_is_filled(desk: Desk) -> None:
    desk.quote("9.99", "10.01")
    desk.submit(market("one", BUY, 250))
    for filled in (100, 200, 250):
        desk.quote("9.99", "10.01")
        assert desk.order("one").filled == filled


def test_a_quote_older_than_the_order_does_not_fill_it(desk: Desk) -> None:
    desk.quote("99.90", "100.10", late_s=5)
    desk.submit(market("one", BUY, 1))
    desk.quote("99.90", "100.10", late_s=1)
    assert desk.order("one").status is Status.WORKING
    desk.quote("99.90", "100.10")
    assert desk.order("one").status is Status.FILLED


def test_a_quote_older_than_the_last_one_is_ignored(desk: Desk) -> None:
    desk.buy(10)
    assert desk.quote("50.00", "50.00", late_s=1) == ()
    assert desk.house.account().equity == SETTINGS.capital


def test_a_limit_gets_the_market_at_once_and_its_own_price_once_it_has_rested(desk: Desk) -> None:
    desk.quote("99.90", "100.10")
    desk.submit(limit("at once", BUY, 10, "101"))
    desk.submit(limit("later", BUY, 10, "99"))
    desk.quote("99.90", "100.10")
    desk.quote("98.00", "98.20")
    assert desk.order("at once").average == D("100.10")
    assert desk.order("later").average == 99


def test_a_missing_side_is_half_a_spread_off_the_last_price() -> None:
    desk = Desk(evolve(SETTINGS, spread=D("0.01")))
    desk.quote(None, None, last="100.00")
    desk.submit(market("one", BUY, 1))
    desk.quote(None, None, last="100.00")
    desk.submit(market("two", SELL, 1))
    desk.quote(None, None, last="100.00")
    assert (desk.order("one").average, desk.order("two").average) == (D("100.50"), D("99.50"))


@pytest.mark.parametrize(
    ("sides", "last", "bought", "sold"),
    [
        # An assumed side is never beyond the one that is known.
        ((None, "99.00"), "100.00", "99.00", "99.00"),
        (("101.00", None), "100.00", "101.00", "101.00"),
        # Below a dollar prices have four decimals, and none is zero.
        ((None, None), "0.5000", "0.5003", "0.4997"),
        ((None, "0.0001"), "0.0001", "0.0001", "0.0001"),
    ],
)
def test_assumed_sides_are_prices(
    desk: Desk, sides: tuple[str | None, str | None], last: str, bought: str, sold: str
) -> None:
    desk.quote(*sides, last=last)
    desk.submit(market("one", BUY, 1))
    desk.quote(*sides, last=last)
    desk.submit(market("two", SELL, 1))
    desk.quote(*sides, last=last)
    assert (desk.order("one").average, desk.order("two").average) == (D(bought), D(sold))


def test_a_stop_is_a_market_order_once_it_was_triggered(desk: Desk) -> None:
    desk.buy(10)
    desk.submit(stop("stop", SELL, 10, "95"))
    desk.quote("95.01", "95.20")
    assert desk.order("stop").filled == 0
    desk.quote("95.00", "95.20", volume=0)
    assert desk.order("stop").status is Status.WORKING
    desk.quote("97.00", "97.20", volume=50)
    desk.quote("99.00", "99.20")
    assert (desk.order("stop").filled, desk.order("stop").average) == (D(10), D(98))


def test_a_stop_to_buy_is_triggered_from_below(desk: Desk) -> None:
    desk.quote("99.90", "100.10")
    desk.submit(stop("stop", BUY, 1, "105"))
    desk.quote("104.70", "104.90")
    assert desk.order("stop").status is Status.WORKING
    desk.quote("107.80", "108.00")
    assert desk.order("stop").average == 108


def test_outside_the_regular_session_only_extended_orders_are_filled(desk: Desk) -> None:
    desk.quote("99.90", "100.10")
    desk.submit(limit("regular", BUY, 1, "101"))
    desk.submit(evolve(limit("extended", BUY, 1, "101"), extended=True))
    desk.quote("99.90", "100.10", regular=False)
    assert desk.order("regular").filled == 0
    assert desk.order("extended").filled == 1


def test_a_fraction_of_a_share_can_be_bought(desk: Desk) -> None:
    desk.quote("100.00", "100.00")
    desk.submit(OrderRequest("half", AAPL, BUY, D("0.5")))
    desk.quote("100.00", "100.00", volume=10)
    assert desk.held() == D("0.5")


# Brackets


def test_what_one_leg_sells_in_part_the_other_does_not_sell_as_well(desk: Desk) -> None:
    low, high = desk.enter()
    desk.quote("110.00", "110.20", volume=40)
    assert (desk.order(high.id).filled, desk.order(low.id).quantity) == (D(4), D(6))
    desk.quote("94.00", "94.20", volume=20)
    assert (desk.order(low.id).filled, desk.order(high.id).quantity) == (D(2), D(8))
    desk.quote("111.00", "111.20", volume=20)
    assert desk.order(low.id).filled + desk.order(high.id).filled == 8
    desk.quote("94.00", "94.20")
    assert desk.held() == 0
    assert desk.house.orders() == ()


def test_the_two_legs_hold_the_same_shares_once(desk: Desk) -> None:
    desk.buy(5)
    desk.enter()
    assert desk.refused(market("more", SELL, 6)) == "insufficient_shares"
    assert desk.submit(market("rest", SELL, 5)).status is Status.WORKING


def test_one_leg_is_cancelled_with_the_other(desk: Desk) -> None:
    low, high = desk.enter()
    desk.house.cancel(high.broker_id, desk.now)
    assert desk.order(low.id).status is Status.CANCELLED
    assert desk.held() == 10


def test_held_legs_can_be_cancelled_and_their_entry_goes_on(desk: Desk) -> None:
    desk.quote("99.90", "100.10")
    desk.submit(limit("entry", BUY, 10, "99", bracket=BRACKET))
    leg = desk.house.orders()[1]
    desk.house.cancel(leg.broker_id, desk.now)
    assert [one.id for one in desk.house.orders()] == ["entry"]


def test_a_held_leg_can_be_replaced_and_goes_live_as_it_is_then(desk: Desk) -> None:
    desk.quote("101.50", "101.70")
    desk.submit(limit("entry", BUY, 10, "101", bracket=BRACKET))
    low = desk.house.orders()[1]
    desk.house.replace(low.broker_id, stop("new stop", SELL, 10, "96"), desk.now)
    assert desk.order("new stop").status is Status.HELD
    desk.quote("99.90", "100.10")
    assert desk.order("new stop").status is Status.WORKING


def test_legs_follow_an_entry_that_is_replaced(desk: Desk) -> None:
    desk.quote("101.50", "101.70")
    entry = desk.submit(limit("entry", BUY, 10, "101", bracket=BRACKET))
    new = desk.house.replace(entry.broker_id, limit("new", BUY, 6, "102"), desk.now)
    legs = [one for one in desk.house.orders() if one.parent == new.broker_id]
    assert [(one.quantity, one.status) for one in legs] == [(D(6), Status.HELD)] * 2
    desk.quote("101.50", "101.70")
    assert {one.status for one in desk.house.orders()} == {Status.WORKING}


def test_an_entry_that_is_filled_in_part_cannot_be_replaced(desk: Desk) -> None:
    desk.quote("99.90", "100.10")
    entry = desk.submit(limit("entry", BUY, 10, "101", bracket=BRACKET))
    desk.quote("99.90", "100.10", volume=30)
    with pytest.raises(BrokerRefused, match="now"):
        desk.house.replace(entry.broker_id, limit("new", BUY, 7, "102"), desk.now)


def test_legs_go_live_for_the_shares_that_are_left(desk: Desk) -> None:
    desk.quote("99.90", "100.10")
    desk.submit(limit("entry", BUY, 10, "101", bracket=BRACKET))
    desk.quote("99.90", "100.10", volume=40)
    desk.submit(limit("sold", SELL, 4, "103"))
    desk.quote("103.00", "103.20", volume=40)
    desk.quote("99.90", "100.10")
    assert [one.quantity for one in desk.house.orders()] == [6, 6]


def test_legs_for_the_day_expire_and_others_stay(desk: Desk) -> None:
    desk.enter()
    desk.quote("50.00", "50.20", symbol=MSFT)
    day = evolve(limit("day", BUY, 2, "51", symbol=MSFT), good_till=GoodTill.DAY)
    desk.submit(evolve(day, bracket=Bracket(D(40), D(60))))
    desk.quote("50.00", "50.20", symbol=MSFT)
    assert len(desk.house.orders()) == 4
    told = desk.house.expire(desk.now)
    assert [one.order.status for one in told] == [Status.EXPIRED] * 2
    assert {one.symbol for one in desk.house.orders()} == {AAPL}


def test_an_entry_that_expires_takes_its_held_legs_along(desk: Desk) -> None:
    desk.quote("101.50", "101.70")
    entry = evolve(limit("entry", BUY, 10, "101", bracket=BRACKET), good_till=GoodTill.DAY)
    desk.submit(entry)
    desk.house.said()
    told = [one.order.status for one in desk.house.expire(desk.now)]
    assert told == [Status.EXPIRED, Status.CANCELLED, Status.CANCELLED]


# Cancels that take their time


def test_a_slow_cancel_lets_one_more_quote_fill() -> None:
    desk = Desk(evolve(SETTINGS, slow_cancels=True))
    desk.quote("99.90", "100.10")
    one = desk.submit(limit("one", BUY, 10, "99"))
    desk.house.cancel(one.broker_id, desk.now)
    desk.house.cancel(one.broker_id, desk.now)
    assert [told.order.status for told in desk.house.said()] == [Status.WORKING, Status.CANCELLING]
    with pytest.raises(BrokerRefused, match="now"):
        desk.house.replace(one.broker_id, limit("two", BUY, 1, "99"), desk.now)
    told = desk.quote("98.80", "98.90", volume=40)
    assert [one.order.status for one in told] == [Status.CANCELLING, Status.CANCELLED]
    assert (desk.order("one").filled, desk.held()) == (D(4), D(4))


def test_an_order_is_filled_while_it_is_being_cancelled() -> None:
    desk = Desk(evolve(SETTINGS, slow_cancels=True))
    desk.quote("99.90", "100.10")
    one = desk.submit(limit("one", BUY, 10, "99"))
    desk.house.cancel(one.broker_id, desk.now)
    desk.quote("98.80", "98.90")
    assert (desk.order("one").status, desk.held()) == (Status.FILLED, D(10))


def test_held_legs_are_cancelled_at_once_even_then() -> None:
    desk = Desk(evolve(SETTINGS, slow_cancels=True))
    desk.quote("99.90", "100.10")
    desk.submit(limit("entry", BUY, 10, "99", bracket=BRACKET))
    leg = desk.house.orders()[1]
    desk.house.cancel(leg.broker_id, desk.now)
    assert desk.order(leg.id).status is Status.CANCELLED


# Refusals


def test_what_was_never_quoted_is_unknown(desk: Desk) -> None:
    assert desk.refused(limit("one", BUY, 1, "10")) == "unknown_symbol"


def test_a_known_symbol_without_a_price_takes_limits_only() -> None:
    desk = Desk(evolve(SETTINGS, symbols=frozenset({AAPL})))
    assert desk.refused(market("one", BUY, 1)) == "no_price"
    assert desk.refused(limit("two", BUY, 1, "10", symbol=MSFT)) == "unknown_symbol"
    entry = limit("three", BUY, 1, "10", bracket=Bracket(D(9)))
    assert desk.submit(entry).status is Status.WORKING
    assert desk.house.account().buying_power == SETTINGS.capital - 10


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (limit("one", BUY, 1, "90.001"), "sub_penny"),
        (stop("one", BUY, 1, "110.001"), "sub_penny"),
        (limit("one", BUY, 1, "0.50001"), "sub_penny"),
        (limit("one", BUY, 1, "90", bracket=Bracket(D("80.001"))), "sub_penny"),
        (limit("one", BUY, 1, "90", bracket=Bracket(D(80), D("99.999"))), "sub_penny"),
        (evolve(market("one", BUY, 1), extended=True), "extended_hours"),
        (evolve(stop("one", BUY, 1, "110"), bracket=Bracket(D(90))), "bracket"),
        (evolve(limit("one", BUY, 1, "90", bracket=Bracket(D(80))), extended=True), "bracket"),
        (limit("one", BUY, 1, "90", bracket=Bracket(D(90))), "bracket"),
        (evolve(market("one", BUY, 1), bracket=Bracket(D(101))), "bracket"),
        (evolve(market("one", SELL, 1), bracket=Bracket(D(110), D(90))), "short_selling"),
        (market("one", SELL, 1), "short_selling"),
        (limit("one", BUY, 1_001, "100"), "insufficient_buying_power"),
        # A market order reserves three per cent more than the ask.
        (market("one", BUY, 980), "insufficient_buying_power"),
        (stop("one", BUY, 900, "110"), "insufficient_buying_power"),
    ],
)
def test_an_order_is_refused_for_what_is_wrong_with_it(
    desk: Desk, request_: OrderRequest, code: str
) -> None:
    desk.quote("99.90", "100.10")
    assert desk.refused(request_) == code
    assert desk.house.orders(LONG_AGO) == ()
    assert desk.house.said() == ()


def test_a_sub_penny_price_is_fine_below_a_dollar(desk: Desk) -> None:
    desk.quote("0.5000", "0.5010")
    assert desk.submit(limit("one", BUY, 1, "0.4999")).status is Status.WORKING


def test_a_bracket_cannot_sell_what_is_held(desk: Desk) -> None:
    desk.buy(10)
    request = evolve(market("one", SELL, 1), bracket=Bracket(D(110), D(90)))
    assert desk.refused(request) == "short_selling"


@pytest.mark.parametrize(
    ("resting", "request_", "refused"),
    [
        (limit("one", BUY, 1, "99"), market("two", SELL, 1), True),
        (limit("one", BUY, 1, "99"), stop("two", SELL, 1, "95"), True),
        (limit("one", BUY, 1, "99"), limit("two", SELL, 1, "99"), True),
        (limit("one", BUY, 1, "99"), limit("two", SELL, 1, "99.01"), False),
        (stop("one", SELL, 1, "95"), limit("two", BUY, 1, "90"), True),
        (stop("one", SELL, 1, "95"), market("two", SELL, 1), False),
        (stop("one", SELL, 1, "95"), market("two", BUY, 1, MSFT), False),
    ],
)
def test_nobody_trades_with_himself(
    desk: Desk, resting: OrderRequest, request_: OrderRequest, *, refused: bool
) -> None:
    desk.quote("50.00", "50.00", symbol=MSFT)
    desk.buy(10)
    desk.submit(resting)
    if refused:
        assert desk.refused(request_) == "wash_trade"
    else:
        assert desk.submit(request_).status is Status.WORKING


def test_a_leg_is_replaced_whatever_else_is_open(desk: Desk) -> None:
    low, _ = desk.enter()
    desk.house.replace(low.broker_id, stop("new", SELL, 10, "97"), desk.now)
    assert desk.order("new").status is Status.WORKING


@pytest.mark.parametrize("live", [True, False])
def test_a_leg_sells_the_shares_of_its_entry_and_no_others(desk: Desk, *, live: bool) -> None:
    # Found by the machine: a held leg was replaced by one for shares that were bought before.
    desk.buy(5)
    desk.quote("101.50", "101.70")
    desk.submit(limit("entry", BUY, 10, "101", bracket=BRACKET))
    if live:
        desk.quote("99.90", "100.10")
    low, high = (one for one in desk.house.orders() if one.parent is not None)
    with pytest.raises(BrokerRefused) as caught:
        desk.house.replace(low.broker_id, stop("more", SELL, 11, "97"), desk.now)
    assert caught.value.code == "insufficient_shares"
    assert desk.order(low.id) == low
    less = desk.house.replace(low.broker_id, stop("less", SELL, 4, "97"), desk.now)
    desk.house.replace(less.broker_id, stop("again", SELL, 10, "97"), desk.now)
    assert desk.order(high.id) == high


def test_a_leg_that_sells_less_leaves_no_more_to_the_other(desk: Desk) -> None:
    low, high = desk.enter()
    desk.house.replace(low.broker_id, stop("less", SELL, 4, "97"), desk.now)
    desk.quote("110.00", "110.20", volume=30)
    assert (desk.order("less").quantity, desk.order(high.id).filled) == (D(4), D(3))
    desk.quote("96.00", "96.20", volume=10)
    assert (desk.order("less").filled, desk.order(high.id).quantity) == (D(1), D(6))
    desk.quote("110.00", "110.20")
    assert desk.house.orders() == ()
    assert desk.held() == 3


@pytest.mark.parametrize(
    "request_",
    [
        limit("two", SELL, 1, "90"),
        limit("two", BUY, 1, "90", symbol=MSFT),
        market("two", BUY, 1),
        evolve(limit("two", BUY, 1, "90"), good_till=GoodTill.DAY),
        evolve(limit("two", BUY, 1, "90"), extended=True),
    ],
)
def test_only_quantity_and_prices_can_be_replaced(desk: Desk, request_: OrderRequest) -> None:
    desk.quote("99.90", "100.10")
    one = desk.submit(limit("one", BUY, 1, "90"))
    with pytest.raises(BrokerRefused) as caught:
        desk.house.replace(one.broker_id, request_, desk.now)
    assert caught.value.code == "other_order"


def test_a_replacement_needs_no_more_than_the_difference(desk: Desk) -> None:
    desk.quote("99.90", "100.10")
    one = desk.submit(limit("one", BUY, 900, "100"))
    desk.house.replace(one.broker_id, limit("two", BUY, 1_000, "100"), desk.now)
    assert desk.house.account().buying_power == 0


def test_ended_and_unknown_orders_are_told_apart(desk: Desk) -> None:
    desk.buy(1)
    ended = desk.order("bought-1").broker_id
    for broker_id, code in ((ended, "not_open"), ("nobody", "not_found")):
        with pytest.raises(BrokerRefused) as caught:
            desk.house.cancel(broker_id, desk.now)
        assert caught.value.code == code


# Money


def test_equity_is_marked_at_the_middle_and_kept_at_the_close(desk: Desk) -> None:
    desk.buy(10)
    desk.quote("103.00", "105.00")
    assert desk.house.account().equity == SETTINGS.capital + 40
    assert desk.house.account().last_equity == SETTINGS.capital
    desk.house.close_day(desk.now)
    desk.quote("99.00", "101.00")
    account = desk.house.account()
    assert (account.equity, account.last_equity) == (SETTINGS.capital, SETTINGS.capital + 40)


def test_money_comes_in_and_goes_out_as_far_as_it_is_free(desk: Desk) -> None:
    desk.quote("99.90", "100.10")
    desk.submit(limit("one", BUY, 900, "100"))
    first = desk.house.deposit(D(500), desk.now)
    desk.now += timedelta(seconds=1)
    second = desk.house.deposit(D(-10_500), desk.now)
    assert desk.house.flows(LONG_AGO) == (first, second)
    assert desk.house.flows(BEGINNING) == (second,)
    assert first.id != second.id
    for amount in ("-0.01", "0", "NaN"):
        with pytest.raises(InvalidInput, match="amount"):
            desk.house.deposit(D(amount), desk.now)


def test_a_debt_can_be_paid() -> None:
    # Found by the machine: what was reserved had become more than there was, and nothing came in.
    desk = Desk(evolve(SETTINGS, capital=D(1_000)))
    desk.quote("99.90", "100.00")
    desk.submit(market("one", BUY, 9))
    desk.quote("199.90", "200.00")
    assert desk.house.account().cash == -800
    assert desk.house.account().buying_power == 0
    assert desk.house.deposit(D(1), desk.now).amount == 1


# Splits


def test_a_split_converts_shares_and_their_cost_but_no_orders(desk: Desk) -> None:
    low, high = desk.enter()
    before = desk.house.account()
    split = Split(AAPL, desk.now, D(4), D(1))
    for _ in range(2):
        desk.house.split(split, desk.now)
        (position,) = desk.house.positions()
        assert (position.quantity, position.average) == (D(40), D("25.025"))
        assert desk.house.account() == before
    assert desk.order(low.id) == low
    assert desk.order(high.id) == high
    desk.quote("24.90", "25.10")
    assert desk.order(low.id).average == D("24.90")


def test_orders_to_sell_more_than_a_reverse_split_leaves_are_cancelled(desk: Desk) -> None:
    low, high = desk.enter()
    desk.house.said()
    desk.house.split(Split(AAPL, desk.now, D(1), D(4)), desk.now)
    assert {one.order.broker_id for one in desk.house.said()} == {low.broker_id, high.broker_id}
    assert desk.house.orders() == ()
    assert desk.held() == D("2.5")


def test_orders_to_buy_and_to_sell_little_survive_a_reverse_split(desk: Desk) -> None:
    desk.buy(10)
    desk.submit(limit("little", SELL, 2, "110"))
    desk.submit(limit("buy", BUY, 2, "90"))
    desk.house.split(Split(AAPL, desk.now, D(1), D(5)), desk.now)
    assert len(desk.house.orders()) == 2
    desk.house.split(Split(AAPL, desk.now + timedelta(days=1), D(1), D(5)), desk.now)
    assert [one.id for one in desk.house.orders()] == ["buy"]


def test_shares_too_small_to_be_counted_are_gone(desk: Desk) -> None:
    desk.buy(1)
    desk.house.split(Split(AAPL, desk.now, D(1), D(10) ** 10), desk.now)
    assert desk.house.positions() == ()


def test_a_split_of_what_was_never_seen_changes_nothing(desk: Desk) -> None:
    desk.house.split(Split(AAPL, desk.now, D(2), D(1)), desk.now)
    assert desk.house.positions() == ()


def test_a_quote_with_one_side_is_split_as_well(desk: Desk) -> None:
    desk.buy(10)
    for bid, ask in (("100.00", None), (None, "100.00"), (None, None)):
        desk.quote(bid, ask, last="100.00")
        equity = desk.house.account().equity
        desk.now += timedelta(seconds=1)
        desk.house.split(Split(AAPL, desk.now, D(2), D(1)), desk.now)
        assert abs(desk.house.account().equity - equity) < 1


@pytest.mark.parametrize(("new", "old"), [("0", "1"), ("1", "-1"), ("NaN", "1")])
def test_a_split_without_a_ratio_is_refused(desk: Desk, new: str, old: str) -> None:
    with pytest.raises(InvalidInput, match="split"):
        desk.house.split(Split(AAPL, desk.now, D(new), D(old)), desk.now)


def test_a_position_that_nobody_ever_quoted_is_worth_what_it_cost() -> None:
    state = new_account("desk", SETTINGS)
    state = evolve(state, positions={AAPL: Position(D(10), D(5))})
    account = PaperHouse(SETTINGS, state).account()
    assert account.equity == account.cash + 50
