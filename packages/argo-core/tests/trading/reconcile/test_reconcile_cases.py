from datetime import UTC, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.market.instrument import Symbol
from argo_core.trading.book_view import BookView, OwnOrder
from argo_core.trading.broker_view import BrokerAccount, BrokerOrder, BrokerPosition
from argo_core.trading.drift import Difference, DriftKind
from argo_core.trading.order import Leg, OrderType, Side, Status
from argo_core.trading.position import Position
from argo_core.trading.reconcile import Reconciliation, Tolerance, reconcile

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
NVR, TDG = Symbol("NVR"), Symbol("TDG")
FIVE, HUNDRED = Decimal(5), Decimal(100)

OWN = OwnOrder("entry", "b1", NVR, Side.BUY, Leg.ENTRY, FIVE, Status.WORKING)
SAID = BrokerOrder("entry", "b1", NVR, Side.BUY, OrderType.LIMIT, FIVE, Status.WORKING, NOON)
ACCOUNT = BrokerAccount("acc", Decimal(1_000), Decimal(1_000), Decimal(1_000), Decimal(1_000))


def book(*orders: OwnOrder, cash: str = "1000", **rest: object) -> BookView:
    by_id = {one.id: one for one in orders}
    return BookView("acc", Decimal(cash), by_id, known=frozenset(by_id), **rest)  # type: ignore[arg-type]


def account(cash: str) -> BrokerAccount:
    return evolve(ACCOUNT, cash=Decimal(cash))


def filled(
    order: BrokerOrder, shares: str, at: str, status: Status = Status.WORKING
) -> BrokerOrder:
    return evolve(order, filled=Decimal(shares), average=Decimal(at), status=status)


def holds(symbol: Symbol, shares: str, at: str) -> BrokerPosition:
    return BrokerPosition(symbol, Decimal(shares), Decimal(at))


def kinds(found: Reconciliation) -> list[DriftKind]:
    return [one.kind for one in found.differences]


def test_two_empty_books_are_equal() -> None:
    found = reconcile(book(), (), (), ACCOUNT)
    assert found == Reconciliation()
    assert found.equal
    assert found.certain


def test_the_same_order_on_both_sides_is_nothing_to_speak_of() -> None:
    assert reconcile(book(OWN), (SAID,), (), ACCOUNT) == Reconciliation()


def test_another_account_is_the_only_thing_that_is_said() -> None:
    theirs = evolve(ACCOUNT, id="other")
    found = reconcile(book(OWN), (filled(SAID, "5", "100"),), (), theirs)
    assert found == Reconciliation(differences=(Difference(DriftKind.ACCOUNT, "acc", "other"),))
    assert not found.equal
    assert found.differences[0].text == "The broker's account is other, and the book is of acc."


def test_an_account_that_we_do_not_know_yet_is_taken_as_it_is() -> None:
    assert reconcile(evolve(book(), account=""), (), (), ACCOUNT).equal


def test_a_fill_that_we_have_not_heard_of_is_told_and_no_alarm() -> None:
    said = filled(SAID, "3", "100")
    found = reconcile(book(OWN), (said,), (holds(NVR, "3", "100"),), account("700"))
    assert found == Reconciliation(updates=(said,))
    assert found.certain


def test_a_fill_beyond_those_we_know_is_priced_by_itself() -> None:
    own = evolve(OWN, filled=Decimal(2), average=HUNDRED, fees=Decimal(1))
    said = evolve(filled(SAID, "3", "110"), fees=Decimal(3))
    ours = book(own, cash="799", positions={NVR: Position(Decimal(2), HUNDRED)})
    # The third share cost 130, and its fees are 2.
    found = reconcile(ours, (said,), (holds(NVR, "3", "110"),), account("667"), tolerance=SHARP)
    assert found == Reconciliation(updates=(said,))


SHARP = Tolerance(fee=Decimal(0))


def test_a_total_without_its_price_is_no_fill_yet() -> None:
    said = evolve(SAID, filled=Decimal(3))
    assert reconcile(book(OWN), (said,), (), ACCOUNT) == Reconciliation()


def test_a_status_that_moved_is_told() -> None:
    said = evolve(SAID, status=Status.CANCELLED)
    assert reconcile(book(OWN), (said,), (), ACCOUNT).updates == (said,)


def test_an_end_that_was_asked_for_is_waited_for() -> None:
    own = evolve(OWN, status=Status.CANCELLING)
    assert reconcile(book(own), (SAID,), (), ACCOUNT) == Reconciliation()


def test_an_order_whose_reply_was_lost_is_told_with_the_brokers_id() -> None:
    own = evolve(OWN, broker_id=None, status=Status.INTENDED)
    found = reconcile(book(own), (SAID,), (), ACCOUNT)
    assert found == Reconciliation(updates=(SAID,))


