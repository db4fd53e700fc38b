"""`argo backtest` as a user meets it: what it shows and writes, and how it ends."""

import asyncio
import csv
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

from argo_adapters.clocks.system import SystemClock
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_service.backtesting import perform as performing
from argo_service.backtesting.bounds import Bounds
from argo_service.backtesting.catalogue import Catalogue
from argo_service.backtesting.dataset import shipped_dataset
from argo_service.backtesting.desk import Desk, Workplace
from argo_service.backtesting.request import read_asked
from argo_service.backtesting.run import Progress
from argo_service.backtesting.shelf import Shelf
from argo_service.cli import backtest as command
from argo_service.cli.backtest_progress import PATIENCE_S, progress_shown
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main

QUICK = ("--strategy", "sma-cross", "--symbols", "SW,TDG", "--start", "2024-11-25")
ALONE = (*QUICK, "--no-benchmarks")
BARS = """\
date,symbol,open,high,low,close,volume
2024-11-21,AAPL,100.00,101.00,99.00,100.50,1000000
2024-11-22,AAPL,100.50,102.00,100.00,101.50,1000000
2024-11-25,AAPL,101.50,103.00,101.00,102.50,1000000
"""


@frozen
class Done:
    """What a command wrote."""

    stdout: str
    stderr: str


@pytest.fixture
def backtest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Run it here, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, code: int = Exit.DONE) -> Done:
        returned = main(("backtest", *arguments))
        done = Done(*capsys.readouterr())
        assert returned == code, done
        return done

    return run


Backtest = Callable[..., Done]


def test_one_word_is_enough_for_a_newcomer(backtest: Backtest) -> None:
    shown = " ".join(backtest("--no-benchmarks").stdout.split())
    assert "consensus" in shown
    assert "on ordinary-day, 13,617 bars of 10 symbols" in shown
    for title in ("Taken for granted", "Found in the bars", "Statistics"):
        assert title in shown
    # Each figure stands beside its definition, or beside the reason why there is none.
    assert "E_T/E_0" in shown
    assert "none: " in shown
    # Without this rule off nothing could be bought, and that is said.
    assert "it needs 20 sessions" in shown


def test_benchmarks_stand_beside_it(backtest: Backtest) -> None:
    result = json.loads(backtest(*QUICK, "--json").stdout)
    names = [one["name"] for one in result["benchmarks"]]
    assert names == ["buy-and-hold", "equal-weight", "random-entries"]
    assert "Beside it" in backtest(*QUICK).stdout


def test_the_same_again_is_the_same_to_the_byte(backtest: Backtest) -> None:
    once, again = (backtest(*ALONE, "--no-trial", "--json").stdout for _ in range(2))
    assert once == again


async def test_the_api_and_the_command_give_the_same_bytes(
    tmp_path: Path, backtest: Backtest
) -> None:
    body: dict[str, Any] = {
        "strategy": "sma-cross",
        "parameters": {"fast": 5, "slow": 20},
        "symbols": ["TDG", "SW"],
        "start": "2024-11-25",
        "capital": "50000.00",
        "costs": {"spread_ppm": 300, "fees": {"minimum": 1}},
        "limits": {"positions": 1},
        "exits": {"stops": False},
        "benchmarks": False,
    }
    desk = Desk(
        Workplace(
            shelf=Shelf(tmp_path / "results", 10, 10),
            catalogue=Catalogue(),
            bounds=Bounds(),
            clock=SystemClock(),
            code="",
            trials=tmp_path / "others",
        )
    )
    working = asyncio.create_task(desk.run())
    run = await desk.ask(read_asked(body, dataset="ordinary-day", strategy="consensus"), "")
    async with asyncio.timeout(60):
        steps = [step async for step in desk.follow(run.id, "")]
    served = told(await desk.part(run.id, "", "result.json"))
    working.cancel()
    await asyncio.wait({working})

    options = (
        *("--strategy", "sma-cross", "-p", "fast=5", "-p", "slow=20", "--symbols", "SW,TDG"),
        *("--start", "2024-11-25", "--capital", "50000", "--cost", "spread_ppm=300"),
        *("--cost", "fees.minimum=1", "--limit", "positions=1", "--exit", "stops=false"),
    )
    shown = await asyncio.to_thread(backtest, *options, "--no-benchmarks", "--json")
    assert told(shown.stdout) == served
    assert served["hashes"]["result"] == steps[-1].result_sha256
    await asyncio.to_thread((tmp_path / "asked.json").write_text, json.dumps(body))
    shown = await asyncio.to_thread(
        backtest, "--request", "asked.json", "--trials", "third", "--json"
    )
    assert told(shown.stdout) == served


