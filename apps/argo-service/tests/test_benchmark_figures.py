"""The arithmetic of the benchmarks: percentiles, savings, sizes, clocks, whose signals differ."""

import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from argo_core.consensus.opinion import GROK, MASSIVE, SONAR, Opinion
from argo_core.consensus.pool import pool
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction
from argo_core.consensus.regime import Regime
from argo_core.consensus.verdict import judge
from argo_core.engine.picture import Basis, Decision, Outcome
from argo_core.market.instrument import Symbol
from argo_core.market.session import Phase

FOLDER = Path(__file__).parents[1] / "benchmarks"
FIGURES = runpy.run_path(str(FOLDER / "_figures.py"))
COMPARED = runpy.run_path(str(FOLDER / "_compared.py"))
CLOCK = runpy.run_path(str(FOLDER / "_clock.py"))
NOON = datetime(2024, 11, 25, 17, 0, tzinfo=UTC)
NVR = Symbol("NVR")
BEAT_S = 5.0


def test_p95_is_what_one_in_twenty_exceeds_and_never_beyond_the_largest() -> None:
    assert FIGURES["p95"]([float(n) for n in range(101)]) == pytest.approx(95)
    assert FIGURES["p95"]([1.0, 2.0, 3.0, 4.0]) <= 4.0
    assert FIGURES["p95"]([7.0]) == 7.0


def test_less_is_the_share_that_was_saved() -> None:
    assert FIGURES["less"](10.0, 3.0) == pytest.approx(0.7)
    assert FIGURES["less"](2.0, 3.0) == pytest.approx(-0.5)
    assert FIGURES["less"](0.0, 3.0) is None


def test_a_folder_counts_each_file_once_however_many_names_it_has(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 2**20)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    (tmp_path / "three").symlink_to(tmp_path / "one")
    assert FIGURES["folder_mib"](tmp_path) == pytest.approx(1)


def test_a_clock_at_speed_0_moves_by_leaps_alone() -> None:
    clock = CLOCK["SharedClock"](NOON, speed=0.0)
    assert clock.now() == NOON
    clock.leap(5)
    assert clock.now() == NOON + timedelta(seconds=5)


def test_two_clocks_with_one_beginning_agree() -> None:
    one = CLOCK["SharedClock"](NOON, since=0.0, speed=60.0)
    other = CLOCK["SharedClock"](NOON, since=0.0, speed=60.0)
    assert abs((other.now() - one.now()).total_seconds()) < 60


def opinion(source: str, age_s: float, strength: float = 0.9) -> Opinion:
    as_of = NOON - timedelta(seconds=age_s)
    return Opinion(source, NVR, strength, as_of, 3_600, "0" * 64, "any-1")


def decision(*opinions: Opinion, direction: Direction | None = None) -> Decision:
    known = {one.source: one for one in opinions}
    view = pool(opinions, Profile(), NOON)
    verdict = judge(view, Profile())
    return Decision(
        symbol=NVR,
        outcome=Outcome.HOLD,
        direction=direction or verdict.direction,
        reason=verdict.reason,
        confidence_bp=view.confidence_bp,
        view=view,
        basis=Basis(Phase.REGULAR, None, known, frozenset(), None, Regime.UNKNOWN),
        evaluated_at=NOON,
    )


def compared(before: Decision, after: Decision) -> dict:
    comparison = COMPARED["Comparison"](beat_s=BEAT_S)
    comparison.add({NVR: before}, {NVR: after}, SimpleNamespace(profile=Profile()))
    return comparison.told()


ALL = (opinion(MASSIVE, 0), opinion(GROK, 0), opinion(SONAR, 0))


def test_inputs_within_a_beat_are_equally_fresh_and_equal_directions_are_the_same() -> None:
    told = compared(decision(*ALL), decision(opinion(MASSIVE, 5), *ALL[1:]))
    assert (told["same"], told["differ"]) == (1, 0)


def test_a_difference_on_equally_fresh_inputs_is_counted_against_us() -> None:
    told = compared(decision(*ALL), decision(*ALL, direction=Direction.SELL))
    assert (told["same"], told["differ"]) == (0, 1)
    assert told["evaluated_anew"] == {"same": 0, "differ": 1}


def test_a_difference_on_older_inputs_names_the_source_that_was_older() -> None:
    older = decision(ALL[0], ALL[1], opinion(SONAR, 6), direction=Direction.HOLD)
    told = compared(decision(*ALL, direction=Direction.BUY), older)
    assert told["same"] == told["differ"] == 0
    assert told["not_equally_fresh"] == {"same": 0, "differ": 1}
    assert told["differ_where_older"] == {SONAR: 1}


def test_a_source_that_one_side_has_not_heard_is_not_equally_fresh() -> None:
    told = compared(decision(*ALL), decision(*ALL[:2]))
    assert told["same"] == told["differ"] == 0
