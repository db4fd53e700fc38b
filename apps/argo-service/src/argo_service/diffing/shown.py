"""A comparison for people: what was compared, how much is the same, and why the first is not."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from argo_core.backtest.day.compare import Comparison, Pair, Verdict
from argo_core.backtest.day.inputs import Member
from argo_core.backtest.day.paper import PaperDay
from argo_core.codec.plain import rfc3339
from argo_core.consensus.opinion import STEPS
from argo_core.consensus.reasons import Direction
from argo_core.market.moment import from_micros
from argo_core.trading.trade import Trade, TradeEvent
from argo_service.diffing.difference import Compared
from argo_service.drawing import DIRECTIONS
from argo_service.fingerprint import code_sha256

_PERCENT: Final = STEPS / 100
_WIDEST: Final = 200
_MEMBERS: Final = 12
_TITLES: Final = ("UTC", "symbol", "direction", "entry", "verdict", "first reason")
_REASON: Final = len(_TITLES) - 1
_STYLES: Final = {
    Verdict.SAME: "green",
    Verdict.MOVED: "yellow",
    Verdict.DIFFERENT: "red",
    Verdict.ONLY_IN_LOG: "red",
    Verdict.ONLY_IN_BACKTEST: "red",
    Verdict.SEALED: "dim",
}


def draw(shown: Console, found: Compared, most: int) -> None:
    """All of it; of what is not the same the first `most` are listed."""
    day, comparison = found.day, found.comparison
    about = day.about
    begins = "no cycle" if day.begins is None else f"from {rfc3339(day.begins)}"
    ends = "" if day.ends is None else f" to {rfc3339(day.ends)}"
    _line(shown, f"{about.log}, {about.strategy}, {about.origin.value}")
    _line(shown, f"{day.cycles} cycles {begins}{ends}, {day.inputs} inputs")
    if about.code_sha256 != code_sha256():
        _line(shown, "recorded by another version of the code", "yellow")
    if not day.as_recorded:
        _line(shown, "other numbers are tried; words and places in the log are not compared")
    for member in comparison.settings:
        _line(shown, f"  {_said(member)}")
    shown.print(_summary(comparison))
    if comparison.counts[Verdict.SEALED]:
        sealed = comparison.counts[Verdict.SEALED]
        _line(shown, f"{sealed} of the log are not revealed, and were not compared", "yellow")
    if found.beyond:
        _line(shown, f"{found.beyond} of the log were decided after the recording ends", "yellow")
    if found.missing is not None:
        _line(shown, f"INCOMPLETE: {found.missing}", "yellow")
    _first(shown, comparison, as_recorded=day.as_recorded)
    _list(shown, comparison, most)
    if day.paper is not None:
        _paper(shown, day.paper, day.recorded_trades)


def _line(shown: Console, text: str, style: str = "") -> None:
    shown.print(Text(text, style), soft_wrap=True)


def _said(member: Member) -> str:
    log, tried = member.live[:_WIDEST], member.tried[:_WIDEST]
    return f"{member.name}: log {log}, backtest {tried}"


def _summary(comparison: Comparison) -> Table:
    verdicts = [one for one in Verdict if comparison.counts[one]]
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("symbol")
    for verdict in verdicts:
        table.add_column(str(verdict), justify="right", style=_STYLES[verdict])
    by_symbol: dict[str, Counter[Verdict]] = {}
    for pair in comparison.pairs:
        by_symbol.setdefault(pair.symbol or "(sealed)", Counter())[pair.verdict] += 1
    for symbol, counts in sorted(by_symbol.items()):
        table.add_row(symbol, *(str(counts[one]) for one in verdicts))
    if len(by_symbol) != 1:
        table.add_row("all", *(str(comparison.counts[one]) for one in verdicts))
    return table


def _first(shown: Console, comparison: Comparison, *, as_recorded: bool) -> None:
    first = comparison.first
    if first is None:
        if not comparison.settings:
            _line(shown, "every signal that can be compared is the same", "green")
        return
    _line(shown, f"FIRST DIFFERENCE: {_pair(first)}", "bold red")
    if not as_recorded:
        # That other numbers are tried is no news, and is said above.
        pass
    elif comparison.first_input is None:
        _line(shown, _no_input(first))
    else:
        pair, member = comparison.first_input
        what = "the settings, " if pair is None else ""
        where = "" if pair is None or pair is first else f" (of {_pair(pair)})"
        _line(shown, f"FIRST DIFFERING INPUT: {what}{_said(member)}{where}", "bold")
    _members(shown, "input", first.inputs or ())
    _members(shown, "signal", first.members)


def _no_input(first: Pair) -> str:
    if first.verdict is Verdict.ONLY_IN_BACKTEST:
        return "the log has nothing at that moment, so what was decided on is not on record"
    if first.inputs is None:
        return "the log's inputs are not at hand; its own file has them, an export has not"
    return "its inputs are the same: what stood before it differs, or the code does"


def _members(shown: Console, kind: str, members: Sequence[Member]) -> None:
    for member in members[:_MEMBERS]:
        _line(shown, f"  {kind} {_said(member)}")
    if len(members) > _MEMBERS:
        _line(shown, f"  {len(members) - _MEMBERS} more of the {kind} differ (--json has them)")


def _pair(pair: Pair) -> str:
    place = "" if pair.live is None else f", entry {pair.live.index}"
    named = f"{pair.symbol or 'a sealed signal'} {pair.direction or ''}".strip()
    return f"{named} at {rfc3339(from_micros(pair.decided_us))}{place}, {pair.verdict}{_held(pair)}"


def _held(pair: Pair) -> str:
    look = pair.look
    if look is None:
        return ""
    percent = look.confidence_bp / _PERCENT
    return f"; the backtest decided {look.direction}, {look.reason}, {percent:+.2f} %"


def _list(shown: Console, comparison: Comparison, most: int) -> None:
    listed = comparison.differences
    if not listed:
        return
    rows = [_row(pair) for pair in listed[:most]]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, title in enumerate(_TITLES):
        widest = max([len(title), *(len(row[place]) for row in rows)])
        # Where the terminal is narrow the reason is cut, and nothing else.
        table.add_column(title, no_wrap=True, min_width=None if place == _REASON else widest)
    for row in rows:
        table.add_row(*row)
    shown.print(table)
    if len(listed) > most:
        _line(shown, f"{len(listed) - most} more are not listed")


def _row(pair: Pair) -> tuple[Text, ...]:
    return (
        Text(f"{from_micros(pair.decided_us):%H:%M:%S.%f}"),
        Text(pair.symbol or "(sealed)"),
        _direction(pair.direction),
        Text("-" if pair.live is None else str(pair.live.index)),
        Text(str(pair.verdict), _STYLES[pair.verdict]),
        Text(_reason(pair)),
    )


def _direction(direction: Direction | None) -> Text:
    return Text("-") if direction is None else Text(direction.value, DIRECTIONS[direction])


def _reason(pair: Pair) -> str:
    members = pair.inputs or pair.members
    if members:
        return _said(members[0])
    return _held(pair).removeprefix("; ")


def _paper(shown: Console, paper: PaperDay, live: tuple[Trade, ...]) -> None:
    lived = sum(one.event is TradeEvent.FILLED for one in live)
    _line(shown, f"on paper: {len(paper.fills)} fills (live {lived})")
    for one in paper.fills:
        fee = "" if not one.fee else f", fee {one.fee}"
        said = f"{one.side.value} {one.quantity} {one.symbol} at {one.price}{fee}"
        _line(shown, f"  {rfc3339(one.at)} {said}")
    for denial, count in paper.denied.items():
        _line(shown, f"  not allowed {count} times: {denial}")
    for alarm in paper.alarms:
        _line(shown, f"  {alarm}", "yellow")
    if paper.worth:
        last = paper.worth[-1]
        _line(shown, f"  equity {last.equity}, cash {last.cash} at {rfc3339(last.at)}")
