"""Panels from the project's own tapes."""

from pathlib import Path

import numpy as np

from argo_adapters.bars.selection import ALL, Selection, to_panel, too_many
from argo_adapters.tapes import file
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.hours import DAY_US
from argo_core.backtest.data.options import Options
from argo_core.backtest.data.renames import day_of
from argo_core.backtest.data.rows import NUMBERS, rows_of
from argo_core.backtest.tape import Tape
from argo_core.market.bar import MINUTE
from argo_core.market.moment import to_micros

_DEFAULT = Options()


def read_tape(path: Path, selection: Selection = ALL, options: Options = _DEFAULT) -> Panel:
    """The chosen minute bars of the tape in that file, cleaned.

    Raises:
        InvalidInput: the file is no tape, or what was chosen makes no panel.
    """
    return tape_panel(file.read_tape(path), selection, options)


def tape_panel(tape: Tape, selection: Selection = ALL, options: Options = _DEFAULT) -> Panel:
    """The chosen minute bars of the tape, its warm-up included, cleaned.

    Raises:
        InvalidInput: what was chosen makes no panel.
    """
    wanted = selection.names(options.renames)
    bars = [
        bar for symbol, each in tape.bars.items() if not wanted or symbol in wanted for bar in each
    ]
    if len(bars) > selection.most_rows:
        raise too_many(Path(tape.name), len(bars), selection)
    at = np.array([to_micros(bar.start) for bar in bars], dtype=np.int64)
    rows = rows_of(
        [bar.symbol for bar in bars],
        at,
        **{name: [getattr(bar, name) for bar in bars] for name in NUMBERS},
    )
    kept = np.ones(len(rows), dtype=np.bool_)
    if selection.since is not None:
        kept &= at >= day_of(selection.since) * DAY_US
    if selection.until is not None:
        kept &= at < day_of(selection.until) * DAY_US
    minute_s = int(MINUTE.total_seconds())
    rows = rows.chosen(kept)
    return to_panel(
        rows, minute_s, name=tape.name, origin=tape.origin, selection=selection, options=options
    )
