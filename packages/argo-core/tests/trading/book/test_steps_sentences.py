from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.errors import BrokerRefused
from argo_core.testing.book_rig import AAPL, CASH, BookRig, account, entry_of
from argo_core.testing.model_broker import ModelBroker
from argo_core.trading.broker_view import BrokerOrder
from argo_core.trading.fact import (
    Accounted,
    CancelAsked,
    CauseRaised,
    ExitWanted,
    Intended,
    Refused,
    ReplaceAsked,
    SplitApplied,
    Trailed,
)
from argo_core.trading.holding import ExitReason
from argo_core.trading.order import GoodTill, Leg, OrderRequest, OrderType, Side, Status
from argo_core.trading.state import Cause
from argo_core.trading.step import Cancel, Pace, Replace, Step, Submit, Want
from argo_core.trading.steps import Steps

D = Decimal


class Desk:
    """A rig, a broker that answers when it is told to, and the controller between them."""

    def __init__(self) -> None:
        self.rig = BookRig()
        self.broker = ModelBroker(CASH)
        self.steps = Steps("paper-1", Pace())

    def next(self, *, open_now: bool = True) -> tuple[Step, ...]:
        return self.steps.next(self.rig.book, AAPL, self.rig.now, open_now=open_now)

    def cancelled(self, *, open_now: bool = True) -> set[str]:
        """What is to be cancelled, by leg; nothing else may be done."""
        steps = self.next(open_now=open_now)
        assert all(isinstance(one, Cancel) for one in steps)
        return {str(one.order.leg) for one in steps if isinstance(one, Cancel)}

    def only(self, kind: type[Submit] | type[Replace], *, open_now: bool = True) -> OrderRequest:
        """The one thing that is to be sent."""
        (step,) = self.next(open_now=open_now)
        assert isinstance(step, kind)
        assert isinstance(step, Submit | Replace)
        return step.request

    def enter(self, filled: int = 0, *, heard: bool = True) -> BrokerOrder:
        """An entry for ten shares at 100 of which so many are filled."""
        request = entry_of("entry", D(10), D(100))
        self.rig.intend(request)
        entry = self.broker.submit(request, self.rig.now)
        if heard:
            self.tell()
        if filled:
            self.fill("entry", filled)
        return entry

    def fill(self, id_: str, quantity: int) -> None:
        order = self.broker.find(id_)
        assert order is not None
        self.broker.fill(order.broker_id, D(quantity), D(100), D(0), self.rig.now)
        self.tell()

    def perform(self, *, open_now: bool = True) -> None:
        """Do what is next, and hear the answer."""
        now = self.rig.now
        for step in self.next(open_now=open_now):
            match step:
                case Submit():
                    self.rig.note(
                        Intended(now, step.request, step.leg, step.signal_id, step.signal_index)
                    )
                    self.broker.submit(step.request, now)
                case Replace():
                    self.rig.note(ReplaceAsked(now, step.order.id, step.request))
                    self.broker.replace(step.order.broker_id or "", step.request, now)
                case Cancel():
                    self.rig.note(CancelAsked(now, step.order.id))
                    self.broker.cancel(step.order.broker_id or "", now)
                case _:
                    pytest.fail(f"{step} is no order")
        self.tell()

    def answer(self, *, willing: bool = True) -> None:
        """The market does what it was asked for."""
        for name in list(self.broker.waiting):
            self.broker.answer(name, self.rig.now, willing=willing)
        self.tell()

    def tell(self) -> None:
        """Every message arrives."""
        messages, self.broker.messages = self.broker.messages, []
        for one in messages:
            self.rig.hear(one.order, one.execution)

    def stop(self) -> BrokerOrder:
        """The one stop in the market."""
        (found,) = (one for one in self.broker.fillable() if one.type is OrderType.STOP)
        return found


@pytest.fixture
def desk() -> Desk:
    return Desk()


def with_own_stop(desk: Desk) -> None:
    """Four shares, whose entry was cancelled, behind a stop of our own."""
    desk.enter(4)
    desk.rig.wait(5)
    desk.perform()
    desk.answer()
    desk.perform()


