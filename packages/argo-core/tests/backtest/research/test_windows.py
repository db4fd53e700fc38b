"""Windows and splits: what is learned from never touches what is judged by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.research.windows import Window, combinatorial_splits, walk_windows
from argo_core.errors import InvalidInput


def test_windows_walk_forward_over_every_row_once() -> None:
    found = walk_windows(25, train=10, test=5, purge=2, embargo=1)
    assert found == (
        Window(train_begin=0, train_end=10, test_begin=13, test_end=18),
        Window(train_begin=5, train_end=15, test_begin=18, test_end=23),
        Window(train_begin=10, train_end=20, test_begin=23, test_end=25),
    )


def test_anchored_windows_learn_from_all_there_was() -> None:
    found = walk_windows(20, train=10, test=5, purge=1, anchored=True)
    assert [(one.train_begin, one.train_end) for one in found] == [(0, 10), (0, 15)]


@given(
    st.integers(1, 60), st.integers(1, 20), st.integers(1, 9), st.integers(0, 4), st.integers(0, 4)
)
def test_nothing_learned_reaches_into_a_test(
    rows: int, train: int, test: int, purge: int, embargo: int
) -> None:
    try:
        found = walk_windows(rows, train=train, test=test, purge=purge, embargo=embargo)
    except InvalidInput:
        assert rows <= train + purge + embargo
        return
    judged = [row for one in found for row in range(one.test_begin, one.test_end)]
    assert judged == list(range(train + purge + embargo, rows))
    for one in found:
        assert one.train_end - one.train_begin == train
        assert one.test_begin - one.train_end == purge + embargo


@pytest.mark.parametrize(
    "wrong", [{"train": 0}, {"test": 0}, {"purge": -1}, {"embargo": -1}, {"train": 30}]
)
def test_windows_that_cannot_be_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidInput) as caught:
        walk_windows(30, **({"train": 10, "test": 5} | wrong))  # type: ignore[arg-type]
    assert caught.value.field == "windows"


def test_a_split_leaves_out_what_lies_beside_a_test() -> None:
    splits = combinatorial_splits(12, groups=4, tested=2, purge=1, embargo=1)
    assert len(splits) == 6
    assert splits[0].test == ((0, 6),)
    assert splits[0].train == ((8, 12),)
    # The first and the third are tested: of the second nothing is left.
    assert splits[1].test == ((0, 3), (6, 9))
    assert splits[1].train == ((11, 12),)
    assert splits[5].test == ((6, 12),)
    assert splits[5].train == ((0, 5),)


@given(
    st.integers(2, 40), st.integers(2, 6), st.integers(1, 5), st.integers(0, 9), st.integers(0, 9)
)
def test_every_row_is_judged_equally_often_and_none_that_is_near_is_learned_from(
    rows: int, groups: int, tested: int, purge: int, embargo: int
) -> None:
    if not tested < groups <= rows:
        with pytest.raises(InvalidInput, match="tested < groups <= rows"):
            combinatorial_splits(rows, groups=groups, tested=tested)
        return
    splits = combinatorial_splits(rows, groups=groups, tested=tested, purge=purge, embargo=embargo)
    often = [0] * rows
    for split in splits:
        judged = {row for begin, end in split.test for row in range(begin, end)}
        learned = {row for begin, end in split.train for row in range(begin, end)}
        near = {row - back for row in judged for back in range(1, purge + 1)}
        near |= {row + on for row in judged for on in range(1, purge + embargo + 1)}
        assert learned == set(range(rows)) - judged - near
        for row in judged:
            often[row] += 1
    assert len(set(often)) == 1


@pytest.mark.parametrize(("groups", "tested"), [(4, 4), (1, 1), (4, 0), (101, 1), (40, 20)])
def test_splits_that_cannot_be_are_refused(groups: int, tested: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        combinatorial_splits(100, groups=groups, tested=tested)
    assert caught.value.field == "groups"


def test_a_negative_gap_is_refused() -> None:
    with pytest.raises(InvalidInput):
        combinatorial_splits(100, groups=4, tested=1, purge=-1)
