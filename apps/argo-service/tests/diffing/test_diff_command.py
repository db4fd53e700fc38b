"""`argo diff` as a user meets it: a live log against the backtest of its day."""

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from argo_service.cli.exit_codes import Exit

Argo = Callable[..., Any]
DIFF = ("diff", "a.sqlite3", "a.recording.gz")


def logged(kind: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect("a.sqlite3")) as db:
        rows = db.execute("SELECT data FROM entries ORDER BY idx").fetchall()
    entries = [json.loads(data) for (data,) in rows]
    return [one for one in entries if one["kind"] == kind]


def exported(argo: Argo) -> None:
    """The log as static files in a folder."""
    named = {"ARGO_DATABASE": "a.sqlite3", "ARGO_LOG__NAME": "argo.demo/ordinary-day"}
    argo("export", "site", "--pending", **named)


def test_a_log_is_the_same_as_the_backtest_of_its_recording(argo: Argo, day: Path) -> None:
    told = argo(*DIFF, "--json").json
    assert told["counts"]["same"] == told["signals"] == len(logged("signal")) > 3
    assert sum(told["counts"].values()) == told["signals"]
    assert told["first"] is told["first_input"] is told["paper"] is None
    assert told["listed"] == told["settings"] == []
    assert told["as_recorded"]
    assert told["same_code"]
    shown = argo(*DIFF).stdout
    assert "every signal that can be compared is the same" in shown
    assert "recorded from simulated vendors" in shown


Plant = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


def each(kind: str, change: Callable[[dict[str, Any]], None]) -> Plant:
    def plant(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for line in lines:
            if line.get("kind") == kind:
                change(line)
        return lines

    return plant


def dearer(line: dict[str, Any]) -> None:
    for quote in line["quotes"]:
        quote["price"] = f"{float(quote['price']) + 1:.2f}"


def weaker(line: dict[str, Any]) -> None:
    for one in line["opinions"]:
        if one["source"] == "grok":
            one["strength"] = 0.25


def without_sonar(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in lines if one.get("kind") != "learned" or one["source"] != "sonar"]


def weights(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sources = lines[0]["profile"]["sources"]
    sources["massive"]["weight"], sources["sonar"]["weight"] = 0.35, 0.2
    return lines


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (each("observed", dearer), "price: last"),
        (each("learned", weaker), "opinion of grok: strength"),
        (without_sonar, "opinion of sonar"),
        (weights, "weight_massive"),
    ],
)
def test_a_planted_difference_is_found_and_its_cause_named(
    argo: Argo, day: Path, forge: Any, plant: Plant, named: str
) -> None:
    forge(plant)
    told = argo(*DIFF, "--json", code=Exit.REFUTED).json
    assert told["first_input"]["name"] == named
    assert told["first_input"]["log"] != told["first_input"]["backtest"]
    shown = argo(*DIFF, code=Exit.REFUTED).stdout
    assert "FIRST DIFFERENCE: " in shown
    assert "FIRST DIFFERING INPUT: " in shown
    assert f"{named}: log" in shown


def test_a_higher_threshold_leaves_fewer_signals(argo: Argo, day: Path) -> None:
    told = argo(*DIFF, "--theta-bp", "9900", "--json", code=Exit.REFUTED).json
    assert told["signals"] < len(logged("signal"))
    assert told["counts"]["only in the log"] > 0
    assert not told["as_recorded"]
    assert told["settings"] == [{"name": "theta_bp", "log": "7500", "backtest": "9900"}]
    shown = argo(*DIFF, "--theta-bp", "9900", "--most", "1", code=Exit.REFUTED).stdout
    assert "theta_bp: log 7500, backtest 9900" in shown
    assert "only in the log; the backtest decided HOLD, weak" in shown


def test_only_so_many_differences_are_listed(argo: Argo, day: Path) -> None:
    told = argo(*DIFF, "--theta-bp", "9999", "--most", "1", "--json", code=Exit.REFUTED).json
    assert len(told["listed"]) == 1
    others = sum(told["counts"].values()) - told["counts"]["same"]
    assert told["not_listed"] == others - 1 > 0
    shown = argo(*DIFF, "--theta-bp", "9999", "--most", "1", code=Exit.REFUTED).stdout
    assert "more are not listed" in shown