# Entries.


def test_nothing_is_done_while_an_order_is_in_doubt(desk: Desk) -> None:
    desk.enter(heard=False)
    desk.rig.wait(60)
    assert desk.next() == ()


def test_an_entry_has_some_seconds(desk: Desk) -> None:
    desk.enter()
    desk.rig.wait(4.9)
    assert desk.next() == ()
    desk.rig.wait(0.1)
    assert desk.cancelled() == {"entry"}


@pytest.mark.parametrize("filled", [0, 4])
def test_a_halt_or_an_exit_cancels_an_entry_at_once(desk: Desk, filled: int) -> None:
    desk.enter(filled)
    if filled:
        desk.rig.note(ExitWanted(desk.rig.now, AAPL, ExitReason.SIGNAL))
    else:
        desk.rig.note(CauseRaised(desk.rig.now, Cause.OPERATOR, "why not"))
    assert desk.cancelled() == {"entry"}


def test_a_cancel_is_asked_again_when_nothing_came_of_it(desk: Desk) -> None:
    desk.enter()
    desk.rig.wait(5)
    desk.perform()
    desk.answer(willing=False)
    assert desk.next() == ()
    desk.rig.wait(9.9)
    assert desk.next() == ()
    desk.rig.wait(0.1)
    assert desk.cancelled() == {"entry"}


def test_a_partly_filled_entry_gets_a_stop_of_our_own_for_its_shares(desk: Desk) -> None:
    desk.enter(4)
    desk.rig.wait(5)
    desk.perform()
    assert desk.next() == ()
    desk.answer()
    stop = desk.only(Submit)
    assert (stop.quantity, stop.side, stop.stop) == (4, Side.SELL, 95)
    assert (stop.type, stop.good_till) == (OrderType.STOP, GoodTill.CANCELLED)
    desk.perform()
    assert desk.next() == ()


def test_an_entry_without_a_fill_leaves_nothing_to_do(desk: Desk) -> None:
    desk.enter()
    desk.rig.wait(5)
    desk.perform()
    desk.answer()
    assert desk.next() == ()


# Legs.


def test_a_complete_entry_is_protected_by_its_legs(desk: Desk) -> None:
    desk.enter(10)
    desk.rig.wait(3600)
    assert desk.next() == ()


def test_a_slow_entry_gives_its_legs_their_time_all_the_same(desk: Desk) -> None:
    desk.enter()
    desk.rig.wait(60)
    desk.broker.fill("model-1", D(10), D(100), D(0), desk.rig.now)
    del desk.broker.messages[1:]
    desk.tell()
    assert desk.next() == ()
    desk.rig.wait(10)
    assert desk.cancelled() == {"stop", "target"}


def test_legs_that_nobody_told_of_are_waited_for_until_the_books_are_read(desk: Desk) -> None:
    desk.enter(heard=False)
    del desk.broker.messages[1:]
    desk.tell()
    desk.broker.fill("model-1", D(10), D(100), D(0), desk.rig.now)
    del desk.broker.messages[1:]
    desk.tell()
    assert desk.next() == ()
    desk.rig.wait(1)
    desk.rig.note(Accounted(desk.rig.now, account()))
    assert desk.only(Submit).quantity == 10


def test_legs_that_nobody_ever_tells_of_are_not_waited_for_for_ever(desk: Desk) -> None:
    desk.enter(heard=False)
    desk.broker.fill("model-1", D(10), D(100), D(0), desk.rig.now)
    desk.broker.messages = [one for one in desk.broker.messages if one.order.id == "entry"]
    desk.tell()
    desk.rig.wait(89)
    assert desk.next() == ()
    desk.rig.wait(1)
    assert desk.only(Submit).type is OrderType.STOP


def test_a_plain_entry_has_no_legs_to_wait_for(desk: Desk) -> None:
    request = evolve(entry_of("entry", D(10), D(100)), bracket=None)
    desk.rig.intend(request)
    desk.broker.submit(request, desk.rig.now)
    desk.fill("entry", 10)
    assert desk.only(Submit).type is OrderType.STOP


