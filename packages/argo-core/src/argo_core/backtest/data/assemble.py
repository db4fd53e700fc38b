"""Rows of bars, however they come, made into a panel.

The rules, one for each `Defect`, stand in `docs/reference/backtest.md`, "Data".
"""

import numpy as np

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.calendar import DAY_S, Calendar
from argo_core.backtest.data.coverage import note_coverage
from argo_core.backtest.data.duplicates import without_duplicates
from argo_core.backtest.data.hours import DAY_US, MarketHours
from argo_core.backtest.data.jumps import note_jumps
from argo_core.backtest.data.notes import Notes
from argo_core.backtest.data.numbers import to_batch
from argo_core.backtest.data.options import Closing, Options
from argo_core.backtest.data.renames import renamed
from argo_core.backtest.data.rows import PRICES, Rows
from argo_core.errors import InvalidInput

_DEFAULT = Options()
_LATEST_DAY = 84_006
"""2200-01-01."""
_UNSORTED = "bars that come after a later one: all were sorted by time"


def assemble(
    rows: Rows,
    *,
    name: str,
    origin: str,
    bar_s: int,
    sessions: MarketHours | None,
    options: Options = _DEFAULT,
) -> Panel:
    """The panel of these bars of `bar_s` seconds, cleaned as `options` say; the order is no matter.

    Stocks trade in `sessions`, which may be None where there are only crypto pairs: those trade
    always. A row of the panel is a moment at which bars became known: for daily bars of stocks the
    session's close, of pairs the end of the UTC day, for all others the end of the bar. Symbols are
    sorted; those without a single good bar are left out, and `findings` say why.

    Raises:
        InvalidInput: no bar is left, there are too many at once, a time or `bar_s` is impossible,
            sessions are not known, bars of stocks and of pairs would overlap, or there is a defect
            that the options refuse.
    """
    if bar_s < 1 or DAY_S % bar_s:
        fix = f"give {DAY_S} for daily bars, or seconds that divide a day, such as 60"
        raise InvalidInput("bar_s", f"{bar_s} s is no length of a bar", fix)
    daily = bar_s == DAY_S
    _check(rows, daily)
    notes = Notes(rows.symbols, daily, options.refuse)
    _note_unsorted(rows, notes)
    rows = renamed(rows, options.renames, notes)
    notes.symbols = rows.symbols
    rows = _without(rows, options)
    calendar = Calendar(bar_s, sessions, np.array(["/" in one for one in rows.symbols]))
    rows = calendar.in_session(
        rows.chosen(np.lexsort((rows.at, rows.code))), options.closing, notes
    )
    if len(rows):
        note_coverage(rows, calendar, notes)
    batch = without_duplicates(to_batch(rows, options, notes), notes)
    note_jumps(batch, notes)
    if out := notes.excluded(options.exclude):
        kept = np.array([symbol not in out for symbol in rows.symbols])
        batch = batch.chosen(kept[batch.code])
        if not len(batch):
            problem = f"every symbol has {' or '.join(sorted(options.exclude))}"
            raise InvalidInput("exclude", problem, "exclude for fewer defects")
    if not len(batch):
        raise InvalidInput("range", _nothing(notes), "choose a range that has good bars")
    codes, column = np.unique(batch.code, return_inverse=True)
    calendar.in_step(codes)
    known = calendar.known_us(batch.code, batch.at)
    known_us, first, row = np.unique(known, return_index=True, return_inverse=True)
    shape = len(known_us), len(codes)
    if shape[0] * shape[1] > options.most_bars:
        problem = f"{shape[0]:,} rows of {shape[1]:,} symbols are too much at once"
        fix = f"choose fewer symbols or a shorter range, {options.most_bars:,} bars at most"
        raise InvalidInput("range", problem, fix)
    volume = batch.volume
    if options.closing is Closing.MARK:
        volume = np.where(calendar.closing_prints(batch.code, batch.at), 0, volume)

    def table(numbers: Ints) -> Ints:
        dense = np.zeros(shape, dtype=np.int64)
        dense[row, column] = numbers
        return dense

    return Panel(
        name=name,
        origin=origin,
        symbols=tuple(rows.symbols[code] for code in codes),
        bar_s=bar_s,
        known_us=known_us,
        session=calendar.days(batch.at[first]),
        volume=table(volume),
        findings=notes.in_order(),
        **{name: table(units) for name, units in zip(PRICES, batch.units, strict=True)},
    )


def _check(rows: Rows, daily: bool) -> None:
    if not len(rows):
        raise InvalidInput("range", "there are no bars", "choose a range that has some")
    latest = _LATEST_DAY if daily else _LATEST_DAY * DAY_US
    if not 0 <= rows.at.min() <= rows.at.max() < latest:
        unit = "days" if daily else "microseconds"
        problem = f"a time is not from 1970 to 2199, counted in {unit}"
        raise InvalidInput("at", problem, f"give {unit} since 1970-01-01 UTC")


def _without(rows: Rows, options: Options) -> Rows:
    if not options.without:
        return rows
    if absent := sorted(options.without - set(rows.symbols)):
        problem = f"there are no bars of {', '.join(absent[:5])} to leave out"
        raise InvalidInput("without", problem, "name symbols that are there")
    kept = np.array([symbol not in options.without for symbol in rows.symbols])[rows.code]
    if not kept.any():
        raise InvalidInput("without", "no symbol is left", "leave out fewer")
    return rows.chosen(kept)


def _note_unsorted(rows: Rows, notes: Notes) -> None:
    by_symbol = np.argsort(rows.code, kind="stable")
    code, at = rows.code[by_symbol], rows.at[by_symbol]
    back = np.concatenate(([False], (np.diff(at) < 0) & (np.diff(code) == 0)))
    notes.bars(Defect.UNSORTED, code[back], at[back], _UNSORTED)


def _nothing(notes: Notes) -> str:
    told = dict.fromkeys(f"{one.defect}" for one in notes.findings)
    return f"no good bar is left ({', '.join(told) or 'none was given'})"