def told(text: bytes | str) -> Any:
    """A result without the digest of the program, which may be edited while tests run."""
    result = json.loads(text)
    assert result["versions"].pop("code")
    return result


def test_options_go_before_what_a_request_says(backtest: Backtest, tmp_path: Path) -> None:
    asked = {"strategy": "sma-cross", "symbols": ["SW"], "limits": {"positions": 2}}
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    shown = backtest(
        "--request", "asked.json", *ALONE, "--limit", "collar_ppm=0", "--patience", "3", "--json"
    )
    result = json.loads(shown.stdout)
    assert result["data"]["symbols"] == ["SW", "TDG"]
    assert result["plan"]["patience_rows"] == 3
    limits = result["plan"]["limits"]
    assert (limits["positions"], limits["collar_ppm"]) == (2, 0)


def test_a_file_of_bars_can_be_given(backtest: Backtest, tmp_path: Path) -> None:
    (tmp_path / "my bars.csv").write_text(BARS)
    result = json.loads(
        backtest("my bars.csv", "-p", "theta_bp=100", "--no-benchmarks", "--json").stdout
    )
    assert (result["data"]["name"], result["data"]["rows"]) == ("my_bars", 3)


def split_bars() -> str:
    """A stock that was split two for one on one day in October, and renamed on the same."""
    days = [date(2024, 10, 1) + timedelta(days) for days in range(42)]
    lines = []
    for place, day in enumerate(day for day in days if day.weekday() < 5):
        name, close = ("OLD", 200.0) if day < date(2024, 10, 21) else ("NEW", 100.0)
        close *= 1 + place % 7 / 100
        lines.append(
            f"{day},{name},{close:.2f},{close + 1:.2f},{close - 1:.2f},{close:.2f},1000000"
        )
    return "\n".join(("date,symbol,open,high,low,close,volume", *lines, ""))


def test_bars_are_mended_as_the_options_say(backtest: Backtest, tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_text(split_bars())
    alone = ("bars.csv", "--strategy", "sma-cross", "-p", "fast=2", "-p", "slow=5")
    mended = ("--rename", "OLD=NEW@2024-10-21", "--split", "NEW=2@2024-10-21", "--refuse", "jump")
    more = ("--closing", "drop", "--no-adjust", "--exclude", "leap, conflicting")
    shown = backtest(*alone, *mended, *more, "--no-benchmarks", "--json").stdout
    result = json.loads(shown)
    assert result["data"]["symbols"] == ["NEW"]
    found = {one["defect"]: one["count"] for one in result["findings"]}
    assert (found["renamed"], found["split_adjusted"]) == (14, 14)
    assert "jump" not in found
    asked = {"data": {"without": ["NEW"], "refuse": ["jump"]}}
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    shown = backtest(*alone, "--request", "asked.json", "--without", "OLD", "--json").stdout
    assert json.loads(shown)["data"]["symbols"] == ["NEW"]


def test_mending_that_changes_nothing_is_said(backtest: Backtest, tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_text(BARS)
    shown = backtest("bars.csv", "--split", "APL=4@2024-11-22", "--rename", "FB=META").stdout
    assert "No split of APL changed anything: it has no bar before one." in shown
    assert "Nothing was renamed to META: there is no bar of FB." in shown


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--split", "AAPL=4"], "--split: 'AAPL=4' has no date"),
        (["--split", "AAPL"], "--split: 'AAPL' says too little"),
        (["--rename", "=META"], "--rename: '=META' says too little"),
        (["--without", ","], "--without: ',' names no symbol"),
        (["--without", "MSFT"], "data.without: there are no bars of MSFT to leave out"),
        (["--exclude", "jumps"], "data.exclude[0]: 'jumps' is none of the words"),
        (["--refuse", "half_day,late_start"], ""),
        (["--split", "AAPL=0@2024-11-22"], "data.splits[0].ratio: 0 is no ratio"),
    ],
)
def test_mending_that_cannot_be_is_refused_by_name(
    backtest: Backtest, tmp_path: Path, options: list[str], said: str
) -> None:
    (tmp_path / "bars.csv").write_text(BARS)
    code = Exit.WRONG_USE if said else Exit.DONE
    assert said in backtest("bars.csv", *options, code=code).stderr