def test_a_target_filled_in_part_leaves_a_stop_for_the_rest(desk: Desk) -> None:
    desk.enter(10)
    target = next(one for one in desk.broker.fillable() if one.type is OrderType.LIMIT)
    desk.fill(target.id, 4)
    assert desk.stop().quantity == 6
    assert desk.next() == ()


def test_a_stop_that_did_not_follow_the_shares_is_replaced(desk: Desk) -> None:
    desk.enter(10)
    target = next(one for one in desk.broker.fillable() if one.type is OrderType.LIMIT)
    desk.broker.fill(target.broker_id, D(4), D(110), D(0), desk.rig.now)
    del desk.broker.messages[1:]
    desk.tell()
    assert desk.only(Replace).quantity == 6


def test_a_target_filled_completely_leaves_nothing(desk: Desk) -> None:
    desk.enter(10)
    target = next(one for one in desk.broker.fillable() if one.type is OrderType.LIMIT)
    desk.fill(target.id, 10)
    assert desk.next() == ()


def test_what_is_open_without_a_position_is_cancelled(desk: Desk) -> None:
    desk.enter(10)
    target = next(one for one in desk.broker.fillable() if one.type is OrderType.LIMIT)
    desk.broker.fill(target.broker_id, D(10), D(110), D(0), desk.rig.now)
    del desk.broker.messages[1:]
    desk.tell()
    assert desk.cancelled() == {"stop"}


def test_a_target_without_its_stop_makes_room_for_one(desk: Desk) -> None:
    desk.enter(10)
    stop = desk.stop()
    desk.rig.hear(evolve(stop, status=Status.EXPIRED))
    assert desk.cancelled() == {"target"}


def test_legs_that_the_broker_ended_are_followed_by_a_stop_of_our_own(desk: Desk) -> None:
    desk.enter(10)
    desk.broker.cancel(desk.stop().broker_id, desk.rig.now)
    desk.answer()
    assert desk.broker.open(AAPL) == ()
    assert desk.only(Submit).type is OrderType.STOP


# The stop follows.


def test_the_stop_follows_the_price_and_only_one_thing_is_under_way(desk: Desk) -> None:
    desk.enter(10)
    desk.rig.note(Trailed(desk.rig.now, AAPL, D(104), D(99)))
    higher = desk.only(Replace)
    assert (higher.stop, higher.quantity, higher.bracket) == (99, 10, None)
    desk.perform()
    desk.rig.note(Trailed(desk.rig.now, AAPL, D(105), D("99.50")))
    assert desk.next() == ()
    desk.answer()
    assert desk.only(Replace).stop == D("99.50")


def test_a_replacement_that_the_market_rejects_is_tried_again_after_a_rest(desk: Desk) -> None:
    desk.enter(10)
    desk.rig.note(Trailed(desk.rig.now, AAPL, D(104), D(99)))
    for rest in (5, 10, 20):
        desk.perform()
        desk.answer(willing=False)
        assert desk.stop().stop == 95
        assert desk.next() == ()
        desk.rig.wait(rest - 0.1)
        assert desk.next() == ()
        desk.rig.wait(0.1)
        assert desk.only(Replace).stop == 99


def test_refusals_do_not_make_it_rest_for_longer_than_the_longest(desk: Desk) -> None:
    with_own_stop(desk)
    desk.rig.note(Trailed(desk.rig.now, AAPL, D(104), D(99)))
    for number in range(20):
        desk.rig.wait(300)
        assert desk.only(Replace).stop == 99
        request = OrderRequest(*(f"no-{number}", AAPL, Side.SELL, D(4), OrderType.STOP), stop=D(99))
        desk.rig.note(ReplaceAsked(desk.rig.now, desk.stop().id, request))
        desk.rig.note(Refused(desk.rig.now, request.id, "no"))
        assert desk.next() == ()


def test_a_stop_that_is_being_filled_is_left_alone(desk: Desk) -> None:
    desk.enter(10)
    desk.fill(desk.stop().id, 4)
    desk.rig.note(Trailed(desk.rig.now, AAPL, D(104), D(99)))
    assert desk.next() == ()


