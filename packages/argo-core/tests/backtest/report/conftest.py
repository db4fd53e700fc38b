"""Small backtests with everything that a report shows, and a strict reader of pages."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from html.parser import HTMLParser

import numpy as np
import pytest
from attrs import frozen

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.arrays import Ints, ints
from argo_core.backtest.bars.finding import Finding
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.bars.trading_result import FILL_COLUMNS, Traded
from argo_core.backtest.bars.units import UNITS
from argo_core.backtest.report.report import Report
from argo_core.backtest.statistics.summary import summary
from argo_core.market.instrument import Symbol

_DAY_US = 86_400_000_000
_CLOSE_US = 21 * 3_600_000_000
_FIRST = 16_072
"""2014-01-02."""


@frozen
class Made:
    """Makes backtests of two symbols whose equity wanders by a seeded chance."""

    def backtest(
        self,
        rows: int = 300,
        *,
        fills: Sequence[Sequence[int]] | None = None,
        equity: Sequence[int] | None = None,
        strategy: str = "made-by-hand",
        symbols: tuple[str, str] = ("AAA", "BBB"),
        name: str = "two symbols",
        parameters: dict[str, str] | None = None,
        findings: tuple[Finding, ...] = (),
        plan: Plan | None = None,
        halted: int | None = None,
        bar_s: int = 86_400,
    ) -> Backtest:
        chance = np.random.default_rng(7)
        drift = np.cumsum(chance.normal(0.0004, 0.01, (rows, 2)), axis=0)
        close = np.rint(50 * UNITS * np.exp(drift)).astype(np.int64)
        close[1:2, 1] = 0
        days = _FIRST + np.arange(rows) * 7 // 5
        known = days * _DAY_US + _CLOSE_US
        if bar_s < 86_400:
            days = np.full(rows, _FIRST)
            known = days * _DAY_US + _CLOSE_US + np.arange(rows) * bar_s * 1_000_000
        panel = Panel(
            name=name,
            origin="made by chance",
            symbols=(Symbol(symbols[0]), Symbol(symbols[1])),
            bar_s=bar_s,
            known_us=known,
            session=days,
            open=close,
            high=close,
            low=close,
            close=close,
            volume=np.where(close > 0, 1_000, 0),
            findings=findings,
        )
        worth = _wandering(rows) if equity is None else np.array(equity)
        told = np.zeros(rows, dtype=np.int64)
        if halted is not None:
            told[halted:] = 1
        made = np.array(_trades(rows) if fills is None else fills, dtype=np.int64)
        traded = Traded(
            equity=worth,
            cash=worth // 2,
            gross=worth - worth // 2,
            positions=np.ones(rows),
            halted=told,
            reduced=np.roll(told, 1),
            fills=made.reshape(-1, len(FILL_COLUMNS)),
            fees=12_345,
        )
        return Backtest(
            strategy=strategy,
            parameters=parameters or {"fast": "10", "slow": "30"},
            plan=plan or Plan(capital=Decimal(100_000)),
            panel=panel,
            traded=traded,
        )

    def report(self, rows: int = 300, **told: object) -> Report:
        backtest = self.backtest(rows, **told)  # type: ignore[arg-type]
        return Report.of(backtest, summary(backtest, trials=None, seed=1))


def _wandering(rows: int) -> Ints:
    steps = np.random.default_rng(11).normal(0.0005, 0.008, rows)
    steps[0] = 0
    return ints(np.rint(100_000 * UNITS * np.exp(np.cumsum(steps))))


def _trades(rows: int) -> list[list[int]]:
    """Long and short, won and lost, with a stop and without, one still open."""
    found = []
    for begin in range(2, rows - 10, 12):
        side = 1 if begin % 24 == 2 else -1
        price, left = 500_000, 510_000 if begin % 36 else 495_000
        stop = price - side * 10_000 if begin % 5 else 0
        found.append([begin, 0, side, 10, price, 50, 0, begin - 1, stop])
        found.append([begin + 5, 0, -side, 10, left, 50, 1 + begin % 4, begin + 4, 0])
    if rows > 10:
        found.append([rows - 3, 1, 1, 10, 500_000, 50, 0, rows - 4, 0])
    return found


_EMPTY = {"meta", "br", "hr"}
_LOADING = {"src", "href", "srcset", "data", "action", "poster", "background", "xlink:href"}
_ACTIVE = {"script", "object", "embed", "link", "base", "form", "img", "image"}


class Page(HTMLParser):
    """Elements, ids, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.outside: list[str] = []
        self.handlers: list[str] = []
        self.said: list[str] = []
        self.attributes: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in _EMPTY:
            self.open.append(tag)
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in {tag}"
        for name, value in attrs:
            self.attributes[name] = value or ""
            if name == "id" and value:
                self.ids.append(value)
            if name.startswith("on"):
                self.handlers.append(name)
            if name in _LOADING and not (value or "").startswith("#"):
                self.outside.append(f"{tag} {name} {value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"{tag} was never opened"
        assert self.open.pop() == tag, f"{tag} closes another"

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def words(self) -> str:
        return " ".join(self.said)

    @property
    def active(self) -> set[str]:
        return _ACTIVE & set(self.tags)


@pytest.fixture
def make_backtest() -> Callable[..., Backtest]:
    return Made().backtest


@pytest.fixture
def make_report() -> Callable[..., Report]:
    return Made().report


@pytest.fixture
def read_page() -> Callable[[str], Page]:
    return Page
