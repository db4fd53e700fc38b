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
from argo_core.execution.trader import Trader
from argo_core.resilience.breaker_table import State
from argo_service.api.signal_views import ProseOf, no_prose
from argo_service.demo.stage import NOTICE, new_york
from argo_service.demo.trading_views import money_line, positions_table
from argo_service.demo.words import sentence, shown_direction
from argo_service.drawing import DIRECTIONS, colour, confidence_bar, legend
from argo_service.figures import budget_words, dollars, percent
from argo_service.record_tally import record_words
from argo_service.tally import Tally

_BREAKERS = {
    State.CLOSED: "green",
    State.HALF_OPEN: "yellow",
    State.OPEN: "bold red",
    State.FORCED_OPEN: "bold red",
    State.DISABLED: "dim",
    State.METRICS_ONLY: "dim",
}
_SHARED = {
    None: ("memory alone", "dim"),
    True: ("shared, in reach", "green"),
    False: ("shared, OUT OF REACH", "bold red"),
}


def decisions_table(engine: Engine, prose_of: ProseOf = no_prose) -> Table:
    """A row for each symbol, by name."""
    table = _table("symbol")
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
            Text(sentence(engine, decision, prose_of), "dim" if stands is Direction.HOLD else ""),
        )
    return table


def sources_table(tally: Tally) -> Table:
    """What each vendor gave, what guards it, and what its day has cost."""
    table = _table("source")
    table.add_column("breaker", no_wrap=True)
    for title in ("calls", "left", "errors", "median", "cached", "spared", "today"):
        table.add_column(title, justify="right", no_wrap=True)
    for name, source in sorted(tally.sources.items()):
        p50_s = source.p50_s
        table.add_row(
            Text(name, colour(name)),
            Text(source.breaker.value.lower().replace("_", " "), _BREAKERS[source.breaker]),
            str(source.calls),
            # The tightest of several limits is the one that counts.
            f"{max(0.0, min(source.tokens)):.0f}" if source.tokens else "-",
            Text(str(source.errors), "red" if source.errors else "dim"),
            "-" if p50_s is None else f"{p50_s * 1000:,.0f} ms",
            Text(percent(source.hit_rate), "" if source.hit_rate else "dim"),
            Text(str(source.spared), "" if source.spared else "dim"),
            Text(budget_words(source), "red" if source.exhausted else ""),
        )
    return table


def troubles(tally: Tally) -> Text:
    """The last error of each vendor that had one; red while it lasts."""
    lines = [
        Text(f"{name}: {source.last_error}", "dim" if source.answers else "red")
        for name, source in sorted(tally.sources.items())
        if source.last_error
    ]
    shown = Text("\n", no_wrap=True, overflow="ellipsis").join(lines)
    shown.no_wrap, shown.overflow = True, "ellipsis"
    return shown


def thrift(tally: Tally) -> Text:
    """What it took: opinions that were there, calls, dollars, who shares, and who writes."""
    calls = tally.calls_per_cycle
    written = f"{tally.written} of {tally.words.total()}" if tally.words else "0"
    return Text("   ").join(
        (
            _figure(percent(tally.hit_rate), "at hand"),
            _figure("-" if calls is None else f"{calls:.1f}", "calls a cycle"),
            _figure(dollars(tally.usd_per_signal), "a signal"),
            Text(*_SHARED[tally.within_reach]),
            _figure(written, "in AI's words"),
        )
    )


def _figure(number: str, meaning: str) -> Text:
    return Text.assemble((number, "bold"), (f" {meaning}", "dim"))


def _table(first: str) -> Table:
    table = Table(expand=True, box=None, pad_edge=False, header_style="dim")
    table.add_column(first, no_wrap=True)
    return table


class Screen:
    """An observer that draws the whole state anew after each cycle."""

    def __init__(
        self,
        console: Console,
        engine: Callable[[], Engine | None],
        tally: Callable[[], Tally | None],
        where: str,
        prose_of: ProseOf = no_prose,
        *,
        trader: Callable[[], Trader | None] = lambda: None,
    ) -> None:
        self._trader = trader
        self._live = Live(console=console, auto_refresh=False, screen=False)
        self._engine = engine
        self._tally = tally
        self._prose_of = prose_of
        self.where = where

    def __enter__(self) -> Self:
        self._live.start()
        self._live.update(
            Text("opening the day and warming the markets up ...", "dim"), refresh=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def say(self, line: str) -> None:
        """Write a line above what is drawn; it stays, whole, so that it can be copied."""
        self._live.console.print(Text(line), soft_wrap=True)

    def notice(self, event: Event) -> None:
        """Draw."""
        engine, tally = self._engine(), self._tally()
        if isinstance(event, CycleFinished) and engine and tally:
            self._live.update(self._drawn(event, engine, tally), refresh=True)

    def _drawn(self, event: CycleFinished, engine: Engine, tally: Tally) -> RenderableType:
        absent = f"  without {', '.join(event.absent)}" if event.absent else ""
        head = Text.assemble(
            (f"cycle {event.number}", "bold"),
            f"  {_told(event.at)}",
            f"  {event.seconds * 1000:.0f} ms",
            f"  {tally.signals} signals, {tally.holds} holds, {tally.skips} skips",
            (absent, "red"),
        )
        inside = Group(
            head,
            thrift(tally),
            Text(f"the record: {record_words(tally.record)}", "dim"),
            Text(),
            decisions_table(engine, self._prose_of),
            legend(engine.profile.sources),
            Text(),
            *self._traded(event.at),
            sources_table(tally),
            troubles(tally),
        )
        return Panel(inside, title=f"Argo: {NOTICE}", subtitle=self.where, title_align="left")

    def _traded(self, now: datetime) -> tuple[RenderableType, ...]:
        trader = self._trader()
        if trader is None or trader.book.account is None:
            return ()
        held = positions_table(trader, now, self._live.console.width)
        return money_line(trader, now), held, Text()


def _told(moment: datetime) -> str:
    return f"{new_york(moment):%d %b %Y, %H:%M:%S} in New York"