def test_a_stop_that_is_being_filled_never_sells_more_than_there_is(desk: Desk) -> None:
    desk.enter(10)
    target = next(one for one in desk.broker.fillable() if one.type is OrderType.LIMIT)
    desk.fill(desk.stop().id, 4)
    desk.broker.fill(target.broker_id, D(3), D(110), D(0), desk.rig.now)
    del desk.broker.messages[1:]
    desk.tell()
    assert desk.only(Replace).quantity == 3


def test_a_stop_that_was_refused_is_sent_again_after_a_rest(desk: Desk) -> None:
    desk.enter(4)
    desk.rig.wait(5)
    desk.perform()
    desk.answer()
    request = desk.only(Submit)
    desk.rig.intend(request, Leg.STOP)
    desk.rig.note(Refused(desk.rig.now, request.id, "no"))
    assert desk.next() == ()
    desk.rig.wait(5)
    again = desk.only(Submit)
    assert again.id != request.id
    assert evolve(again, id=request.id) == request


def test_an_entry_that_is_not_wanted_any_more_is_cancelled_before_it_brings_anything(
    desk: Desk,
) -> None:
    desk.enter()
    assert desk.next() == ()
    desk.rig.note(ExitWanted(desk.rig.now, AAPL, ExitReason.SIGNAL))
    assert desk.cancelled() == {"entry"}


def refuse(desk: Desk, status: Status = Status.REJECTED) -> None:
    """A stop of our own is not taken, and the rest after it is over."""
    request = desk.only(Submit)
    desk.rig.intend(request, Leg.STOP)
    desk.rig.note(Refused(desk.rig.now, request.id, "no", lost=status is Status.LOST))
    desk.rig.wait(60)


def test_a_position_whose_stop_is_refused_twice_is_not_kept(desk: Desk) -> None:
    desk.enter(4)
    desk.rig.wait(5)
    desk.perform()
    desk.answer()
    refuse(desk)
    refuse(desk)
    assert desk.only(Submit, open_now=False).stop == 95
    assert desk.next() == (Want(AAPL, ExitReason.STOP, "its stop was refused 2 times: no"),)


def test_a_stop_that_was_lost_was_not_refused(desk: Desk) -> None:
    desk.enter(4)
    desk.rig.wait(5)
    desk.perform()
    desk.answer()
    refuse(desk)
    refuse(desk, Status.LOST)
    assert desk.only(Submit).stop == 95


def test_after_a_split_the_legs_give_way_to_a_stop_of_our_own(desk: Desk) -> None:
    desk.enter(10)
    desk.rig.note(SplitApplied(desk.rig.now, AAPL, D(2), D(1), date(2026, 11, 23)))
    assert desk.cancelled() == {"target"}
    desk.perform()
    desk.answer()
    request = desk.only(Submit)
    assert (request.quantity, request.stop, request.bracket) == (20, D("47.5"), None)


def test_a_leg_does_not_grow(desk: Desk) -> None:
    desk.enter(10)
    late = entry_of("late", D(5), D(100), bracketed=False)
    desk.rig.intend(late, planned=False)
    desk.broker.submit(late, desk.rig.now)
    desk.tell()
    desk.fill("late", 5)
    assert desk.cancelled() == {"stop"}


def test_of_two_stops_one_is_kept(desk: Desk) -> None:
    with_own_stop(desk)
    stop = desk.stop()
    for number, quantity in enumerate((3, 4)):
        extra = OrderRequest(
            *(f"extra-{number}", AAPL, Side.SELL, D(quantity), OrderType.STOP), stop=D(95)
        )
        desk.rig.intend(extra, Leg.STOP)
        desk.rig.hear(evolve(stop, id=extra.id, broker_id=extra.id, quantity=D(quantity)))
    steps = desk.next()
    assert [one.order.id for one in steps if isinstance(one, Cancel)] == ["extra-0", "extra-1"]
    for name in ("extra-0", "extra-1"):
        desk.rig.note(CancelAsked(desk.rig.now, name))
    # What is on its way out does not take the other one with it.
    assert desk.next() == ()