def test_defects_that_are_refused_are_named(backtest: Backtest, tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_text(split_bars())
    shown = backtest("bars.csv", "--refuse", "late_start", code=Exit.WRONG_USE).stderr
    assert "data.refuse: NEW: late_start, 14 times, first 2024-10-01" in shown


def test_the_usual_horizon_is_left_to_bars_that_are_longer(
    backtest: Backtest, tmp_path: Path
) -> None:
    (tmp_path / "bars.csv").write_text(BARS)
    result = json.loads(backtest("bars.csv", "--no-benchmarks", "--json").stdout)
    assert result["plan"]["exits"]["horizon_s"] == 0
    assert any("No position ends by time" in one["text"] for one in result["cautions"])
    shown = backtest("bars.csv", "--exit", "horizon_s=3600", "--no-benchmarks", "--json").stdout
    assert json.loads(shown)["plan"]["exits"]["horizon_s"] == 3_600


def test_tables_and_a_page_are_written(backtest: Backtest, tmp_path: Path) -> None:
    arguments = (*ALONE, "--json", "--html", "page.html", "--csv", "tables", "--parquet", "tables")
    result = json.loads(backtest(*arguments).stdout)
    with (tmp_path / "tables" / "trades.csv").open() as file:
        assert len(list(csv.DictReader(file))) == result["trades"]["count"] > 0
    page = (tmp_path / "page.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "<script" not in page
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = parquet.read_table(tmp_path / "tables" / "equity.parquet").num_rows
    assert rows == result["data"]["rows"]


def trials_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT count(*) FROM trials").fetchone()[0])


def test_every_run_is_a_trial_that_counts_unless_told_not_to(
    backtest: Backtest, tmp_path: Path
) -> None:
    ledger = tmp_path / "argo.sqlite3.trials"
    shown = backtest(*ALONE, "--no-trial").stdout
    assert not ledger.exists()
    assert "Not written to the ledger of trials" in shown
    backtest(*ALONE)
    # The same again is the same trial.
    assert "trials were made" not in backtest(*ALONE).stdout
    assert trials_in(ledger) == 1
    shown = backtest(*ALONE, "-p", "fast=7").stdout
    assert "2 trials were made on these symbols and sessions" in shown
    assert trials_in(ledger) == 2
    # Fewer symbols, or a day less, are no new question; other days are.
    shown = backtest("--strategy", "sma-cross", "--symbols", "SW", "--no-benchmarks").stdout
    assert "3 trials were made" in shown
    shown = backtest(*ALONE[:4], "--end", "2024-11-22", "--no-benchmarks").stdout
    assert "2 trials were made" in shown
    assert "Ledger of trials: argo.sqlite3.trials" in shown


def test_a_ledger_that_cannot_be_written_does_not_take_the_result_along(
    backtest: Backtest, tmp_path: Path
) -> None:
    (tmp_path / "ledger").write_text("no database at all, and long enough to be seen as none")
    assert "nothing is counted" in backtest(*ALONE, "--trials", "ledger").stdout


def test_a_strategy_without_look_ahead_passes_the_check(backtest: Backtest) -> None:
    assert "found no verdict that changes" in backtest(*ALONE, "--lookahead").stdout


@frozen
class Peeking:
    """Says at every close what the whole range's last closes tell."""

    name: str = "peeking"
    parameters: Mapping[str, str] = field(factory=dict[str, str])

    def verdicts(self, panel: Panel) -> Verdicts:
        said = SmaCross().verdicts(panel)
        direction = said.direction.copy()
        direction[:] = direction[-1]
        return Verdicts(
            direction=direction,
            confidence_bp=said.confidence_bp,
            stray_ppm=said.stray_ppm,
            adv=said.adv,
        )


def test_look_ahead_is_named_and_fails_the_command(
    backtest: Backtest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(performing, "strategy_of", lambda asked: Peeking())
    shown = backtest(*ALONE, "--lookahead", code=Exit.FAILED).stdout
    assert "Look-ahead: peeking: direction of" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobodys"], "dataset: there is no 'nobodys'"),
        (["nowhere.csv"], "there is no file or folder nowhere.csv"),
        (["--strategy", "martingale"], "strategy: 'martingale'"),
        (["-p", "theta"], "parameters: 'theta' is not a name and a value"),
        (["-p", "theta_bp=high"], "parameters.theta_bp: "),
        (["--cost", "spread_pm=5"], "costs.spread_pm: there is no such member; did you mean"),
        (["--limit", "positions=0"], "limits.positions: 0 is out of range"),
        (["--exit", "stops=maybe"], "exits.stops: 'maybe' is no choice"),
        (["--cost", "fees=5"], "costs.fees: "),
        (["--capital", "lots"], "capital: 'lots' is no amount"),
        (["--start", "yesterday"], "start: 'yesterday' is no date"),
        (["--start", "2030-01-01"], "start: there are no bars"),
        (["--end", "2001-01-01"], "end: there are no bars"),
        (["--symbols", "ZZZ"], "there are no bars of ZZZ"),
        (["--symbols", ","], "--symbols: "),
        (["--request", "nowhere.json"], "--request: nowhere.json cannot be read"),
        ([*ALONE, "--html", "no/such/page.html"], "--html: no/such/page.html cannot be written"),
        ([*ALONE, "--html", "."], "--html: . cannot be written"),
        ([*ALONE, "--csv", "/dev/null"], "--csv: /dev/null is no folder"),
        ([*ALONE, "--parquet", "/proc/no"], "--parquet: no cannot be written"),
    ],
)
def test_wrong_use_is_one_line_that_names_what_was_wrong(
    backtest: Backtest, arguments: list[str], said: str
) -> None:
    done = backtest(*arguments, code=Exit.WRONG_USE)
    assert said in done.stderr
    assert done.stdout == ""


def test_a_request_that_is_no_json_is_refused(backtest: Backtest, tmp_path: Path) -> None:
    for text in ("{", "[]", '{"limits": []}'):
        (tmp_path / "asked.json").write_text(text)
        done = backtest("--request", "asked.json", "--limit", "positions=3", code=Exit.WRONG_USE)
        assert "JSON" in done.stderr


def test_what_there_is_to_try_is_listed(backtest: Backtest) -> None:
    shown = backtest("--list").stdout
    for word in ("ordinary-day", "half-day", "sma-cross", "consensus", "theta_bp"):
        assert word in shown
    told = json.loads(backtest("--list", "--json").stdout)
    assert told["strategies"]["sma-cross"]["parameters"]["fast"] == 10
    assert {one["name"] for one in told["datasets"]} == {"half-day", "ordinary-day"}


def test_every_shipped_data_set_can_be_traded(backtest: Backtest) -> None:
    for name in ("ordinary-day", "half-day"):
        asked = read_asked({}, dataset=name, strategy="consensus")
        dataset = shipped_dataset(name)
        panel = dataset.read(asked)
        assert dataset.symbols == len(panel.symbols)
        assert panel.bars <= panel.rows * len(panel.symbols) <= dataset.estimate(asked)


def test_without_the_compiler_it_says_so_once(
    backtest: Backtest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert backtest(*ALONE).stderr.count("argo-core[fast]") == 1
    monkeypatch.setattr(command, "find_spec", lambda name: "there")
    assert backtest(*ALONE).stderr == ""


class Watch:
    """A clock whose time passes when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


def test_a_bar_is_drawn_after_a_second_and_only_where_somebody_looks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def drawn(seconds: float) -> str:
        watch = Watch()
        with progress_shown(watch) as tell:  # type: ignore[arg-type] # all it asks
            watch.seconds = seconds
            tell(Progress("trading", 1, 4))
            tell(Progress("trading", 4, 4))
        out, err = capsys.readouterr()
        assert out == ""
        return str(err)

    assert drawn(10 * PATIENCE_S) == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert drawn(PATIENCE_S / 2) == ""
    assert "trading" in drawn(10 * PATIENCE_S)
