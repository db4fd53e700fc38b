"""Which rows are learned from and which are judged by, so that neither knows of the other.

After M. López de Prado, Advances in Financial Machine Learning (2018): purging and embargo are of
chapter 7, combinatorial splits of chapter 12.
"""

from itertools import combinations, pairwise
from math import comb

from attrs import frozen

from argo_core.errors import InvalidInput

MOST_SPLITS = 10_000


@frozen(kw_only=True)
class Window:
    """Learn from rows `train_begin` up to `train_end`, judge by `test_begin` up to `test_end`."""

    train_begin: int
    train_end: int
    test_begin: int
    test_end: int


@frozen(kw_only=True)
class Split:
    """Ranges of rows (begin, end) to learn from and to judge by, in order; ends do not belong."""

    train: tuple[tuple[int, int], ...]
    test: tuple[tuple[int, int], ...]


def walk_windows(
    rows: int, *, train: int, test: int, purge: int = 0, embargo: int = 0, anchored: bool = False
) -> tuple[Window, ...]:
    """Windows that walk forward: every row after the first training is judged once, in order.

    `train` rows are learned from, all rows so far where it is `anchored`. The last `purge` rows
    before a test are left out, because what is decided in them ends within it: give as many as a
    position can last. Another `embargo` rows before those are left out as well, for what goes on
    for longer than that. Here nothing that is learned from lies after the test, where chapter 7
    has its embargo. The last test may be shorter.

    Raises:
        InvalidInput: a number is out of range, or there are too few rows for one window.
    """
    gap = purge + embargo
    if train < 1 or test < 1 or purge < 0 or embargo < 0:
        problem = f"train {train}, test {test}, purge {purge}, embargo {embargo}"
        raise InvalidInput(
            "windows", problem, "give 1 or more to learn and to test, 0 or more else"
        )
    first = train + gap
    if first >= rows:
        problem = f"{rows} rows are too few for {train} to learn from and {gap} to leave out"
        raise InvalidInput("windows", problem, "give more rows, or smaller windows")
    return tuple(
        Window(
            train_begin=0 if anchored else begin - first,
            train_end=begin - gap,
            test_begin=begin,
            test_end=min(begin + test, rows),
        )
        for begin in range(first, rows, test)
    )


def combinatorial_splits(
    rows: int, *, groups: int, tested: int, purge: int = 0, embargo: int = 0
) -> tuple[Split, ...]:
    """Every choice of `tested` of `groups` equal ranges to judge by; the others are learned from.

    Of these, the last `purge` rows before a tested range are left out, and after one the first
    `purge` and then `embargo` more. Ranges differ by a row where rows are no multiple of groups.

    Raises:
        InvalidInput: a number is out of range, or there are more than `MOST_SPLITS` choices.
    """
    if not 1 <= tested < groups <= rows or purge < 0 or embargo < 0:
        problem = f"{tested} of {groups} groups of {rows} rows, purge {purge}, embargo {embargo}"
        raise InvalidInput("groups", problem, "give 1 <= tested < groups <= rows")
    if (choices := comb(groups, tested)) > MOST_SPLITS:
        problem = f"{choices:,} ways to choose {tested} of {groups}"
        raise InvalidInput("groups", problem, f"give numbers with at most {MOST_SPLITS:,}")
    edges = [rows * number // groups for number in range(groups + 1)]
    return tuple(
        _split(edges, set(chosen), purge, purge + embargo)
        for chosen in combinations(range(groups), tested)
    )


def _split(edges: list[int], chosen: set[int], before: int, after: int) -> Split:
    train, test = [], []
    for number, (begin, end) in enumerate(pairwise(edges)):
        if number in chosen:
            test.append((begin, end))
            continue
        # What is left out may reach beyond the neighbour, so every tested range is looked at.
        first = max([begin, *(edges[one + 1] + after for one in chosen if one < number)])
        last = min([end, *(edges[one] - before for one in chosen if one > number)])
        if first < last:
            train.append((first, last))
    return Split(train=_joined(train), test=_joined(test))


def _joined(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for begin, end in ranges:
        if joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return tuple(joined)