def test_a_stop_that_is_ending_is_waited_for_and_then_another_follows(desk: Desk) -> None:
    with_own_stop(desk)
    desk.rig.note(CancelAsked(desk.rig.now, desk.stop().id))
    assert desk.next() == ()
    desk.rig.wait(10)
    assert desk.cancelled() == {"stop"}
    desk.perform()
    desk.answer()
    assert desk.only(Submit).type is OrderType.STOP


def test_a_stray_target_of_another_bracket_is_cancelled(desk: Desk) -> None:
    with_own_stop(desk)
    stray = OrderRequest("stray", AAPL, Side.SELL, D(4), OrderType.LIMIT, limit=D(110))
    desk.rig.intend(stray, Leg.TARGET)
    desk.rig.hear(evolve(desk.stop(), id="stray", broker_id="stray", type=OrderType.LIMIT))
    assert desk.cancelled() == {"target"}


# Exits.


def test_an_exit_frees_the_shares_and_then_sells_them(desk: Desk) -> None:
    desk.enter(10)
    desk.rig.note(ExitWanted(desk.rig.now, AAPL, ExitReason.SIGNAL))
    assert desk.cancelled() == {"stop", "target"}
    stop = desk.stop()
    desk.rig.note(CancelAsked(desk.rig.now, stop.id))
    assert desk.cancelled() == {"target"}
    desk.broker.cancel(stop.broker_id, desk.rig.now)
    desk.answer()
    out = desk.only(Submit)
    assert (out.type, out.side, out.quantity) == (OrderType.MARKET, Side.SELL, 10)
    assert out.good_till is GoodTill.DAY
    desk.perform()
    desk.fill(out.id, 3)
    assert desk.next() == ()
    desk.fill(out.id, 7)
    assert desk.next() == ()
    assert desk.rig.book.held() == {}


def test_while_the_market_is_shut_the_protection_stays(desk: Desk) -> None:
    desk.enter(10)
    desk.rig.note(ExitWanted(desk.rig.now, AAPL, ExitReason.TIME))
    assert desk.next(open_now=False) == ()
    assert desk.cancelled() == {"stop", "target"}


def test_an_exit_that_the_close_cut_short_is_protected_over_night(desk: Desk) -> None:
    with_own_stop(desk)
    desk.rig.note(ExitWanted(desk.rig.now, AAPL, ExitReason.TIME))
    desk.perform()
    desk.answer()
    desk.perform()
    (out,) = desk.broker.fillable()
    assert desk.next(open_now=False) == ()
    desk.broker.cancel(out.broker_id, desk.rig.now)
    desk.answer()
    assert desk.only(Submit, open_now=False).type is OrderType.STOP
    desk.perform(open_now=False)
    assert desk.next(open_now=False) == ()
    assert desk.cancelled() == {"stop"}


@pytest.mark.parametrize(("quantity", "side"), [(3, Side.SELL), (4, Side.BUY)])
def test_an_exit_that_does_not_fit_is_cancelled(desk: Desk, quantity: int, side: Side) -> None:
    desk.enter(4)
    desk.rig.wait(5)
    desk.perform()
    desk.answer()
    desk.rig.note(ExitWanted(desk.rig.now, AAPL, ExitReason.STOP))
    desk.rig.intend(OrderRequest("out", AAPL, side, D(quantity)), Leg.EXIT)
    out = evolve(desk.broker.orders["model-1"], id="out", broker_id="out", side=side)
    desk.rig.hear(evolve(out, quantity=D(quantity), filled=D(0), status=Status.WORKING))
    assert desk.cancelled() == {"exit"}
    assert desk.cancelled(open_now=False) == {"exit"}


def test_a_leg_that_turns_up_beside_an_exit_is_cancelled(desk: Desk) -> None:
    with_own_stop(desk)
    stop = desk.stop()
    desk.rig.note(ExitWanted(desk.rig.now, AAPL, ExitReason.STOP))
    desk.rig.intend(OrderRequest("out", AAPL, Side.SELL, D(4)), Leg.EXIT)
    desk.rig.hear(evolve(stop, id="out", broker_id="out", type=OrderType.MARKET, stop=None))
    assert desk.cancelled() == {"stop"}


