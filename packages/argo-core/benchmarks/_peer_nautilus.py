"""nautilus_trader: one cash account at a venue, bars as its only market data."""

from collections.abc import Callable
from decimal import Decimal

import pandas as pd
from benchmarks._work import FAST, ORDER, SLOW, Work
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import BacktestEngineConfig, LoggingConfig, StrategyConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

VENUE = Venue("SIM")


class Crossing(Strategy):
    """A market order after a bar is filled at that bar's close, the only price in the book."""

    def __init__(self, kinds: list[BarType]) -> None:
        super().__init__(StrategyConfig())
        self._averages = {
            kind: (SimpleMovingAverage(FAST), SimpleMovingAverage(SLOW)) for kind in kinds
        }
        self._held: dict[InstrumentId, int] = {}

    def on_start(self) -> None:
        for kind in self._averages:
            self.subscribe_bars(kind)

    def on_bar(self, bar: Bar) -> None:
        fast, slow = self._averages[bar.bar_type]
        close = float(bar.close)
        fast.update_raw(close)
        slow.update_raw(close)
        if not slow.initialized:
            return
        one = bar.bar_type.instrument_id
        held = self._held.get(one, 0)
        if not held and fast.value > slow.value:
            shares = int(ORDER // close)
            if shares:
                self._order(one, OrderSide.BUY, shares)
                self._held[one] = shares
        elif held and fast.value < slow.value:
            self._order(one, OrderSide.SELL, held)
            self._held[one] = 0

    def _order(self, one: InstrumentId, side: OrderSide, shares: int) -> None:
        self.submit_order(self.order_factory.market(one, side, Quantity.from_int(shares)))


def equity_of(name: str) -> Equity:
    return Equity(
        instrument_id=InstrumentId(Symbol(name), VENUE),
        raw_symbol=Symbol(name),
        currency=USD,
        price_precision=4,
        price_increment=Price.from_str("0.0001"),
        lot_size=Quantity.from_int(1),
        ts_event=0,
        ts_init=0,
        maker_fee=Decimal(0),
        taker_fee=Decimal(0),
    )


def prepare(work: Work) -> Callable[[], float]:
    times = pd.to_datetime(work.known_us, unit="us", utc=True).astype("datetime64[ns, UTC]")
    step = "1-DAY" if work.bar_s == 86_400 else "1-MINUTE"
    stocks = [equity_of(name) for name in work.symbols]
    kinds = [BarType.from_str(f"{stock.id}-{step}-LAST-EXTERNAL") for stock in stocks]
    columns = {name: work.dollars(name) for name in ("open", "high", "low", "close")}
    columns["volume"] = work.volume.astype(float)
    bars: list[Bar] = []
    for one, (stock, kind) in enumerate(zip(stocks, kinds, strict=True)):
        frame = pd.DataFrame({name: table[:, one] for name, table in columns.items()}, index=times)
        frame.index.name = "timestamp"
        bars += BarDataWrangler(kind, stock).process(frame)
    last = dict(zip((stock.id for stock in stocks), work.dollars("close")[-1], strict=True))

    def run() -> float:
        config = BacktestEngineConfig(
            logging=LoggingConfig(bypass_logging=True), run_analysis=False
        )
        engine = BacktestEngine(config)
        engine.add_venue(
            VENUE, OmsType.NETTING, AccountType.CASH, [Money(work.capital, USD)], base_currency=USD
        )
        for stock in stocks:
            engine.add_instrument(stock)
        engine.add_data(bars)
        engine.add_strategy(Crossing(kinds))
        engine.run()
        cash = float(engine.portfolio.account(VENUE).balance_total(USD))
        held = sum(
            float(position.quantity) * last[position.instrument_id]
            for position in engine.cache.positions_open()
        )
        engine.dispose()
        return cash + held

    return run
