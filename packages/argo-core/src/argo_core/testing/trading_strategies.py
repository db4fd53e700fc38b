"""Hypothesis strategies for what trading is made of; small domains on purpose."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from argo_core.testing.strategies import NOON, symbols
from argo_core.trading.order import Side
from argo_core.trading.trade import Trade, TradeEvent

MOMENTS = st.integers(0, 3_000_000).map(lambda micros: NOON + timedelta(microseconds=micros))
ORDER_IDS = st.sampled_from(["A" * 32, "B" * 32, "C" * 32])
# Digits that a number does not need are kept all the same.
AMOUNTS = st.sampled_from(["1", "2", "3.50", "0.000000001", "1E+2", "100.0"]).map(Decimal)


def trades() -> st.SearchStrategy[Trade]:
    """Lines of the record, most of which could be."""
    return st.builds(
        Trade,
        number=st.integers(4, 40),
        order_id=ORDER_IDS,
        symbol=symbols(),
        side=st.sampled_from(Side),
        event=st.sampled_from(TradeEvent),
        quantity=AMOUNTS,
        broker=st.sampled_from(["paper", "alpaca-paper"]),
        at=MOMENTS,
        price=st.none() | AMOUNTS,
        fee=st.none() | AMOUNTS,
        signal_index=st.none() | st.integers(0, 9),
        execution_id=st.none() | st.sampled_from(["e-1", "e-2"]),
    )
