"""What has happened in the market since a client was told last: trades, quotes, bars, halts."""

from collections import deque
from typing import Any

from argo_adapters.simulator.alpaca.snapshots import bar
from argo_adapters.simulator.alpaca.trading.prices import Prices
from argo_adapters.simulator.alpaca.trading.subscriptions import Subscriptions
from argo_adapters.simulator.market import Market, View
from argo_adapters.simulator.stamps import SECOND, iso
from argo_core.market.instrument import Symbol

Row = dict[str, Any]

_MOST_STATUSES = 1_000


class Ticker:
    """Looks at the market when it can; what happened twice since then is told once, the newest."""

    def __init__(self, market: Market, prices: Prices) -> None:
        self.subscriptions = Subscriptions()
        self.statuses: deque[Row] = deque(maxlen=_MOST_STATUSES)
        self._market = market
        self._prices = prices
        self._told: dict[tuple[str, str], object] = {}

    def news(self, now: int) -> list[Row]:
        """Everything new that is wanted."""
        rows: list[Row] = []
        while self.statuses:
            status = self.statuses.popleft()
            if self.subscriptions.wants("statuses", status["S"]):
                rows.append(status)
        for symbol in self.subscriptions.symbols(self._prices.symbols()):
            view = self._market.view(Symbol(symbol), now)
            if view is not None:
                rows += self._of(symbol, view, now)
        return rows

    def forget(self, now: int) -> None:
        """The client begins now: what is there already is no news."""
        for symbol in self.subscriptions.symbols(self._prices.symbols()):
            view = self._market.view(Symbol(symbol), now)
            if view is not None:
                self._of(symbol, view, now)

    def _of(self, symbol: str, view: View, now: int) -> list[Row]:
        rows: list[Row] = []
        if self._is_new("trades", symbol, view.traded):
            rows.append(_trade(view))
        scripted = self._prices.scripted(symbol)
        if self._is_new("quotes", symbol, (view.quoted, scripted)):
            row = _quote(view)
            if scripted is not None:
                bid, ask = (float(side) for side in scripted)
                row |= {"t": iso(now), "bp": bid, "ap": ask}
            rows.append(row)
        if view.minute and self._is_new("bars", symbol, view.minute.start):
            rows.append({"T": "b", "S": symbol, **bar(view.minute)})
        return rows

    def _is_new(self, channel: str, symbol: str, what: object) -> bool:
        if not self.subscriptions.wants(channel, symbol):
            return False
        known = self._told.get((channel, symbol))
        self._told[channel, symbol] = what
        return known != what


def status(symbol: str, now: int, *, halted: bool) -> Row:
    """A halt or its end."""
    code = ("H", "Trading Halt") if halted else ("T", "Trading Resumption")
    reason = ("T1", "Halt News Pending") if halted else ("", "")
    named = dict(zip(("sc", "sm", "rc", "rm"), (*code, *reason), strict=True))
    return {"T": "s", "S": symbol, **named, "t": iso(now), "z": "C"}


def _trade(view: View) -> Row:
    return {
        "T": "t",
        "S": view.symbol,
        "i": (1 << 55) + view.traded // SECOND,
        "x": "V",
        "p": view.price,
        "s": view.size,
        "c": ["@"],
        "t": iso(view.traded),
        "z": "C",
    }


def _quote(view: View) -> Row:
    return {
        "T": "q",
        "S": view.symbol,
        "ax": "V",
        "ap": view.ask,
        "as": view.ask_size,
        "bx": "V",
        "bp": view.bid,
        "bs": view.bid_size,
        "c": ["R"],
        "t": iso(view.quoted),
        "z": "C",
    }