def test_the_brokers_id_is_news_by_itself() -> None:
    own = evolve(OWN, broker_id=None, status=Status.CANCELLING)
    assert reconcile(book(own), (SAID,), (), ACCOUNT) == Reconciliation(updates=(SAID,))


def test_an_order_that_was_given_up_and_is_there_is_told() -> None:
    own = evolve(OWN, status=Status.LOST)
    assert reconcile(book(own), (SAID,), (), ACCOUNT) == Reconciliation(updates=(SAID,))


def test_an_open_order_that_is_not_there_is_missing() -> None:
    found = reconcile(book(OWN), (), (), ACCOUNT)
    assert found == Reconciliation(missing=("entry",))
    assert not found.equal


def test_an_order_whose_answer_is_outstanding_is_not_missing_yet() -> None:
    found = reconcile(book(OWN, in_flight=frozenset({"entry"})), (), (), ACCOUNT)
    assert found.certain


def test_an_order_that_ended_is_not_missing() -> None:
    ended = evolve(OWN, status=Status.FILLED)
    assert reconcile(book(ended), (), (), ACCOUNT) == Reconciliation()


STOP = BrokerOrder(
    "leg-1", "b2", NVR, Side.SELL, OrderType.STOP, FIVE, Status.HELD, NOON, parent="b1"
)
TARGET = evolve(STOP, id="leg-2", broker_id="b3", type=OrderType.LIMIT)


def test_the_legs_of_our_bracket_are_adopted_behind_their_entry() -> None:
    own = evolve(OWN, broker_id=None, status=Status.INTENDED)
    late = evolve(SAID, at=datetime(2026, 11, 24, tzinfo=UTC))
    found = reconcile(book(own), (TARGET, STOP, late), (), ACCOUNT)
    assert found == Reconciliation(
        updates=(late, STOP, TARGET), adopted={"leg-1": Leg.STOP, "leg-2": Leg.TARGET}
    )


def test_a_leg_is_adopted_though_its_entry_is_not_listed_any_more() -> None:
    own = evolve(OWN, status=Status.FILLED, filled=FIVE, average=HUNDRED)
    live = evolve(STOP, status=Status.WORKING)
    ours = book(own, positions={NVR: Position(FIVE, HUNDRED)})
    found = reconcile(ours, (live,), (holds(NVR, "5", "100"),), ACCOUNT)
    assert found == Reconciliation(updates=(live,), adopted={"leg-1": Leg.STOP})


def test_a_leg_that_was_filled_before_we_saw_it_counts() -> None:
    own = evolve(OWN, status=Status.FILLED, filled=FIVE, average=HUNDRED)
    hit = filled(STOP, "5", "90", Status.FILLED)
    ours = book(own, positions={NVR: Position(FIVE, HUNDRED)})
    found = reconcile(ours, (hit,), (), account("1450"))
    assert found == Reconciliation(updates=(hit,), adopted={"leg-1": Leg.STOP})


def test_a_leg_without_an_id_gets_the_same_one_every_time() -> None:
    nameless = evolve(STOP, id="")
    first, second = (reconcile(book(OWN), (SAID, nameless), (), ACCOUNT) for _ in range(2))
    assert first == second
    (name,) = first.adopted
    assert first.updates == (evolve(nameless, id=name),)
    other = reconcile(book(OWN), (SAID, evolve(nameless, broker_id="b9")), (), ACCOUNT)
    assert name not in other.adopted
    # Adopted under that name, it is known the next time.
    leg = OwnOrder(name, "b2", NVR, Side.SELL, Leg.STOP, FIVE, Status.HELD)
    assert reconcile(book(OWN, leg), (SAID, nameless), (), ACCOUNT) == Reconciliation()


def test_an_open_order_that_is_not_ours_is_shown_and_one_that_ended_is_not() -> None:
    theirs = evolve(SAID, id="theirs", broker_id="b9")
    done = evolve(theirs, id="done", broker_id="b8", status=Status.CANCELLED)
    found = reconcile(book(), (theirs, done), (), ACCOUNT)
    assert found.unknown_orders == (theirs,)
    assert [one.text for one in found.differences] == [
        "Order theirs is open at the broker, BUY 5 NVR, and is not ours."
    ]
    assert found.updates == ()


def test_an_order_that_the_book_forgot_is_not_a_strangers() -> None:
    known = evolve(book(), known=frozenset({"entry"}))
    done = filled(SAID, "5", "100", Status.FILLED)
    assert reconcile(known, (done,), (), ACCOUNT) == Reconciliation()


