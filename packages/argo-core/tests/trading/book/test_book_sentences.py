from datetime import date, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.errors import InvalidInput
from argo_core.testing.book_rig import AAPL, MSFT, OPENING, BookRig, account, entry_of
from argo_core.trading import orders_kept as limits
from argo_core.trading.account import account_view
from argo_core.trading.book import Book
from argo_core.trading.broker_view import BrokerOrder, CashFlow, Execution
from argo_core.trading.certificate import Certificate, RuleResult
from argo_core.trading.denial import Denial
from argo_core.trading.fact import (
    Accounted,
    CancelAsked,
    CauseCleared,
    CauseRaised,
    DayClosed,
    ExitWanted,
    Flowed,
    HighWater,
    Judged,
    Numbered,
    Recorded,
    Refused,
    ReplaceAsked,
    SplitApplied,
    Told,
    Trailed,
    order_of,
)
from argo_core.trading.holding import ExitReason
from argo_core.trading.order import Leg, OrderRequest, OrderType, Side, Status
from argo_core.trading.orders_kept import Refusal, is_ours
from argo_core.trading.state import Cause, TradingState
from argo_core.trading.trade import TradeEvent

D = Decimal
ENTRY = entry_of("entry", D(10), D(100))


def said(
    id_: str = "entry",
    status: Status = Status.WORKING,
    filled: int = 0,
    *,
    quantity: int = 10,
    price: str = "100",
    side: Side = Side.BUY,
    type_: OrderType = OrderType.LIMIT,
    at: float = 0,
    parent: str | None = None,
    replaces: str | None = None,
) -> BrokerOrder:
    """What the broker says of the order, whose id there is the same with a `b-` before it."""
    return BrokerOrder(
        id=id_,
        broker_id=f"b-{id_}",
        symbol=AAPL,
        side=side,
        type=type_,
        quantity=D(quantity),
        status=status,
        at=OPENING + timedelta(seconds=at),
        filled=D(filled),
        average=D(price) if filled else None,
        limit=D(110) if type_ is OrderType.LIMIT else None,
        stop=D(95) if type_ is OrderType.STOP else None,
        parent=parent,
        replaces=replaces,
    )


def leg(id_: str, status: Status, filled: int = 0, quantity: int = 10) -> BrokerOrder:
    """A leg of the entry: a stop or a target, as it is called."""
    kind = OrderType.STOP if id_ == "stop" else OrderType.LIMIT
    return said(
        *(id_, status, filled), quantity=quantity, side=Side.SELL, type_=kind, parent="b-entry"
    )


def holding_ten(rig: BookRig) -> None:
    """Ten shares at 100, protected by the two legs of their bracket."""
    rig.intend(ENTRY)
    rig.hear(said())
    rig.hear(leg("stop", Status.HELD))
    rig.hear(leg("target", Status.HELD))
    rig.hear(said(status=Status.FILLED, filled=10))
    rig.hear(leg("stop", Status.WORKING))
    rig.hear(leg("target", Status.WORKING))


def events(rig: BookRig, id_: str = "entry") -> list[TradeEvent]:
    trades = sorted(rig.book.outbox.waiting.items())
    return [one.event for _, one in trades if one.order_id == id_]


def market(id_: str = "exit", quantity: int = 10) -> OrderRequest:
    return OrderRequest(id_, AAPL, Side.SELL, D(quantity))


# Numbers and strangers.


@pytest.mark.parametrize("number", [0, 1, 3])
def test_facts_are_numbered_without_a_gap(rig: BookRig, number: int) -> None:
    with pytest.raises(InvalidInput, match="after 1"):
        rig.book.apply(Numbered(number, HighWater(rig.now, D(1))))


