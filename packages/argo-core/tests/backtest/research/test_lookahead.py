"""The look-ahead detector: it finds what was planted, names the input, and leaves others alone."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from attrs import evolve, field, frozen

from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.bars.finding import Defect, Finding
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import UNKNOWN, Verdicts
from argo_core.backtest.research.chances import chances
from argo_core.backtest.research.leak import Leak
from argo_core.backtest.research.lookahead import drawn_cuts, look_ahead
from argo_core.errors import InvalidInput
from argo_core.testing.wandering_bars import wandering_panel

PANEL = wandering_panel(120, 3)
GAPPED = wandering_panel(120, 3, absent=0.1)
MINUTES = wandering_panel(120, 2, a_day=10)


@frozen
class Says:
    """A strategy made of a function that gives directions."""

    name: str
    directions: Callable[[Panel], Floats | Ints]
    adv: Callable[[Panel], Ints] = field(default=lambda bars: np.full(bars.close.shape, UNKNOWN))

    @property
    def parameters(self) -> Mapping[str, str]:
        return {}

    def verdicts(self, panel: Panel) -> Verdicts:
        direction = np.sign(self.directions(panel)).astype(np.int8)
        return Verdicts(
            direction=direction,
            confidence_bp=direction * 100,
            stray_ppm=np.full(direction.shape, UNKNOWN),
            adv=self.adv(panel),
        )


def earlier(values: npt.NDArray[Any], by: int) -> Floats:
    """The values `by` rows before, and the first or last one where there is none."""
    rows = np.clip(np.arange(len(values)) - by, 0, len(values) - 1)
    found: Floats = values[rows].astype(float)
    return found


def nothing(bars: Panel) -> Ints:
    return np.zeros(bars.close.shape, dtype=np.int64)


def centred(bars: Panel) -> Floats:
    """A moving average whose window reaches two rows ahead."""
    strayed: Floats = bars.close - np.mean([earlier(bars.close, by) for by in range(-2, 3)], axis=0)
    return strayed


def normalised(bars: Panel) -> Floats:
    """How far the close is from its mean over the whole sample."""
    strayed: Floats = (bars.close - bars.close.mean(axis=0)) / (bars.close.std(axis=0) + 1)
    return strayed


def shifted(bars: Panel) -> Floats:
    """The return of tomorrow, by a shift in the wrong direction."""
    return earlier(bars.close, -1) - bars.close


def next_open(bars: Panel) -> Floats:
    """Whether the open at which it will be filled lies above the close."""
    return earlier(bars.open, -1) - bars.close


def filled_backwards(bars: Panel) -> Floats:
    """Gaps are filled with the next close instead of the last."""
    close = bars.close.astype(float)
    for row in reversed(range(len(close) - 1)):
        close[row] = np.where(close[row] > 0, close[row], close[row + 1])
    return close - earlier(close, 1)


def record_high(bars: Panel) -> Floats:
    """Sells at what will have been the highest high of all."""
    return np.where(bars.high == bars.high.max(axis=0), -1.0, 0.0)


def coming_volume(bars: Panel) -> Floats:
    """Buys before a busy row."""
    return (earlier(bars.volume, -1) > 80_000).astype(float)


def coming_low(bars: Panel) -> Floats:
    """Buys above the lowest low of the next row."""
    return (earlier(bars.low, -1) < bars.low).astype(float)


def other_symbol(bars: Panel) -> Floats:
    """Buys everything when the last symbol will rise."""
    risen = shifted(bars)[:, -1:] > 0
    return np.broadcast_to(risen, bars.close.shape).astype(float)


def closes_out(bars: Panel) -> Floats:
    """Sells in the last row, which it cannot know to be the last."""
    said = np.ones(bars.close.shape)
    said[-1] = -1
    return said


def will_be_there(bars: Panel) -> Floats:
    """Buys what will still have a bar in the next row."""
    return earlier(bars.there, -1)


def value(bars: Panel) -> Ints:
    return bars.close * bars.volume


def adv_with_today(bars: Panel) -> Ints:
    """The average of 20 rows, the row's own included."""
    sums = np.cumsum(value(bars), axis=0)
    return (sums - np.vstack([np.zeros((20, sums.shape[1])), sums])[: len(sums)]).astype(int) // 20