def test_weights_sources_and_numbers_are_tried(argo: Argo, day: Path) -> None:
    tried = ("--weight", "massive=0.35", "--weight", "sonar=0.2", "--set", "half_life_s.grok=60")
    told = argo(*DIFF, *tried, "--set", "quorum=0.6", "--json", code=Exit.REFUTED).json
    names = {one["name"] for one in told["settings"]}
    assert names == {"weight_massive", "weight_sonar", "half_life_grok_s", "quorum"}
    told = argo(*DIFF, "--disable", "grok", "--json", code=Exit.REFUTED).json
    assert "weight_grok" in {one["name"] for one in told["settings"]}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--theta-bp", "high"), "--theta-bp: 'high' is not a number"),
        (("--weight", "massive"), "--weight: 'massive' is not a name and a number"),
        (("--weight", "massive=0.5"), "the weights sum to 1.1"),
        (("--set", "beat_s=1"), "'beat_s' cannot be tried on a recorded day"),
        (("--set", "tau=1", "--set", "tau=2"), "'tau=2' is not a name and a number"),
        (("--disable", "oracle"), "no opinions of 'oracle'"),
        (("--most", "-1"), "--most: -1 is too many or too few"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    argo: Argo, day: Path, words: tuple[str, ...], message: str
) -> None:
    assert message in argo(*DIFF, *words, code=Exit.UNCHECKED).stderr


def test_of_an_export_the_signals_are_compared_and_its_inputs_are_not_at_hand(
    argo: Argo, day: Path, forge: Any
) -> None:
    exported(argo)
    from_folder = ("diff", "site", "a.recording.gz")
    assert argo(*from_folder, "--json").json["counts"]["same"] == len(logged("signal"))
    forge(each("observed", dearer))
    told = argo(*from_folder, "--json", code=Exit.REFUTED).json
    assert told["first"]["inputs"] is None
    assert "entry" in [one["name"] for one in told["first"]["members"]]
    shown = argo(*from_folder, code=Exit.REFUTED).stdout
    assert "the log's inputs are not at hand" in shown


def test_an_export_that_is_damaged_is_no_log(argo: Argo, day: Path) -> None:
    exported(argo)
    site = day / "site"
    [bundle] = [one for one in (site / "tile" / "entries").rglob("*") if one.is_file()]
    whole = bundle.read_bytes()
    for damage, message in (
        (whole.replace(b"BUY", b"buy", 1), "are not those that its checkpoint has the root of"),
        (whole[:-1], "it ends within entry"),
    ):
        bundle.write_bytes(damage)
        said = argo("diff", "site", "a.recording.gz", code=Exit.UNCHECKED).stderr
        assert message in said
    bundle.unlink()
    assert "there is no tile" in argo("diff", "site", "a.recording.gz", code=Exit.UNCHECKED).stderr
    (site / "checkpoint").write_bytes(b"nothing")
    assert "checkpoint: " in argo("diff", "site", "a.recording.gz", code=Exit.UNCHECKED).stderr
    (site / "checkpoint").unlink()
    (site / "checkpoint").mkdir()
    assert "is not a file" in argo("diff", "site", "a.recording.gz", code=Exit.UNCHECKED).stderr


def test_a_sealed_log_is_compared_by_its_owner(argo: Argo, sealed: Path) -> None:
    commits = logged("commit")
    assert argo(*DIFF, "--json").json["counts"]["same"] == len(commits)


def test_of_a_sealed_export_what_is_not_revealed_is_said_to_be_so(argo: Argo, sealed: Path) -> None:
    commits, reveals = logged("commit"), logged("reveal")
    assert 0 < len(reveals) < len(commits)
    exported(argo)
    told = argo("diff", "site", "a.recording.gz", "--json").json
    assert told["counts"]["same"] == len(reveals)
    assert told["counts"]["not revealed"] == len(commits) - len(reveals)
    shown = argo("diff", "site", "a.recording.gz").stdout
    assert "are not revealed, and were not compared" in shown
    # With the key every commitment is made again.
    keyed = ("--reveal-key", "a.sqlite3.reveal-key")
    told = argo("diff", "site", "a.recording.gz", *keyed, "--json").json
    assert told["counts"]["same"] == len(commits)