def test_what_is_no_fact_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is none"):
        Book("paper").apply(Numbered(1, "hello"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fact",
    [
        Refused(OPENING, "stranger", "no"),
        CancelAsked(OPENING, "stranger"),
        ReplaceAsked(OPENING, "stranger", market()),
        Told(OPENING, said("stranger")),
        Told(OPENING, said("stranger"), Leg.STOP),
        Told(OPENING, said("stranger", parent="b-stranger"), Leg.STOP),
    ],
)
def test_nothing_is_known_of_orders_that_nobody_intended(rig: BookRig, fact: Refused) -> None:
    with pytest.raises(InvalidInput):
        rig.note(fact)
    assert rig.book.number == 1
    assert rig.book.orders == {}


def test_an_order_is_ours_by_its_id_or_by_its_relatives(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(said())
    assert is_ours(rig.book, said())
    assert is_ours(rig.book, said("leg", parent="b-entry"))
    assert is_ours(rig.book, said("next", replaces="b-entry"))
    assert not is_ours(rig.book, said("other", parent="b-other"))


def test_facts_know_which_order_they_are_about() -> None:
    certificate = certified(allowed=True)
    assert order_of(Judged(OPENING, certificate)) == "entry"
    assert order_of(Told(OPENING, said("one"))) == "one"
    assert order_of(CancelAsked(OPENING, "two")) == "two"
    assert order_of(HighWater(OPENING, D(1))) is None
    rig = BookRig()
    rig.intend(ENTRY)
    assert order_of(rig.journal[-1].fact) == "entry"


# Messages that come twice, in any order, or never.


def test_a_message_that_comes_twice_or_late_changes_nothing(rig: BookRig) -> None:
    rig.intend(ENTRY)
    first, second = said(filled=3, price="100"), said(filled=10, status=Status.FILLED, price="107")
    rig.hear(second, Execution("x2", D(7), D(110), OPENING))
    rig.hear(first, Execution("x1", D(3), D(100), OPENING))
    rig.hear(second, Execution("x2", D(7), D(110), OPENING))
    assert rig.book.quantity(AAPL) == 10
    assert rig.book.cash == 100_000 - 1070
    assert rig.book.orders["entry"].status is Status.FILLED
    (fill,) = rig.book.fills
    assert (fill.inferred, fill.price, fill.execution_id) == (True, D(107), "b-entry:10")


def test_an_execution_gives_its_own_price_time_and_name(rig: BookRig) -> None:
    rig.intend(ENTRY)
    at = OPENING + timedelta(seconds=2)
    rig.hear(said(filled=4, price="99"), Execution("x1", D(4), D(99), at))
    (fill,) = rig.book.fills
    assert (fill.inferred, fill.price, fill.at, fill.execution_id) == (False, D(99), at, "x1")


def test_a_total_without_a_price_counts_when_the_price_is_told(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(evolve(said(status=Status.FILLED, filled=10), average=None))
    assert rig.book.quantity(AAPL) == 0
    rig.hear(said(status=Status.FILLED, filled=10))
    assert rig.book.quantity(AAPL) == 10


def test_fees_never_go_back(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(evolve(said(filled=4), fees=D("0.40")))
    rig.hear(evolve(said(filled=10), fees=D("0.10")))
    assert rig.book.orders["entry"].fees == D("0.40")
    assert rig.book.positions[AAPL].fees == D("0.40")


def test_a_cancel_that_the_broker_has_not_carried_out_stays_asked(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(said())
    rig.note(CancelAsked(rig.now, "entry"))
    rig.hear(said(filled=2))
    order = rig.book.orders["entry"]
    assert (order.status, order.filled, order.remaining) == (Status.CANCELLING, 2, 8)


def test_a_cancel_of_what_nobody_heard_of_leaves_it_in_doubt(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.note(CancelAsked(rig.now, "entry"))
    order = rig.book.orders["entry"]
    assert (order.status, order.asked_at) == (Status.INTENDED, rig.now)
    rig.note(Refused(rig.now, "entry", "gone", lost=True), CancelAsked(rig.now, "entry"))
    assert rig.book.orders["entry"].status is Status.LOST


def test_a_fill_that_the_cancel_came_too_late_for_counts_and_has_its_plan(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(said(status=Status.CANCELLED))
    assert AAPL not in rig.book.holdings
    rig.hear(said(status=Status.FILLED, filled=10))
    assert rig.book.quantity(AAPL) == 10
    assert rig.book.holdings[AAPL].stop == 95
    assert rig.book.orders["entry"].status is Status.FILLED


@pytest.mark.parametrize("lost", [True, False])
def test_an_order_that_was_given_up_may_turn_out_to_be_there(rig: BookRig, lost: bool) -> None:
    rig.intend(ENTRY)
    rig.note(Refused(rig.now, "entry", "no", lost=lost))
    assert rig.book.open_orders() == ()
    rig.hear(said(filled=4))
    assert rig.book.orders["entry"].status is Status.WORKING
    rig.hear(said(status=Status.CANCELLED, filled=4))
    told = [] if lost else [TradeEvent.REJECTED]
    assert events(rig) == [*told, TradeEvent.SUBMITTED, TradeEvent.FILLED, TradeEvent.CANCELLED]


def test_an_order_that_the_broker_rejected_stays_so(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(said(status=Status.REJECTED))
    rig.hear(said())
    assert rig.book.orders["entry"].status is Status.REJECTED
    assert events(rig) == [TradeEvent.REJECTED]


def test_a_refusal_of_what_the_broker_has_changes_no_status(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(said())
    rig.note(Refused(rig.now, "entry", "there is one already"))
    assert rig.book.orders["entry"].status is Status.WORKING
    assert rig.book.orders["entry"].problem == "there is one already"


def test_a_known_order_that_is_lost_and_found_is_submitted_once(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(said())
    rig.note(Refused(rig.now, "entry", "not found", lost=True))
    rig.hear(said())
    assert events(rig) == [TradeEvent.SUBMITTED]
    rig.hear(said(status=Status.EXPIRED))
    assert events(rig) == [TradeEvent.SUBMITTED, TradeEvent.EXPIRED]


# Legs and successors.


def test_legs_are_adopted_with_the_signal_of_their_entry(rig: BookRig) -> None:
    holding_ten(rig)
    stop = rig.book.orders["stop"]
    assert (stop.leg, stop.signal_id, stop.signal_index) == (Leg.STOP, "signal", 7)
    assert (stop.parent, stop.request.stop, stop.request.limit) == ("entry", 95, None)
    assert rig.book.orders["target"].request.limit == 110
    assert events(rig, "stop") == [TradeEvent.SUBMITTED]


def test_a_leg_shrinks_as_the_other_is_filled_and_never_grows(rig: BookRig) -> None:
    holding_ten(rig)
    rig.hear(leg("target", Status.WORKING, filled=4))
    rig.hear(leg("stop", Status.WORKING, quantity=6))
    rig.hear(leg("stop", Status.WORKING, quantity=10))
    assert rig.book.orders["stop"].remaining == 6


def test_a_replaced_order_ends_by_the_brokers_word(rig: BookRig) -> None:
    holding_ten(rig)
    rig.note(ReplaceAsked(rig.now, "stop", stop_at(97)))
    rig.hear(said("higher", side=Side.SELL, type_=OrderType.STOP, replaces="b-stop"))
    assert rig.book.orders["stop"].is_open
    rig.hear(evolve(leg("stop", Status.REPLACED), replaced_by="b-higher"))
    old, new = rig.book.orders["stop"], rig.book.orders["higher"]
    assert (old.status, old.replaced_by) == (Status.REPLACED, "higher")
    assert (new.replaces, new.parent, new.leg) == ("stop", "entry", Leg.STOP)
    assert events(rig, "stop") == [TradeEvent.SUBMITTED, TradeEvent.CANCELLED]


def test_a_replacement_that_fails_leaves_the_old_order_as_it_was(rig: BookRig) -> None:
    holding_ten(rig)
    rig.note(ReplaceAsked(rig.now, "stop", stop_at(97)))
    new = said("higher", side=Side.SELL, type_=OrderType.STOP, replaces="b-stop")
    rig.hear(new)
    rig.hear(evolve(new, status=Status.REJECTED))
    assert rig.book.orders["stop"].status is Status.WORKING
    assert rig.book.orders["stop"].replaced_by is None


def test_where_the_successor_is_filled_the_old_order_is_gone(rig: BookRig) -> None:
    holding_ten(rig)
    rig.note(ReplaceAsked(rig.now, "stop", stop_at(97)))
    new = said("higher", filled=3, side=Side.SELL, type_=OrderType.STOP, replaces="b-stop")
    rig.hear(new)
    assert rig.book.orders["stop"].status is Status.REPLACED
    assert rig.book.orders["stop"].replaced_by == "higher"
    numbers = list(rig.book.outbox.waiting)
    assert numbers == sorted(set(numbers))
    rig.hear(leg("stop", Status.REPLACED))
    assert events(rig, "stop").count(TradeEvent.CANCELLED) == 1


def test_a_successor_that_nobody_intended_is_adopted(rig: BookRig) -> None:
    holding_ten(rig)
    rig.hear(said("theirs", side=Side.SELL, type_=OrderType.STOP, replaces="b-stop"))
    assert rig.book.orders["theirs"].replaces == "stop"
    assert rig.book.orders["theirs"].leg is Leg.STOP


def test_a_market_order_is_adopted_without_prices(rig: BookRig) -> None:
    holding_ten(rig)
    said_market = said("theirs", side=Side.SELL, type_=OrderType.MARKET, replaces="b-stop")
    rig.hear(said_market)
    request = rig.book.orders["theirs"].request
    assert (request.type, request.limit, request.stop) == (OrderType.MARKET, None, None)


def stop_at(price: int) -> OrderRequest:
    return OrderRequest("higher", AAPL, Side.SELL, D(10), OrderType.STOP, stop=D(price))


# What a fill does.


def test_a_position_is_held_from_its_first_share_on(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(said(filled=1, price="99", at=3))
    held = rig.book.holdings[AAPL]
    assert (held.best, held.stop, held.signal_index) == (D(99), D(95), 7)
    assert rig.book.since[AAPL] == OPENING + timedelta(seconds=3)


def test_an_entry_without_a_plan_makes_no_holding(rig: BookRig) -> None:
    rig.intend(ENTRY, planned=False)
    rig.hear(said(filled=1))
    assert rig.book.holdings == {}
    assert rig.book.quantity(AAPL) == 1


@pytest.mark.parametrize(
    ("name", "wanted", "stopped"),
    [("stop", None, True), ("target", None, False), ("target", ExitReason.STOP, True)],
)
def test_a_position_that_ends_is_remembered_for_the_cooldown(
    rig: BookRig, name: str, wanted: ExitReason | None, stopped: bool
) -> None:
    holding_ten(rig)
    if wanted:
        rig.note(ExitWanted(rig.now, AAPL, wanted))
    rig.hear(leg(name, Status.FILLED, filled=10))
    (closed,) = rig.book.closed
    assert (closed.symbol, closed.stopped) == (AAPL, stopped)
    assert rig.book.holdings == {}
    assert rig.book.held() == {}


def test_a_position_that_is_turned_has_ended(rig: BookRig) -> None:
    holding_ten(rig)
    rig.intend(market("exit", 13), Leg.EXIT)
    rig.hear(said("exit", Status.FILLED, 13, quantity=13, side=Side.SELL, type_=OrderType.MARKET))
    assert rig.book.quantity(AAPL) == -3
    assert len(rig.book.closed) == 1


def test_an_unplanned_position_ends_without_a_stop(rig: BookRig) -> None:
    rig.intend(ENTRY, planned=False)
    rig.hear(said(status=Status.FILLED, filled=10))
    rig.intend(market(), Leg.EXIT)
    rig.hear(said("exit", Status.FILLED, 10, side=Side.SELL, type_=OrderType.MARKET))
    assert [one.stopped for one in rig.book.closed] == [False]


def test_what_ended_is_remembered_as_long_as_a_rule_may_ask(rig: BookRig) -> None:
    for days in (0, 2, 8):
        rig.now = OPENING + timedelta(days=days)
        rig.intend(entry_of(f"entry-{days}", D(1), D(100)), signal_id=f"signal-{days}")
        rig.hear(evolve(said(f"entry-{days}", Status.FILLED, 1, quantity=1), at=rig.now))
        rig.intend(market(f"exit-{days}", 1), Leg.EXIT, f"signal-{days}")
        out = said(f"exit-{days}", Status.FILLED, 1, quantity=1, side=Side.SELL)
        rig.hear(evolve(out, at=rig.now))
    assert [(one.at - OPENING).days for one in rig.book.closed] == [2, 8]
    assert [(one.at - OPENING).days for one in rig.book.placed] == [8, 8]


# Exits, trails, causes.


def test_the_most_urgent_reason_to_close_stays(rig: BookRig) -> None:
    holding_ten(rig)
    for reason, kept in (
        (ExitReason.SIGNAL, ExitReason.SIGNAL),
        (ExitReason.STOP, ExitReason.STOP),
        (ExitReason.TARGET, ExitReason.STOP),
        (ExitReason.STOP, ExitReason.STOP),
    ):
        rig.note(ExitWanted(rig.now, AAPL, reason))
        assert rig.book.holdings[AAPL].exit is kept


def test_what_an_entry_may_still_buy_is_not_wanted_either(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.intend(entry_of("bare", D(1), D(100)), signal_id="other", planned=False)
    rig.note(ExitWanted(rig.now, AAPL, ExitReason.FLATTEN))
    rig.hear(said(filled=4))
    assert rig.book.holdings[AAPL].exit is ExitReason.FLATTEN


def test_a_stop_trails_where_something_is_held(rig: BookRig) -> None:
    rig.note(Trailed(rig.now, AAPL, D(104), D(99)))
    assert rig.book.holdings == {}
    holding_ten(rig)
    rig.note(Trailed(rig.now, AAPL, D(104), D(99)))
    assert (rig.book.holdings[AAPL].best, rig.book.holdings[AAPL].stop) == (104, 99)


def test_causes_stand_from_their_first_raising_until_they_are_cleared(rig: BookRig) -> None:
    rig.note(CauseRaised(rig.now, Cause.DRIFT, "one"), CauseRaised(rig.now, Cause.DRIFT, "two"))
    assert rig.book.causes[Cause.DRIFT] == (rig.now, "one")
    assert rig.book.state is TradingState.REDUCING
    for _ in range(2):
        rig.note(CauseCleared(rig.now, Cause.DRIFT, "equal"))
    assert rig.book.state is TradingState.ACTIVE


# Refusals.


def test_refusals_in_a_row_are_counted_by_symbol_and_leg(rig: BookRig) -> None:
    for number, wait in enumerate((0, 60, 901)):
        rig.wait(wait)
        rig.intend(market(f"exit-{number}"), Leg.EXIT)
        rig.note(Refused(rig.now, f"exit-{number}", "no"))
    assert rig.book.refused == {(AAPL, Leg.EXIT): Refusal(rig.now, 1)}
    rig.intend(market("exit-9"), Leg.EXIT)
    rig.hear(said("exit-9", Status.REJECTED, side=Side.SELL, type_=OrderType.MARKET))
    assert rig.book.refused[AAPL, Leg.EXIT].times == 2


@pytest.mark.parametrize(
    ("status", "asked", "rests"),
    [
        (Status.CANCELLED, False, True),
        (Status.EXPIRED, False, True),
        (Status.CANCELLED, True, False),
        (Status.FILLED, False, False),
    ],
)
def test_what_the_broker_ends_by_itself_is_like_a_refusal(
    rig: BookRig, status: Status, asked: bool, rests: bool
) -> None:
    rig.intend(market(), Leg.EXIT)
    rig.hear(said("exit", side=Side.SELL, type_=OrderType.MARKET))
    if asked:
        rig.note(CancelAsked(rig.now, "exit"))
    rig.hear(said("exit", status, side=Side.SELL, type_=OrderType.MARKET))
    assert ((AAPL, Leg.EXIT) in rig.book.refused) is rests


def test_legs_that_end_with_their_entry_are_no_refusal(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(said())
    rig.hear(leg("stop", Status.HELD))
    rig.hear(leg("stop", Status.CANCELLED))
    assert rig.book.refused == {}


# Money.


def test_cash_is_the_brokers_and_then_follows_fills_and_flows(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(evolve(said(filled=10, status=Status.FILLED), fees=D("0.35")))
    assert rig.book.cash == 100_000 - 1000 - D("0.35")
    assert rig.book.equity == 100_000 - D("0.35")
    rig.book.marks[AAPL] = D(101)
    assert rig.book.equity == 100_010 - D("0.35")
    rig.wait(60)
    flow = Flowed(rig.now, CashFlow("f1", rig.now, D(500)))
    rig.note(flow, flow)
    assert rig.book.cash == 99_500 - D("0.35")
    assert (rig.book.high, rig.book.flowed) == (100_500, 500)
    rig.note(Accounted(rig.now, account(D(7))))
    assert (rig.book.cash, rig.book.began) == (7, OPENING)


def test_what_is_earned_is_a_gain_and_no_flow(rig: BookRig) -> None:
    rig.wait(60)
    rig.note(Flowed(rig.now, CashFlow("d1", rig.now, D("12.5"), earned=True)))
    assert (rig.book.cash, rig.book.high, rig.book.flowed) == (D("100012.5"), 100_000, 0)


def test_money_that_was_there_when_we_began_is_not_counted_again(rig: BookRig) -> None:
    rig.note(Flowed(rig.now, CashFlow("f0", OPENING - timedelta(minutes=1), D(500))))
    assert (rig.book.cash, rig.book.high, rig.book.flowed) == (100_000, 100_000, 500)


def test_money_before_any_account_is_known_changes_nothing_yet() -> None:
    book = Book("paper")
    book.apply(Numbered(1, Flowed(OPENING, CashFlow("f0", OPENING, D(500)))))
    assert (book.cash, book.high, book.opened) == (0, 0, 0)
    book.apply(Numbered(2, DayClosed(OPENING, date(2026, 11, 23), D(5))))
    assert book.flows.keys() == {"f0"}


def test_a_day_begins_with_the_close_before_it(rig: BookRig) -> None:
    assert rig.book.opened == 100_000
    rig.note(Flowed(rig.now, CashFlow("f1", rig.now - timedelta(days=3), D(1))))
    rig.note(Flowed(rig.now, CashFlow("f2", rig.now + timedelta(hours=1), D(2))))
    rig.note(DayClosed(rig.now, date(2026, 11, 23), D(99)), HighWater(rig.now, D(123)))
    assert (rig.book.opened, rig.book.flowed, rig.book.high) == (99, 2, 123)
    assert rig.book.flows.keys() == {"f2"}


# Splits.


def test_a_split_converts_what_is_held_and_its_plan(rig: BookRig) -> None:
    holding_ten(rig)
    rig.book.marks[AAPL] = D(100)
    rig.note(SplitApplied(rig.now, AAPL, D(2), D(1), date(2026, 11, 24)))
    assert (rig.book.quantity(AAPL), rig.book.positions[AAPL].average) == (20, 50)
    assert rig.book.holdings[AAPL].stop == D("47.5")
    assert rig.book.marks == {AAPL: 50}
    assert (AAPL, date(2026, 11, 24)) in rig.book.splits


def test_what_is_not_held_is_split_without_effect(rig: BookRig) -> None:
    rig.note(SplitApplied(rig.now, MSFT, D(2), D(1), date(2026, 11, 24)))
    assert MSFT not in rig.book.positions


def test_a_position_that_a_split_leaves_no_share_of_is_over(rig: BookRig) -> None:
    holding_ten(rig)
    rig.note(SplitApplied(rig.now, AAPL, D(1), D(20), date(2026, 11, 24)))
    assert rig.book.quantity(AAPL) == 0
    assert rig.book.holdings == {}


# Certificates, the record, memory.


def certified(*, allowed: bool) -> Certificate:
    denial = None if allowed else next(iter(Denial))
    rule = RuleResult("rule", {}, "1", None, denial)
    return Certificate("entry", AAPL, Side.BUY, D(10), OPENING, "risk-1", (rule,), "signal")


def test_an_order_keeps_what_the_rules_said_of_it(rig: BookRig) -> None:
    rig.note(Judged(rig.now, certified(allowed=True)))
    rig.intend(ENTRY)
    assert rig.book.orders["entry"].certificate == certified(allowed=True)
    rig.note(Judged(rig.now, certified(allowed=False)))
    assert list(rig.book.denied) == [certified(allowed=False)]


def test_a_trade_waits_until_the_log_has_it(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(said(filled=4))
    numbers = list(rig.book.outbox.waiting)
    rig.note(Recorded(rig.now, {numbers[0]: 5}))
    assert list(rig.book.outbox.waiting) == numbers[1:]
    assert rig.book.outbox.newest_index == 5


def test_a_first_message_may_tell_everything_at_once(rig: BookRig) -> None:
    rig.intend(ENTRY)
    rig.hear(said(status=Status.REJECTED, filled=4))
    assert events(rig) == [TradeEvent.SUBMITTED, TradeEvent.FILLED, TradeEvent.REJECTED]


def test_the_oldest_ended_orders_are_forgotten_and_open_ones_never(
    rig: BookRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "KEPT_ORDERS", 2)
    for number in range(4):
        rig.intend(entry_of(f"entry-{number}", D(1), D(100)), signal_id=f"signal-{number}")
        rig.hear(said(f"entry-{number}", quantity=1))
    assert len(rig.book.orders) == 4
    rig.hear(said("entry-1", Status.CANCELLED, quantity=1))
    assert list(rig.book.orders) == ["entry-0", "entry-2", "entry-3"]
    assert rig.book.order_at("b-entry-1") is None


def test_the_names_used_last_are_kept(rig: BookRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_NAMES", 2)
    for signal in ("a", "b", "a", "c"):
        rig.intend(market(f"exit-{len(rig.journal)}", 1), Leg.EXIT, signal)
    assert rig.book.revisions == {("a", Leg.EXIT): 2, ("c", Leg.EXIT): 1}


# The account, as the rules see it.


def test_the_account_shows_what_is_held_and_ordered(rig: BookRig) -> None:
    holding_ten(rig)
    rig.intend(entry_of("more", D(3), D(50), symbol=MSFT), signal_id="other")
    view = account_view(rig.book, {AAPL: "tech", MSFT: "tech"})
    assert (view.positions, view.marks) == ({AAPL: 10}, {AAPL: 100})
    assert view.sectors[MSFT] == "tech"
    shown = [(one.symbol, one.remaining, one.price, one.opens) for one in view.orders]
    assert shown == [(AAPL, 10, 95, False), (AAPL, 10, 110, False), (MSFT, 3, 50, True)]
    assert view.buying_power == 99_000
    rig.book.marks[AAPL] = D(104)
    assert account_view(rig.book, {}).marks == {AAPL: 104}


@pytest.mark.parametrize(("mark", "price"), [(D(104), 104), (None, 100)])
def test_an_exit_at_any_price_counts_at_the_mark_or_at_cost(
    rig: BookRig, mark: Decimal | None, price: int
) -> None:
    rig.intend(ENTRY)
    rig.hear(said(status=Status.FILLED, filled=10))
    if mark is not None:
        rig.book.marks[AAPL] = mark
    rig.intend(market(), Leg.EXIT)
    (order,) = account_view(rig.book, {}).orders
    assert (order.price, order.opens) == (price, False)


def test_nothing_can_be_bought_before_the_account_is_known() -> None:
    assert account_view(Book("paper"), {}).buying_power == 0


def test_the_journal_alone_makes_the_very_same_book(rig: BookRig) -> None:
    holding_ten(rig)
    rig.note(ExitWanted(rig.now, AAPL, ExitReason.TIME), CancelAsked(rig.now, "stop"))
    rig.hear(leg("target", Status.FILLED, filled=10))
    for cut in range(len(rig.journal)):
        again = Book("paper")
        again.apply_all(rig.journal[:cut])
        again.apply_all(rig.journal[cut:])
        assert (again.orders, again.positions, again.cash) == (
            *(rig.book.orders, rig.book.positions, rig.book.cash),
        )
        assert again.outbox.waiting == rig.book.outbox.waiting
        assert (again.fills, again.closed, again.number) == (
            *(rig.book.fills, rig.book.closed, rig.book.number),
        )


def test_what_is_not_ours_is_not_heard(rig: BookRig) -> None:
    assert not rig.hear(said("stranger"))
    assert rig.book.orders == {}