def adv_before(bars: Panel) -> Ints:
    """The average of the 20 sessions before; of daily bars."""
    return np.vstack([np.full((1, bars.close.shape[1]), UNKNOWN), adv_with_today(bars)])[:-1]


def adv_of_the_session(bars: Panel) -> Ints:
    """What is traded in the whole session, told from its first row on."""
    totals = [value(bars)[bars.session == day].sum(axis=0) for day in bars.session]
    return np.array(totals)


PLANTED: list[tuple[Says, Panel, str, int]] = [
    (Says("centred", centred), PANEL, "close", 2),
    (Says("normalised", normalised), PANEL, "close", 120),
    (Says("shifted", shifted), PANEL, "close", 1),
    (Says("next-open", next_open), PANEL, "open", 1),
    (Says("filled-backwards", filled_backwards), GAPPED, "close", 120),
    (Says("record-high", record_high), PANEL, "high", 120),
    (Says("coming-volume", coming_volume), PANEL, "volume", 1),
    (Says("coming-low", coming_low), PANEL, "low", 1),
    (Says("closes-out", closes_out), PANEL, "row", 1),
    (Says("will-be-there", will_be_there), GAPPED, "bar", 1),
    (Says("adv-with-today", nothing, adv_with_today), PANEL, "close", 0),
    (Says("adv-of-the-session", nothing, adv_of_the_session), MINUTES, "close", 10),
]


PLANTED_NAMES = [one.name for one, *_ in PLANTED]


def found(strategy: Says, panel: Panel) -> Leak:
    leak = look_ahead(strategy, panel)
    assert leak is not None
    return leak


@pytest.mark.parametrize(("strategy", "panel", "column", "ahead"), PLANTED, ids=PLANTED_NAMES)
def test_a_planted_leak_is_found_and_its_input_is_named(
    strategy: Says, panel: Panel, column: str, ahead: int
) -> None:
    leak = found(strategy, panel)
    assert leak.source is not None
    assert leak.source.column == column
    assert 0 <= leak.source.row - leak.row <= ahead
    assert leak.strategy == strategy.name
    assert leak.told != leak.hindsight
    assert leak == found(strategy, panel)


@pytest.mark.parametrize(("strategy", "panel", "column", "ahead"), PLANTED, ids=PLANTED_NAMES)
def test_what_is_named_does_change_the_verdict(
    strategy: Says, panel: Panel, column: str, ahead: int
) -> None:
    """The row that the leak names is the first that does, seen from the cut."""
    leak = found(strategy, panel)
    assert leak.source is not None
    if leak.table == "adv" and leak.source.row <= leak.row:
        return
    said = {
        size: getattr(strategy.verdicts(panel.upto(size)), leak.table)[
            leak.row, panel.symbols.index(leak.symbol)
        ]
        for size in (leak.cut, leak.source.row, leak.source.row + 1)
    }
    assert said[leak.cut] == leak.told == said[leak.source.row]
    assert said[leak.source.row + 1] != leak.told


def leaves_who_will_be_gone(bars: Panel) -> Ints:
    """Holds what the list of flaws, made with the last row in hand, says ends early."""
    gone = {one.symbol for one in bars.findings if one.defect is Defect.EARLY_END}
    return np.ones(bars.close.shape, dtype=np.int64) * [one not in gone for one in bars.symbols]


def test_what_was_found_in_the_data_is_hindsight() -> None:
    ends = Finding(Defect.EARLY_END, PANEL.symbols[1], 5, "2024-01-01", "left absent")
    leak = found(Says("leaves", leaves_who_will_be_gone), evolve(PANEL, findings=(ends,)))
    assert leak.symbol == PANEL.symbols[1]
    assert (leak.told, leak.hindsight) == (1, 0)


