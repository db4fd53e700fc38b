"""What a soak finds wrong, and when what goes wrong."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "soak"
JUDGED = runpy.run_path(str(FOLDER / "judged.py"))
SCHEDULE = runpy.run_path(str(FOLDER / "schedule.py"))
MINUTE = 60.0


def heard(*moments: float) -> list[Any]:
    return [JUDGED["Heard"](at, "blue", ()) for at in moments]


def test_a_beat_without_gaps_is_kept_whoever_kept_it() -> None:
    beat = JUDGED["beat_of"](heard(0, 5.2, 9.9, 15, 20), 20)
    assert (beat.expected, beat.missed, beat.uptime) == (4, 0, 1.0)


def test_beats_between_two_cycles_are_missed_and_so_are_those_at_the_end() -> None:
    beat = JUDGED["beat_of"](heard(0, 5, 25), 40)
    assert [(gap.at_s, gap.beats) for gap in beat.gaps] == [(25, 3), (40, 2)]
    assert beat.uptime == 1 - 5 / 8


def test_time_without_the_records_store_is_nobodys_but_what_follows_it_is() -> None:
    away = [JUDGED["Outage"](6, 26), JUDGED["Outage"](58, 59)]
    # Back at once after the first one; eleven seconds late after the second.
    beat = JUDGED["beat_of"](heard(0, 5, 27, 32, 37, 42, 47, 52, 57, 70), 70, away)
    assert [(gap.at_s, gap.beats) for gap in beat.gaps] == [(70, 1)]
    assert (beat.expected, beat.excused, beat.missed) == (14, 4, 1)
    assert beat.uptime == 1 - 1 / 10
    assert beat.published == 1 - 5 / 14


def test_a_beat_that_was_not_kept_often_enough_is_wrong() -> None:
    beat = JUDGED["beat_of"](heard(0, 5, 15), 20)
    assert JUDGED["faults_of_beat"](beat, 0.75) == []
    (wrong,) = JUDGED["faults_of_beat"](beat, 0.76)
    assert "75.00%" in wrong


def test_no_cycle_at_all_is_no_beat() -> None:
    assert JUDGED["beat_of"]([], 100).uptime == 0


def samples(rss: list[int], files: int = 20, sockets: int = 5, life: int = 1) -> list[Any]:
    return [
        JUDGED["Sample"]("blue", life, True, float(at), each, files, sockets)
        for at, each in enumerate(rss)
    ]


def test_what_grows_after_it_is_warm_is_found() -> None:
    growing = samples([1_000 + at for at in range(120)])
    (found,) = JUDGED["growths"](growing)
    assert found.rss == pytest.approx(0.072, abs=0.01)
    assert "memory grew" in JUDGED["faults_of_growth"]([found])[0]


def test_warming_up_is_no_growth_and_a_short_life_says_nothing() -> None:
    warm = samples([at * 50 for at in range(20)] + [1_000] * 100)
    (found,) = JUDGED["growths"](warm)
    assert found.rss == 0
    assert JUDGED["faults_of_growth"]([found]) == []
    assert JUDGED["growths"](samples([1_000] * 40)) == ()


def test_sockets_that_pile_up_are_found() -> None:
    life = samples([1_000] * 60) + [
        JUDGED["Sample"]("blue", 1, True, 60.0 + at, 1_000, 40, 15) for at in range(60)
    ]
    (wrong,) = JUDGED["faults_of_growth"](JUDGED["growths"](life))
    assert "20 files and 10 sockets more" in wrong


def test_publishing_after_standing_by_is_no_growth() -> None:
    sample = JUDGED["Sample"]
    stood = [sample("blue", 1, False, float(at), 1_000, 30, 22) for at in range(100)]
    published = [sample("blue", 1, True, 100.0 + at, 1_100, 45, 31) for at in range(100)]
    found = JUDGED["growths"]([*stood, *published])
    assert [one.publishes for one in found] == [False, True]
    assert JUDGED["faults_of_growth"](found) == []
    assert str(found[1]) == "blue published for 99 s"


def entry(seq: int, kind: str = "signal", name: str = "", decided_us: int | None = None) -> bytes:
    us = seq if decided_us is None else decided_us
    return json.dumps(
        {"seq": seq, "kind": kind, "id": name or f"id-{seq}", "decided_us": us}
    ).encode()


def faults(entries: list[bytes], told: list[int], *problems: str) -> list[str]:
    found: list[str] = JUDGED["faults_of_record"](JUDGED["Record"](tuple(entries), problems), told)
    return found


def test_a_whole_record_has_no_faults() -> None:
    assert faults([entry(0, "strategy"), entry(1), entry(2)], [1, 2]) == []


@pytest.mark.parametrize(
    ("entries", "told", "said"),
    [
        ([entry(0), entry(2)], [], "gap or a double"),
        ([entry(0, name="a"), entry(1, name="a")], [], "there twice: a"),
        ([entry(0, decided_us=5), entry(1, decided_us=4)], [], "decided before"),
        ([entry(0)], [1], "announced and are not in the log"),
        ([entry(0, "quiet")], [0], "announced and are not in the log"),
        ([entry(0)], [0, 0], "announced twice"),
    ],
)
def test_a_planted_fault_is_named(entries: list[bytes], told: list[int], said: str) -> None:
    assert any(said in one for one in faults(entries, told))


def test_what_verifying_found_is_told() -> None:
    assert faults([], [], "a leaf is wrong") == ["the log does not verify: a leaf is wrong"]


def test_a_seed_always_plans_the_same_and_each_trouble_comes_even_in_a_short_span() -> None:
    plan = SCHEDULE["planned"]
    short = plan(4 * MINUTE, 1, engines=("blue", "green"))
    assert short == plan(4 * MINUTE, 1, engines=("blue", "green"))
    assert short != plan(4 * MINUTE, 2, engines=("blue", "green"))
    kinds = {(one.who, str(one.trouble)) for one in short}
    assert kinds >= {("blue", "kill"), ("green", "kill"), ("postgres", "pause"), ("redis", "kill")}
    assert {one.who for one in short if one.trouble == "break"} == set(SCHEDULE["VENDORS"])
    assert {str(one.trouble) for one in short} == {"break", "kill", "pause", "step"}


def test_nothing_goes_wrong_in_the_first_minute_or_the_last() -> None:
    plan = SCHEDULE["planned"](60 * MINUTE, 3, engines=("blue",))
    assert len(plan) == pytest.approx(58, abs=1)
    moments = [one.at_s for one in plan]
    assert moments == sorted(moments)
    assert moments[0] >= MINUTE
    assert moments[-1] <= 59 * MINUTE
