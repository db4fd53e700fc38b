"""Hypothesis strategies for the facts of trading, made from what their members are declared as.

So a new kind of fact, or a new member, is drawn by every test as soon as it is there.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

import attrs
from hypothesis import strategies as st

from argo_core.market.instrument import Symbol
from argo_core.testing.strategies import symbols
from argo_core.testing.trading_strategies import AMOUNTS, MOMENTS
from argo_core.trading.fact import Fact
from argo_core.trading.order import Bracket, OrderRequest, OrderType, Side

# Few names, so that facts are about the same orders; and every text that there is.
_TEXTS = st.sampled_from(["A", "B", ""]) | st.text(st.characters(codec="utf-8"), max_size=9)


@st.composite
def order_requests(draw: st.DrawFn) -> OrderRequest:
    """Orders that can be asked for: whole shares in a bracket, and its levels on their sides."""
    kind, side = draw(st.sampled_from(OrderType)), draw(st.sampled_from(Side))
    low, high = draw(st.tuples(st.integers(1, 9), st.integers(10, 19)))
    levels = (low, high) if side is Side.BUY else (high, low)
    stop, target = map(Decimal, levels)
    bracket = st.sampled_from([Bracket(stop, target), Bracket(stop)])
    return draw(
        st.builds(
            OrderRequest,
            id=_TEXTS,
            symbol=symbols(),
            side=st.just(side),
            quantity=st.sampled_from([Decimal(7), Decimal("7.00")]),
            type=st.just(kind),
            limit=AMOUNTS if kind is OrderType.LIMIT else st.none(),
            stop=AMOUNTS if kind is OrderType.STOP else st.none(),
            bracket=st.none() | bracket,
        )
    )


_PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: _TEXTS,
    int: st.integers(0, 2**53 - 1),
    bool: st.booleans(),
    NoneType: st.none(),
    Decimal: AMOUNTS | st.decimals(allow_nan=False, allow_infinity=False),
    datetime: MOMENTS,
    date: st.dates(),
    Symbol: symbols(),
    OrderRequest: order_requests(),
}


def drawn(kind: Any) -> st.SearchStrategy[Any]:
    """Any value that a member which is declared so may have."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if attrs.has(kind):
        return st.builds(kind, **{one.name: drawn(one.type) for one in attrs.fields(kind)})
    made: Mapping[Any, Callable[..., st.SearchStrategy[Any]]] = {
        UnionType: lambda *some: reduce(or_, some),
        tuple: lambda one: st.lists(one, max_size=3).map(tuple),
        Mapping: lambda key, value: st.dictionaries(key, value, max_size=3),
    }
    # A tuple of any length says so with three dots.
    return made[get_origin(kind)](*(drawn(one) for one in get_args(kind) if one is not ...))


def facts() -> st.SearchStrategy[Fact]:
    """Any fact of any kind."""
    return st.one_of(*map(drawn, get_args(Fact)))
