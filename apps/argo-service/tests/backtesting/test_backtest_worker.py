"""A worker as a process: what it says, how modest it is, and that it dies with the service."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from argo_core.errors import InvalidInput
from argo_service.backtesting.catalogue import Catalogue
from argo_service.backtesting.request import read_asked
from argo_service.backtesting.worker_process import COMMAND

PATIENCE_S = 60


def order(into: Path, **more: Any) -> bytes:
    asked = {"strategy": "sma-cross", "symbols": ["SW"], "benchmarks": False}
    told = read_asked(asked, dataset="ordinary-day", strategy="consensus").told()
    given: dict[str, Any] = {
        "asked": told,
        "folder": None,
        "stamp": "",
        "into": str(into),
        "trials": None,
        "bars": 1_000_000,
        "memory_mb": 4_096,
        "seconds": 60,
    }
    return json.dumps(given | more).encode() + b"\n"


@pytest.fixture
def worker(tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """What a worker says of an order, to its end."""

    def say(*, stays: bool = True, command: tuple[str, ...] = COMMAND, **more: Any) -> Any:
        with subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(order(tmp_path, **more))
            process.stdin.flush()
            if not stays:
                process.stdin.close()
            said = [json.loads(line) for line in process.stdout]
            process.stdin.close()
            process.wait(PATIENCE_S)
        return said

    return say


Worker = Callable[..., list[dict[str, Any]]]


def test_it_tells_stages_and_ends_with_a_digest(worker: Worker, tmp_path: Path) -> None:
    *stages, last = worker()
    names = [one["stage"] for one in stages]
    assert names[0] == "reading"
    assert names[-1] == "writing"
    assert {"trading", "statistics"} <= set(names)
    result = json.loads((tmp_path / "result.json").read_text())
    assert last == {"result_sha256": result["hashes"]["result"]}


def test_it_does_not_outlive_the_service(worker: Worker, tmp_path: Path) -> None:
    said = worker(stays=False)
    assert "result_sha256" not in [key for one in said for key in one]
    assert not (tmp_path / "result.json").exists()


def test_too_many_bars_are_refused_by_what_is_read(worker: Worker) -> None:
    *_, last = worker(bars=100)
    assert "field" in last
    assert "100" in last["fix"]


def test_want_of_memory_is_said(worker: Worker) -> None:
    greedy = (
        "import argo_service.backtesting.job as job, argo_service.backtesting.worker as worker\n"
        "class Greedy:\n"
        "    def done(self, tell): return str(len(bytearray(8_000_000_000)))\n"
        "job.job_of = lambda order: Greedy()\n"
        "worker.main()\n"
    )
    *_, last = worker(command=(sys.executable, "-c", greedy))
    assert "needs more memory than 4,096 MB" in last["failed"]


def test_a_fault_of_ours_is_logged_and_not_told(worker: Worker) -> None:
    faulty = (
        "import argo_service.backtesting.job as job, argo_service.backtesting.worker as worker\n"
        "def job_of(order): raise KeyError('secret')\n"
        "job.job_of = job_of\n"
        "worker.main()\n"
    )
    *_, last = worker(command=(sys.executable, "-c", faulty))
    assert "the fault is ours" in last["failed"]
    assert "secret" not in last["failed"]


def test_what_libraries_print_does_not_reach_the_service(worker: Worker) -> None:
    noisy = (
        "import argo_service.backtesting.job as job, argo_service.backtesting.worker as worker\n"
        "class Noisy:\n"
        "    def done(self, tell): print('{\"result_sha256\": 1}', flush=True); return 'ab'\n"
        "job.job_of = lambda order: Noisy()\n"
        "worker.main()\n"
    )
    assert worker(command=(sys.executable, "-c", noisy)) == [{"result_sha256": "ab"}]


def write_days(path: Path, *symbols: str, close: float = 10.5) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    days = [date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)]
    count = len(days) * len(symbols)
    columns = {"date": days * len(symbols), "symbol": sorted(symbols * len(days))}
    numbers = {"open": 10.0, "high": 11.0, "low": 9.0, "close": close, "volume": 1_000.0}
    columns |= {name: [value] * count for name, value in numbers.items()}
    parquet.write_table(arrow.table(columns), path)


def test_the_folders_files_are_data_sets_and_nothing_outside_is(
    tmp_path: Path, worker: Worker
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    write_days(folder / "days.parquet", "AAPL", "MSFT")
    write_days(tmp_path / "outside.parquet", "AAPL")
    (folder / "link.parquet").symlink_to(tmp_path / "outside.parquet")
    catalogue = Catalogue(folder)
    assert [one.name for one in catalogue.all()] == ["days", "half-day", "ordinary-day"]
    days = catalogue.find("days")
    assert (days.symbols, days.times, days.bars, days.daily) == (2, 3, 6, True)
    for name in ("outside", "../outside", str(tmp_path / "outside"), "link"):
        with pytest.raises(InvalidInput, match="there is no"):
            catalogue.find(name)
    asked = read_asked({"symbols": ["MSFT"]}, dataset="days", strategy="sma-cross").told()
    *_, last = worker(folder=str(folder), asked=asked)
    assert "result_sha256" in last


def test_bars_that_change_are_other_data(tmp_path: Path) -> None:
    write_days(tmp_path / "days.parquet", "AAPL")
    catalogue = Catalogue(tmp_path)
    before = catalogue.find("days")
    assert catalogue.find("days") is before
    write_days(tmp_path / "days.parquet", "AAPL", close=10.25)
    assert catalogue.find("days").stamp != before.stamp


def test_bars_that_change_after_they_were_asked_for_are_not_traded(
    tmp_path: Path, worker: Worker
) -> None:
    write_days(tmp_path / "days.parquet", "AAPL")
    told = read_asked({"end": "9999-12-31"}, dataset="days", strategy="sma-cross").told()
    *_, last = worker(folder=str(tmp_path), asked=told, stamp="of yesterday")
    assert (last["field"], last["fix"]) == ("dataset", "ask again")
    stamp = Catalogue(tmp_path).find("days").stamp
    *_, last = worker(folder=str(tmp_path), asked=told, stamp=stamp)
    assert "result_sha256" in last


def test_a_link_to_nowhere_hides_no_data_set_and_suffixes_may_be_large(tmp_path: Path) -> None:
    write_days(tmp_path / "DAYS.PARQUET", "AAPL")
    (tmp_path / "gone.parquet").symlink_to(tmp_path / "nowhere.parquet")
    catalogue = Catalogue(tmp_path)
    before = catalogue.find("DAYS").stamp
    write_days(tmp_path / "DAYS.PARQUET", "AAPL", close=10.25)
    assert catalogue.find("DAYS").stamp != before


def test_a_folder_that_is_not_there_is_no_folder_of_data_sets(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no folder"):
        Catalogue(tmp_path / "nowhere").all()


def test_no_answer_names_the_services_folder(tmp_path: Path, worker: Worker) -> None:
    write_days(tmp_path / "days.parquet", "AAPL")
    asked = read_asked({"symbols": ["ZZZ"]}, dataset="days", strategy="sma-cross").told()
    *_, last = worker(folder=str(tmp_path), asked=asked)
    assert last["field"] == "symbols"
    assert str(tmp_path) not in json.dumps(last)