def test_a_recording_of_another_run_is_refused(argo: Argo, day: Path, forge: Any) -> None:
    argo(
        *("tape", "record", "--tape", "ordinary-day", "--for", "10s", "--speed", "20"),
        *("--symbols", "NVR", "--log", "b.sqlite3", "--out", "b.recording.gz"),
    )
    said = argo("diff", "a.sqlite3", "b.recording.gz", code=Exit.UNCHECKED).stderr
    assert "is not what the recorded run began with" in said

    def renamed(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        lines[0]["log"] = "argo.example/other"
        return lines

    whole = (day / "a.recording.gz").read_bytes()
    forge(renamed)
    assert "it is of the log argo.example/other" in argo(*DIFF, code=Exit.UNCHECKED).stderr
    (day / "a.recording.gz").write_bytes(whole)

    def begun(size: int) -> Plant:
        return each("started", lambda line: line.update(size=size))

    forge(begun(1))
    assert "is no registration" in argo(*DIFF, code=Exit.UNCHECKED).stderr
    forge(begun(100_000))
    assert "the log ends before the entry 100000" in argo(*DIFF, code=Exit.UNCHECKED).stderr
    forge(lambda lines: [one for one in lines if one.get("kind") != "started"])
    assert "does not begin with the start" in argo(*DIFF, code=Exit.UNCHECKED).stderr


def test_a_damaged_recording_and_a_log_that_is_not_there_are_refused(argo: Argo, day: Path) -> None:
    path = day / "a.recording.gz"
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    assert "there is none at b" in argo("diff", "b", str(path), code=Exit.UNCHECKED).stderr
    path.write_bytes(gzip.compress(b"".join(lines[: len(lines) // 2]), 1))
    assert "was cut off" in argo(*DIFF, code=Exit.UNCHECKED).stderr
    told = argo(*DIFF, "--partial", "--json").json
    assert told["beyond"] > 0
    assert told["counts"]["same"] == told["signals"]
    assert "INCOMPLETE: it was cut off" in argo(*DIFF, "--partial").stdout
    path.write_bytes(gzip.compress(b"".join(lines[:4] + lines[5:]), 1))
    assert argo(*DIFF, code=Exit.UNCHECKED).stderr
    Path("c.sqlite3").write_bytes(b"no log")
    assert argo("diff", "c.sqlite3", str(path), code=Exit.UNCHECKED).stderr


def test_a_run_that_goes_on_is_found_where_it_begins(argo: Argo, day: Path) -> None:
    argo(
        *("tape", "record", "--tape", "ordinary-day", "--for", "60s", "--speed", "30"),
        *("--at", "10:10", "--symbols", "NVR", "--log", "a.sqlite3", "--out", "b.recording.gz"),
    )
    both = len(logged("signal"))
    first = argo(*DIFF, "--json").json
    second = argo("diff", "a.sqlite3", "b.recording.gz", "--json").json
    assert first["counts"]["same"] + second["counts"]["same"] == both


def test_a_recorded_day_is_traded_on_paper(argo: Argo, day: Path) -> None:
    older = {"ARGO_TRADING__LIMITS__QUOTE_AGE_S": "120"}
    told = argo(*DIFF, "--trade", "--json", **older).json
    assert told["paper"]["live_fills"] == []
    assert told["paper"]["fills"]
    shown = argo(*DIFF, "--trade", **older).stdout
    assert "on paper: " in shown
    assert "equity " in shown
    # Limits are tried by the settings.
    strict = {**older, "ARGO_TRADING__LIMITS__SPREAD": "0.000001"}
    told = argo(*DIFF, "--trade", "--json", **strict).json
    assert told["paper"]["fills"] == []
    assert told["paper"]["denied"]["SPREAD"] > 0
    assert "not allowed " in argo(*DIFF, "--trade", **strict).stdout
