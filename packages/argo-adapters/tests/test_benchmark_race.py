"""The arithmetic of the race between our lines and a bare await."""

import runpy
from pathlib import Path

import pytest

RACE = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "_race.py"))


def test_ratio_is_the_median_of_rounds_and_not_the_ratio_of_medians() -> None:
    # The machine was ten times slower in the last round, for both.
    result = RACE["summed_up"]([2e-7, 4e-7, 30e-7], [1e-7, 1e-7, 10e-7])
    assert result.ratio == pytest.approx(3)
    assert result.ns == pytest.approx(400)


def test_spread_is_the_middle_half_as_a_share_of_the_median() -> None:
    own = [1e-7, 2e-7, 3e-7, 4e-7, 5e-7]
    assert RACE["summed_up"](own, own).spread == pytest.approx((4 - 2) / 3)


async def test_every_line_is_run_and_the_heavier_one_has_the_greater_ratio() -> None:
    async def bare(times: int) -> None:
        for _ in range(times):
            pass

    async def heavy(times: int) -> None:
        for _ in range(times):
            sum(range(100))

    results = await RACE["race"]({RACE["AWAIT"]: bare, "heavy": heavy}, 3)
    assert results[RACE["AWAIT"]].ratio == 1
    assert results["heavy"].ratio > 1


def test_a_benchmark_says_on_which_machine_with_what_and_under_which_load() -> None:
    said = RACE["about"]("attrs")
    assert "Python 3" in said["machine"]
    assert said["versions"].keys() == {"attrs"}
    assert said["load"]["one_minute_average"] >= 0
