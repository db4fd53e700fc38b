"""Fees of an order are those of the whole order, however many pieces it was filled in."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.trading.order import Side
from argo_core.trading.paper.fees import NO_FEES, FeeSchedule
from argo_core.trading.paper.settings import PaperSettings

D = Decimal


@pytest.mark.parametrize(
    ("side", "shares", "value", "fees"),
    [
        # 20.60 dollars a million of 1,000 dollars are 2.06 cents, and the TAF of 10 shares is less
        # than one: three cents and one.
        (Side.SELL, 10, 1_000, "0.04"),
        (Side.BUY, 10, 1_000, "0"),
        (Side.SELL, 0, 0, "0"),
        # 206 dollars, and the most that the TAF is.
        (Side.SELL, 100_000, 10_000_000, "215.79"),
    ],
)
def test_sales_pay_the_regulators(side: Side, shares: int, value: int, fees: str) -> None:
    assert FeeSchedule().total(side, D(shares), D(value)) == D(fees)


def test_a_commission_is_per_share_and_has_a_minimum() -> None:
    schedule = FeeSchedule(per_share=D("0.005"), minimum=D(1), sec=D(0), taf=D(0))
    assert schedule.total(Side.BUY, D(10), D(1_000)) == 1
    assert schedule.total(Side.BUY, D(1_001), D(1_000)) == D("5.01")
    assert NO_FEES.total(Side.SELL, D(1_001), D(1_000)) == 0


@given(first=st.integers(1, 500), more=st.integers(1, 500), price=st.integers(1, 50_000))
def test_another_piece_never_costs_less_than_nothing(first: int, more: int, price: int) -> None:
    schedule, cents = FeeSchedule(per_share=D("0.005"), minimum=D(1)), D(price) / 100
    before = schedule.total(Side.SELL, D(first), first * cents)
    assert schedule.total(Side.SELL, D(first + more), (first + more) * cents) >= before


@pytest.mark.parametrize("name", ["per_share", "minimum", "sec", "taf", "taf_most"])
@pytest.mark.parametrize("value", ["-0.01", "NaN", "Infinity"])
def test_a_negative_fee_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=f"fees.{name}"):
        FeeSchedule(**{name: D(value)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("capital", "0"),
        ("quote_size", "-1"),
        ("quote_size", "NaN"),
        ("participation", "1.01"),
        ("spread", "-0.01"),
        ("cushion", "NaN"),
    ],
)
def test_settings_that_make_no_sense_are_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=f"paper.{name}"):
        PaperSettings(**{name: D(value)})  # type: ignore[arg-type]