def test_another_symbol_is_named_where_it_is_that_ones_bar() -> None:
    leak = found(Says("other", other_symbol), wandering_panel(60, 5))
    assert leak.source is not None
    assert leak.symbol == "S0"
    assert leak.source.symbol == "S4"


def test_the_sentence_names_both_ends() -> None:
    leak = found(Says("shifted", shifted), PANEL)
    assert leak.source is not None
    row, value = leak.row, leak.hindsight
    assert str(leak) == (
        f"shifted: direction of S0 in row {row} is 0, and {value} with hindsight; "
        f"it depends on close of S0 in row {row + 1}"
    )


def crossing(bars: Panel) -> Floats:
    """Two averages of closes, neither of which looks ahead."""
    fast = np.mean([earlier(bars.close, by) for by in range(3)], axis=0)
    slow = np.mean([earlier(bars.close, by) for by in range(9)], axis=0)
    crossed: Floats = fast - slow
    return crossed


def at_random(bars: Panel) -> Floats:
    return chances(bars.rows, len(bars.symbols), "a seed") - 0.5


def always(bars: Panel) -> Floats:
    return np.ones(bars.close.shape)


@pytest.mark.parametrize("panel", [PANEL, GAPPED, MINUTES, wandering_panel(2, 1)])
@pytest.mark.parametrize("directions", [crossing, at_random, always, nothing])
def test_a_clean_strategy_is_left_alone(
    directions: Callable[[Panel], Floats], panel: Panel
) -> None:
    assert look_ahead(Says("clean", directions), panel) is None


def test_the_average_value_of_the_sessions_before_is_clean() -> None:
    assert look_ahead(Says("clean", nothing, adv_before), PANEL) is None


def test_chance_without_a_seed_is_no_strategy() -> None:
    calls = count()
    strategy = Says("moody", lambda bars: always(bars) * (1 - 2 * (next(calls) % 2)))
    leak = found(strategy, PANEL)
    assert leak.source is None
    assert str(leak) == "moody: direction of S0 in row 0 is 1 once and -1 again, of the same bars"


def test_an_input_that_takes_two_symbols_together_is_still_named() -> None:
    def either(bars: Panel) -> Floats:
        """Buys the first symbol where one of two others will rise."""
        rises = shifted(bars) > 0
        return np.where(rises[:, 1:2] | rises[:, 3:4], 1.0, 0.0) * np.eye(1, 4)

    panel = wandering_panel(60, 4)
    rises = shifted(panel) > 0
    row = int(np.argmax(rises[:, 1] & rises[:, 3]))
    leak = look_ahead(Says("either", either), panel, cuts=[row + 1])
    assert leak is not None
    assert leak.source is not None
    assert (leak.row, leak.source.row, leak.source.column) == (row, row + 1, "close")


def test_cuts_can_be_chosen_and_repeat_themselves_otherwise() -> None:
    late = evolve(PANEL)
    said = Says("late", lambda bars: always(bars) * (bars.rows > 100))
    assert look_ahead(said, late, cuts=[110, 115]) is None
    leak = look_ahead(said, late, cuts=[50])
    assert leak is not None
    assert leak.source is not None
    assert (leak.source.row, leak.source.column) == (100, "row")
    assert drawn_cuts(500) == drawn_cuts(500) != drawn_cuts(500, "other")
    assert {498, 499} <= set(drawn_cuts(500))
    assert drawn_cuts(2) == (1,)


@pytest.mark.parametrize("cuts", [[0], [120], [-1, 5], []])
def test_cuts_that_leave_nothing_to_compare_are_refused(cuts: list[int]) -> None:
    with pytest.raises(InvalidInput, match="from 1 to the rows less one"):
        look_ahead(Says("always", always), PANEL, cuts)


def test_a_single_row_has_no_future() -> None:
    with pytest.raises(InvalidInput, match="nothing can be compared in 1 rows"):
        look_ahead(Says("always", always), wandering_panel(1, 1))


def test_verdicts_of_other_bars_are_refused() -> None:
    with pytest.raises(InvalidInput, match="its shape is"):
        look_ahead(Says("short", lambda bars: always(bars)[1:], lambda b: b.close[1:]), PANEL)
