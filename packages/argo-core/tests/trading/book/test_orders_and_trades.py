"""What an order, a trade and a position refuse to be, and what they say."""

from decimal import Decimal

import pytest

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.testing.book_rig import OPENING
from argo_core.trading.order import Bracket, Leg, OrderRequest, OrderType, Side, Status, order_id
from argo_core.trading.order_table import TABLE, after
from argo_core.trading.position import Position
from argo_core.trading.trade import HIGHEST, Trade, TradeEvent

D = Decimal
AAPL = Symbol("AAPL")


def order(**said: object) -> OrderRequest:
    usual: dict[str, object] = {"id": "one", "symbol": AAPL, "side": Side.BUY, "quantity": D(10)}
    return OrderRequest(**(usual | said))  # type: ignore[arg-type]


LIMIT = {"type": OrderType.LIMIT, "limit": D(100)}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"quantity": D(0)}, "quantity"),
        ({"quantity": D(-1)}, "quantity"),
        ({"quantity": D("NaN")}, "quantity"),
        ({"limit": D(100)}, "limit"),
        ({"type": OrderType.LIMIT}, "limit"),
        ({"type": OrderType.LIMIT, "limit": D(0)}, "limit"),
        ({"type": OrderType.STOP}, "stop"),
        ({**LIMIT, "stop": D(1)}, "stop"),
        ({**LIMIT, "bracket": Bracket(D(0))}, "bracket.stop"),
        ({**LIMIT, "bracket": Bracket(D(95), D("Infinity"))}, "bracket.target"),
        ({**LIMIT, "bracket": Bracket(D(95), D(95))}, "bracket"),
        ({**LIMIT, "bracket": Bracket(D(95), D(94))}, "bracket"),
        ({**LIMIT, "side": Side.SELL, "bracket": Bracket(D(95), D(99))}, "bracket"),
        ({**LIMIT, "quantity": D("1.5"), "bracket": Bracket(D(95))}, "quantity"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(said: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}: "):
        order(**said)


@pytest.mark.parametrize(
    "said",
    [
        {"quantity": D("0.5")},
        LIMIT,
        {"type": OrderType.STOP, "stop": D(95)},
        {**LIMIT, "bracket": Bracket(D(95))},
        {**LIMIT, "bracket": Bracket(D(95), D(110))},
        {**LIMIT, "side": Side.SELL, "bracket": Bracket(D(105), D(90))},
    ],
)
def test_an_order_may_be_one_of_these(said: dict[str, object]) -> None:
    assert order(**said).id == "one"


def test_an_id_is_the_same_whenever_it_is_made_again() -> None:
    ids = [order_id("a", "s", leg, number) for leg in Leg for number in range(3)]
    assert len(set(ids)) == len(ids)
    assert {len(one) for one in ids} == {32}
    # base32 of SHA-256 of `a|s|entry|0`, as the shell makes it.
    assert ids[0] == "RLBPDXFI7DF4ZSVTWS44PUI5Z4QUDDCW"


def test_sides_and_ends() -> None:
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)
    assert (Side.BUY.opposite, Side.SELL.opposite) == (Side.SELL, Side.BUY)
    assert [one for one in Status if one.is_open] == [
        *(Status.INTENDED, Status.HELD, Status.WORKING, Status.CANCELLING)
    ]
    assert all(one.is_end is not one.is_open for one in Status)


def test_an_end_is_the_end_but_for_a_late_fill_and_what_was_lost() -> None:
    assert TABLE.keys() == set(Status)
    for known in Status:
        for told in Status:
            now = after(known, told)
            assert now in {known, told}
            if known.is_end and known is not Status.LOST:
                assert now is known or now is Status.FILLED
            # What was told once is not news when it is told again.
            assert after(now, told) is now


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"order_id": ""}, "order_id"),
        ({"broker": "pap\ner"}, "broker"),
        ({"execution_id": "x" * 256}, "execution_id"),
        ({"quantity": D("NaN")}, "quantity"),
        ({"price": D(HIGHEST)}, "price"),
        ({"fee": D("-Infinity")}, "fee"),
        ({"signal_index": -1}, "signal_index"),
        ({"at": OPENING.replace(tzinfo=None)}, "at"),
    ],
)
def test_a_trade_that_no_entry_could_say_is_refused(said: dict[str, object], field: str) -> None:
    usual: dict[str, object] = {
        "number": 4,
        "order_id": "one",
        "symbol": AAPL,
        "side": Side.BUY,
        "at": OPENING,
        "event": TradeEvent.FILLED,
        "quantity": D(1),
        "broker": "paper",
        "signal_index": 3,
    }
    assert Trade(**usual).number == 4  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=field):
        Trade(**(usual | said))  # type: ignore[arg-type]


Deed = tuple[Side, int, int]


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        ([(Side.BUY, 10, 100)], (10, 100, 0)),
        ([(Side.BUY, 10, 100), (Side.BUY, 30, 104)], (40, 103, 0)),
        ([(Side.BUY, 10, 100), (Side.SELL, 4, 105)], (6, 100, 20)),
        ([(Side.BUY, 10, 100), (Side.SELL, 10, 95)], (0, 0, -50)),
        ([(Side.BUY, 10, 100), (Side.SELL, 13, 105)], (-3, 105, 50)),
        ([(Side.SELL, 10, 100), (Side.BUY, 4, 95)], (-6, 100, 20)),
        ([(Side.SELL, 10, 100), (Side.BUY, 15, 105)], (5, 105, -50)),
    ],
)
def test_closing_earns_against_the_average_cost(
    deeds: list[Deed], expected: tuple[int, int, int]
) -> None:
    held = Position()
    for side, quantity, price in deeds:
        held = held.after(side, D(quantity), D(price), D("0.01"))
    assert (held.quantity, held.average, held.realised) == expected
    assert held.fees == D("0.01") * len(deeds)
    assert held.unrealised(D(110)) == held.quantity * (110 - held.average)