def test_an_exit_that_was_refused_rests_and_a_refused_stop_does_not_delay_it(desk: Desk) -> None:
    with_own_stop(desk)
    desk.rig.note(ExitWanted(desk.rig.now, AAPL, ExitReason.STOP))
    desk.perform()
    desk.answer()
    desk.rig.intend(OrderRequest("no", AAPL, Side.SELL, D(4), OrderType.STOP, stop=D(95)), Leg.STOP)
    desk.rig.note(Refused(desk.rig.now, "no", "no"))
    request = desk.only(Submit)
    desk.rig.intend(request, Leg.EXIT)
    desk.rig.note(Refused(desk.rig.now, request.id, "no"))
    assert desk.next() == ()
    desk.rig.wait(5)
    assert desk.only(Submit).type is OrderType.MARKET


# What should not be there.


def oversold(desk: Desk) -> None:
    desk.enter(10)
    stop = desk.stop()
    desk.rig.hear(evolve(stop, status=Status.CANCELLED))
    desk.rig.intend(OrderRequest("out", AAPL, Side.SELL, D(13)), Leg.EXIT)
    out = evolve(stop, id="out", broker_id="out", quantity=D(13), filled=D(13), average=D(100))
    desk.rig.hear(evolve(out, status=Status.FILLED))


def unplanned(desk: Desk) -> None:
    request = entry_of("entry", D(3), D(100))
    desk.rig.intend(request, planned=False)
    desk.broker.submit(request, desk.rig.now)
    desk.fill("entry", 3)


@pytest.mark.parametrize(
    ("happens", "side"),
    [(oversold, Side.BUY), (unplanned, Side.SELL)],
    ids=["oversold", "unplanned"],
)
def test_a_position_that_nobody_planned_is_closed(
    desk: Desk, happens: Callable[[Desk], None], side: Side
) -> None:
    happens(desk)
    assert desk.next(open_now=False) == ()
    if desk.rig.book.open_orders():
        assert desk.cancelled() <= {"stop", "target"}
        desk.perform()
        desk.answer()
    out = desk.only(Submit)
    assert (out.type, out.side, out.quantity) == (OrderType.MARKET, side, 3)
    desk.perform()
    assert desk.next() == ()


def test_a_position_whose_orders_are_forgotten_is_closed_under_a_name_of_its_own(
    desk: Desk,
) -> None:
    unplanned(desk)
    book = desk.rig.book
    book.orders.clear()
    out = desk.only(Submit)
    (step,) = desk.next()
    assert isinstance(step, Submit)
    assert (step.signal_id, step.signal_index, out.quantity) == ("unheld-AAPL", None, 3)
    book.fills.clear()
    assert desk.next() == (step,)


def test_the_model_of_a_broker_is_honest(desk: Desk) -> None:
    assert desk.broker.fillable() == ()
    entry = desk.enter(10)
    stop = desk.stop()
    assert desk.broker.free(AAPL) == 0
    assert desk.broker.submit(entry_of("entry", D(1), D(100)), desk.rig.now).quantity == 10
    with pytest.raises(BrokerRefused):
        desk.broker.cancel(entry.broker_id, desk.rig.now)
    same = OrderRequest("same", AAPL, Side.SELL, D(10), OrderType.STOP, stop=stop.stop)
    with pytest.raises(BrokerRefused):
        desk.broker.replace(stop.broker_id, same, desk.rig.now)
    with pytest.raises(BrokerRefused):
        desk.broker.submit(evolve(same, id="more"), desk.rig.now)
    higher = evolve(same, id="higher", stop=D(97))
    new = desk.broker.replace(stop.broker_id, higher, desk.rig.now)
    assert desk.broker.replace(stop.broker_id, higher, desk.rig.now) == new
    assert desk.broker.find("nobody") is None
    # The stop is filled before it is replaced: nothing is left for the new one.
    desk.fill(stop.id, 10)
    desk.answer()
    assert desk.broker.orders[new.broker_id].status is Status.REJECTED
    assert desk.broker.open(AAPL) == ()
