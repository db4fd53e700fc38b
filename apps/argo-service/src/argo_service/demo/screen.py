"""The live view: prices, directions, confidence by source, why, and what it all costs."""

from collections.abc import Callable
from datetime import datetime
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from argo_core.consensus.reasons import Direction
from argo_core.engine.engine import Engine
from argo_core.events import CycleFinished, Event
from argo_service.demo.stage import NOTICE, new_york
from argo_service.demo.words import sentence, shown_direction
from argo_service.drawing import DIRECTIONS, colour, confidence_bar, legend
from argo_service.tally import Tally


def decisions_table(engine: Engine) -> Table:
    """A row for each symbol, by name."""
    table = Table(expand=True, box=None, pad_edge=False, header_style="dim")
    table.add_column("symbol", no_wrap=True)
    table.add_column("price", justify="right", no_wrap=True)
    table.add_column("stands", no_wrap=True)
    table.add_column("now", justify="right", no_wrap=True)
    table.add_column("by source", no_wrap=True)
    table.add_column("why", ratio=1, overflow="ellipsis", no_wrap=True)
    for symbol in sorted(engine.known.decisions):
        decision = engine.known.decisions[symbol]
        quote = engine.known.quotes.get(symbol)
        stands = shown_direction(engine, symbol)
        table.add_row(
            symbol,
            f"{quote.price:,}" if quote else "-",
            Text(stands.value, DIRECTIONS[stands]),
            f"{decision.confidence_bp / 100:+.1f} %",
            confidence_bar(decision.view.shares if decision.view else ()),
            Text(sentence(engine, decision), "dim" if stands is Direction.HOLD else ""),
        )
    return table


def sources_table(tally: Tally) -> Table:
    """Calls, failures, time and money of each vendor."""
    table = Table(expand=True, box=None, pad_edge=False, header_style="dim")
    table.add_column("source", no_wrap=True)
    for title in ("asks", "calls", "errors", "median", "cost"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("last error", ratio=1, overflow="ellipsis", no_wrap=True)
    for name, source in sorted(tally.sources.items()):
        p50_s = source.p50_s
        table.add_row(
            Text(name, colour(name)),
            str(source.asks),
            str(source.calls),
            Text(str(source.errors), "red" if source.errors else "dim"),
            "-" if p50_s is None else f"{p50_s * 1000:,.0f} ms",
            f"${source.usd:.4f}",
            Text(source.last_error or "", "dim" if source.answers else "red"),
        )
    return table


class Screen:
    """An observer that draws the whole state anew after each cycle."""

    def __init__(
        self,
        console: Console,
        engine: Callable[[], Engine | None],
        tally: Callable[[], Tally | None],
        where: str,
    ) -> None:
        self._live = Live(console=console, auto_refresh=False, screen=False)
        self._engine = engine
        self._tally = tally
        self.where = where

    def __enter__(self) -> Self:
        self._live.start()
        self._live.update(
            Text("opening the day and warming the markets up ...", "dim"), refresh=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def notice(self, event: Event) -> None:
        """Draw."""
        engine, tally = self._engine(), self._tally()
        if isinstance(event, CycleFinished) and engine and tally:
            self._live.update(self._drawn(event, engine, tally), refresh=True)

    def _drawn(self, event: CycleFinished, engine: Engine, tally: Tally) -> RenderableType:
        absent = f"   without {', '.join(event.absent)}" if event.absent else ""
        head = Text.assemble(
            (f"cycle {event.number}", "bold"),
            f"   {_told(event.at)}",
            f"   {event.seconds * 1000:.0f} ms",
            f"   {tally.signals} signals, {tally.holds} holds, {tally.skips} skips",
            (absent, "red"),
        )
        inside = Group(
            head,
            Text(),
            decisions_table(engine),
            Text(),
            legend(engine.profile.sources),
            Text(),
            sources_table(tally),
        )
        return Panel(inside, title=f"Argo: {NOTICE}", subtitle=self.where, title_align="left")


def _told(moment: datetime) -> str:
    return f"{new_york(moment):%A %d %B %Y, %H:%M:%S} in New York"
