"""What is absent: sessions before, after and within a symbol's bars, and bars within sessions."""

import numpy as np

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.data.calendar import Calendar
from argo_core.backtest.data.hours import DAY_US, MarketHours
from argo_core.backtest.data.notes import Notes
from argo_core.backtest.data.rows import Rows

_SECOND_US = 1_000_000
_LATE = "sessions before its first bar: left absent"
_EARLY = "sessions after its last bar: left absent"
_GAP = "bars absent between its first and its last: left absent, never filled"
_NOBODY = "sessions in which nobody has a bar: no row was made for them"
_HALF = "sessions that close early: bars are known by their early close"


def note_coverage(rows: Rows, calendar: Calendar, notes: Notes) -> None:
    """Note what the source, sorted by symbol and time, has no bar of; bad bars count as there."""
    stocks = calendar.stocks(rows)
    if stocks.any():
        hours = calendar.sessions()
        _note_stocks(rows.chosen(stocks), calendar, hours, notes)
    if not stocks.all():
        _note_pairs(rows.chosen(~stocks), calendar, notes)


def _note_stocks(rows: Rows, calendar: Calendar, hours: MarketHours, notes: Notes) -> None:
    place = hours.place(calendar.days(rows.at))
    _note_ends(rows.code, place, hours.day, calendar.daily, notes)
    there = np.unique(place)
    nobody = np.setdiff1d(np.arange(there[0], there[-1]), there)
    if nobody.size:
        first = _label(hours.day[nobody[0]], calendar.daily)
        notes.case(Defect.GAP, None, len(nobody), first, _NOBODY)
    halves = there[hours.half[there]]
    if halves.size:
        first = _label(hours.day[halves[0]], calendar.daily)
        notes.case(Defect.HALF_DAY, None, len(halves), first, f"{_HALF} ({hours.told})")
    if calendar.daily:
        _note_gaps(rows.code, place, hours.day, notes)
        return
    # Bars are numbered through all sessions; those at the close itself are none of the regular.
    step = calendar.bar_s * _SECOND_US
    begins = np.concatenate(([0], np.cumsum(-(-(hours.close_us - hours.open_us) // step))))
    regular = ~calendar.closing_prints(rows.code, rows.at)
    place, at = place[regular], rows.at[regular]
    number = begins[place] + (at - hours.open_us[place]) // step
    session = np.repeat(np.arange(len(hours.day)), np.diff(begins))
    moments = hours.open_us[session] + (np.arange(begins[-1]) - begins[session]) * step
    _note_gaps(rows.code[regular], number, moments, notes)


def _note_pairs(rows: Rows, calendar: Calendar, notes: Notes) -> None:
    days = calendar.days(rows.at)
    start = int(days.min())
    every = np.arange(start, days.max() + 1)
    _note_ends(rows.code, days - start, every, calendar.daily, notes)
    if calendar.daily:
        _note_gaps(rows.code, days - start, every, notes)
        return
    step = calendar.bar_s * _SECOND_US
    moments = np.arange(rows.at.min(), rows.at.max() + 1, step)
    _note_gaps(rows.code, (rows.at - moments[0]) // step, moments, notes)


def _note_ends(code: Ints, place: Ints, day: Ints, daily: bool, notes: Notes) -> None:
    """`code` is sorted, and `place` within each; `day` is the date of each place."""
    begins = np.flatnonzero(np.concatenate(([True], np.diff(code) != 0)))
    ends = np.append(begins[1:], len(code)) - 1
    first, last = int(place.min()), int(place.max())
    for begin, end in zip(begins, ends, strict=True):
        one = int(code[begin])
        if late := int(place[begin]) - first:
            notes.case(Defect.LATE_START, one, late, _label(day[first], daily), _LATE)
        if early := last - int(place[end]):
            when = _label(day[place[end] + 1], daily)
            notes.case(Defect.EARLY_END, one, early, when, _EARLY)


def _note_gaps(code: Ints, number: Ints, label: Ints, notes: Notes) -> None:
    """`number` counts the bars that there could be, `label` is when each of those would be."""
    missing = np.where(np.diff(code) == 0, np.diff(number) - 1, 0)
    holes = np.flatnonzero(missing > 0)
    if not holes.size:
        return
    counts = np.bincount(code[holes], weights=missing[holes], minlength=len(notes.symbols))
    owners, firsts = np.unique(code[holes], return_index=True)
    for one, hole in zip(owners, holes[firsts], strict=True):
        first = int(label[number[hole] + 1])
        notes.case(Defect.GAP, int(one), int(counts[one]), first, _GAP)


def _label(day: int, daily: bool) -> int:
    return int(day) if daily else int(day) * DAY_US