def test_a_forgotten_order_that_is_open_counts_when_it_is_open_again() -> None:
    known = evolve(book(), known=frozenset({"entry"}))
    first = reconcile(known, (SAID,), (), ACCOUNT)
    assert first.equal
    second = reconcile(known, (SAID,), (), ACCOUNT, before=first)
    assert [one.text for one in second.differences] == [
        "Order entry of NVR is ended with us and working at the broker."
    ]


def test_an_order_that_ended_with_us_and_lives_there_counts_the_second_time() -> None:
    own = evolve(OWN, status=Status.CANCELLED)
    first = reconcile(book(own), (SAID,), (), ACCOUNT)
    assert first.equal
    assert not first.certain
    second = reconcile(book(own), (SAID,), (), ACCOUNT, before=first)
    assert kinds(second) == [DriftKind.RISEN]
    third = reconcile(book(own), (SAID,), (), ACCOUNT, before=second)
    assert kinds(third) == [DriftKind.RISEN]


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"side": Side.SELL}, "Order entry of NVR is BUY 5 NVR with us and SELL 5 NVR"),
        ({"symbol": TDG}, "Order entry of NVR is BUY 5 NVR with us and BUY 5 TDG"),
        ({"quantity": Decimal(7)}, "Order entry of NVR is BUY 5 NVR with us and BUY 7 NVR"),
    ],
)
def test_an_order_that_is_another_one_there_is_a_difference(
    wrong: dict[str, object], text: str
) -> None:
    said = evolve(SAID, status=Status.CANCELLED, **wrong)
    found = reconcile(book(OWN), (said,), (), ACCOUNT)
    assert [one.text for one in found.differences] == [f"{text} at the broker."]
    # Only what is meant by both can be told: the rest would be booked on the wrong side.
    assert found.updates == ((said,) if "quantity" in wrong else ())


def test_fills_that_went_back_count_at_once_when_the_order_ended() -> None:
    own = evolve(OWN, filled=Decimal(3), average=HUNDRED)
    ours = book(own, positions={NVR: Position(Decimal(3), HUNDRED)})
    said = filled(SAID, "2", "100", Status.CANCELLED)
    found = reconcile(ours, (said,), (holds(NVR, "3", "100"),), ACCOUNT)
    assert [one.text for one in found.differences] == [
        "Order entry of NVR has 3 shares filled with us and 2 at the broker."
    ]


def test_a_list_that_is_behind_the_stream_is_excused_once() -> None:
    own = evolve(OWN, filled=Decimal(3), average=HUNDRED)
    ours = book(own, cash="700", positions={NVR: Position(Decimal(3), HUNDRED)})
    first = reconcile(ours, (SAID,), (), ACCOUNT)
    assert first.equal
    assert [one.kind for one in first.excused] == [
        DriftKind.FILL_BACKWARDS,
        DriftKind.QUANTITY,
        DriftKind.CASH,
    ]
    second = reconcile(ours, (SAID,), (), ACCOUNT, before=first)
    assert second.differences == first.excused
    assert second.excused == ()


def test_a_fill_between_two_reads_is_excused_once_up_to_what_remains() -> None:
    late = (holds(NVR, "2", "100"),)
    first = reconcile(book(OWN), (SAID,), late, account("800"))
    assert first.equal
    assert [one.kind for one in first.excused] == [DriftKind.UNKNOWN_POSITION, DriftKind.CASH]
    said = filled(SAID, "2", "100")
    assert reconcile(book(OWN), (said,), late, account("800"), before=first).certain
    again = reconcile(book(OWN), (SAID,), late, account("800"), before=first)
    assert kinds(again) == [DriftKind.UNKNOWN_POSITION, DriftKind.CASH]
    assert again.differences[0].text == "The broker holds 2 shares of NVR, and we hold none."
    more = reconcile(book(OWN), (SAID,), (holds(NVR, "6", "100"),), account("400"))
    assert kinds(more) == [DriftKind.UNKNOWN_POSITION]


def test_an_order_excuses_its_own_direction_alone() -> None:
    short = reconcile(book(OWN), (SAID,), (holds(NVR, "-2", "100"),), account("1200"))
    assert kinds(short) == [DriftKind.UNKNOWN_POSITION, DriftKind.CASH]
    own = evolve(OWN, side=Side.SELL)
    said = evolve(SAID, side=Side.SELL)
    short = reconcile(book(own), (said,), (holds(NVR, "-2", "100"),), account("1200"))
    assert short.equal


@pytest.mark.parametrize(("side", "shares", "cash"), [("BUY", "5", "500"), ("SELL", "-5", "1500")])
def test_an_order_in_flight_excuses_what_it_may_have_done(
    side: str, shares: str, cash: str
) -> None:
    own = evolve(OWN, broker_id=None, status=Status.INTENDED, side=Side(side))
    ours = book(own, in_flight=frozenset({"entry"}))
    held = (holds(NVR, shares, "100"),)
    first = reconcile(ours, (), held, account(cash))
    assert first.equal
    assert kinds(reconcile(ours, (), held, account(cash), before=first)) == [
        DriftKind.UNKNOWN_POSITION,
        DriftKind.CASH,
    ]


def test_an_ended_order_excuses_nothing() -> None:
    ended = evolve(OWN, status=Status.CANCELLED)
    said = evolve(SAID, status=Status.CANCELLED)
    for theirs in ((said,), ()):
        found = reconcile(book(ended), theirs, (holds(NVR, "2", "100"),), ACCOUNT)
        assert kinds(found) == [DriftKind.UNKNOWN_POSITION]


def test_more_filled_than_ordered_leaves_nothing_that_remains() -> None:
    said = filled(SAID, "7", "100")
    found = reconcile(book(OWN), (said,), (holds(NVR, "8", "100"),), account("300"))
    assert kinds(found) == [DriftKind.QUANTITY]


def test_what_is_too_much_of_one_order_does_not_tie_another() -> None:
    said, other = filled(SAID, "7", "100"), evolve(SAID, id="other", broker_id="b7")
    ours = book(OWN, evolve(OWN, id="other", broker_id="b7"))
    assert reconcile(ours, (said, other), (holds(NVR, "12", "100"),), account("300")).equal


def test_an_open_order_that_is_not_listed_excuses_what_remains_of_it() -> None:
    own = evolve(OWN, filled=Decimal(3), average=HUNDRED)
    ours = book(own, positions={NVR: Position(Decimal(3), HUNDRED)})
    for shares, excused in (("5", True), ("6", False)):
        found = reconcile(ours, (), (holds(NVR, shares, "100"),), ACCOUNT)
        assert (not found.differences) == excused


def test_a_leg_that_shrank_with_the_other_is_told_and_no_alarm() -> None:
    own = OwnOrder("leg-1", "b2", NVR, Side.SELL, Leg.STOP, FIVE, Status.HELD)
    said = evolve(STOP, quantity=Decimal(2))
    found = reconcile(book(OWN, own), (SAID, said), (), ACCOUNT)
    assert found == Reconciliation(updates=(said,))


def test_an_average_within_a_hundredth_of_a_percent_is_the_same() -> None:
    ours = book(positions={NVR: Position(FIVE, HUNDRED)})
    assert reconcile(ours, (), (holds(NVR, "5", "100.01"),), ACCOUNT).certain
    found = reconcile(ours, (), (holds(NVR, "5", "100.011"),), ACCOUNT)
    assert [one.text for one in found.differences] == [
        "A share of NVR cost us 100, and the broker says 100.011."
    ]


def test_an_average_is_excused_once_where_a_fill_was_news() -> None:
    said = filled(SAID, "3", "100")
    found = reconcile(book(OWN), (said,), (holds(NVR, "3", "90"),), account("700"))
    assert [one.kind for one in found.excused] == [DriftKind.AVERAGE]


def test_a_position_that_is_gone_there_is_a_difference() -> None:
    ours = book(positions={NVR: Position(FIVE, HUNDRED), TDG: Position()})
    found = reconcile(ours, (), (), ACCOUNT)
    assert [one.text for one in found.differences] == [
        "We hold 5 shares of NVR, and the broker says 0."
    ]


def test_a_flat_position_that_is_listed_is_none() -> None:
    assert reconcile(book(), (), (holds(NVR, "0", "0"),), ACCOUNT).certain


def test_cash_is_the_same_to_the_cent_and_some_for_fees_that_are_not_told() -> None:
    assert reconcile(book(), (), (), account("999.99")).certain
    found = reconcile(book(), (), (), account("999.98"))
    assert [one.text for one in found.differences] == [
        "There should be 1000 in cash, and the broker says 999.98."
    ]
    assert reconcile(book(fills=2), (), (), account("999.89")).certain
    assert kinds(reconcile(book(fills=2), (), (), account("999.88"))) == [DriftKind.CASH]
    said = filled(SAID, "3", "100", Status.FILLED)
    held = (holds(NVR, "3", "100"),)
    assert reconcile(book(OWN), (said,), held, account("699.94")).certain


def test_of_an_order_that_is_listed_twice_the_furthest_counts() -> None:
    more = filled(SAID, "3", "100")
    held = (holds(NVR, "3", "100"),)
    for theirs in ((SAID, more), (more, SAID), (more, more)):
        found = reconcile(book(OWN), theirs, held, account("700"))
        assert found == Reconciliation(updates=(more,))
