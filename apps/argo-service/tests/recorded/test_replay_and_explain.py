"""`argo tape record`, `argo replay` and `argo explain` as a user meets them."""

import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from attrs import frozen

from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main

HOUR = Path(__file__).with_name("an-hour.recording.gz")
SYMBOLS = "NVR,AZO,LII,BTC/USD"


@frozen
class Done:
    """What a command wrote."""

    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


Argo = Callable[..., Done]


@pytest.fixture
def argo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Argo:
    """Run a command here, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, code: int = Exit.DONE, **more: str) -> Done:
        with monkeypatch.context() as here:
            for name, value in more.items():
                here.setenv(name, value)
            returned = main(arguments)
        done = Done(*capsys.readouterr())
        assert returned == code, done
        return done

    return run


def env(**more: str) -> dict[str, str]:
    return {**os.environ, **more}  # noqa: TID251 - a process needs one


def test_a_recorded_hour_replays_to_the_byte_wherever_it_is_replayed() -> None:
    """The same code, another hash seed, locale and time zone."""
    command = [sys.executable, "-m", "argo_service.cli", "replay", str(HOUR), "--json"]
    places = (
        {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
        {"PYTHONHASHSEED": "12345", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"},
    )
    runs = [
        subprocess.Popen(command, env=env(**place), stdout=subprocess.PIPE)  # noqa: S603 - ours
        for place in places
    ]
    said = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [Exit.GOOD, Exit.GOOD]
    assert said[0] == said[1]
    told = json.loads(said[0])
    assert told["entries"] > 100
    assert told["size"] == told["entries"]
    assert told["missing"] is told["difference"] is None


def test_the_recorded_hour_is_worth_replaying(argo: Argo) -> None:
    about = argo("tape", "info", str(HOUR), "--json").json
    assert about["origin"] == "recorded from simulated vendors"
    assert about["inputs"]["decided"] > 500
    assert {"strategy", "signal", "quiet", "outcome"} <= about["entries"].keys()
    assert "symbols" in argo("tape", "info", str(HOUR)).stdout


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh run with sealed signals that are shown soon, recorded, and its log."""
    folder = tmp_path_factory.mktemp("run")
    command = [
        *(sys.executable, "-m", "argo_service.cli", "tape", "record"),
        *("--tape", "ordinary-day", "--for", "90s", "--speed", "30", "--symbols", SYMBOLS),
        *("--out", "a.recording.gz", "--log", "a.sqlite3"),
    ]
    sealed = env(ARGO_LOG__DISCLOSURE="delayed", ARGO_LOG__REVEAL_AFTER_S="20")
    done = subprocess.run(  # noqa: S603 - ours
        command, cwd=folder, env=sealed, capture_output=True, text=True, check=True, timeout=100
    )
    assert " cycles, " in done.stdout
    return folder


@pytest.fixture
def short(run_once: Path, argo: Argo, tmp_path: Path) -> Path:
    """A copy of that run, to do with as one likes."""
    shutil.copytree(run_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


_RENUMBERED = """
UPDATE entries SET data = CAST(replace(CAST(data AS TEXT), '"seq":0', '"seq":7') AS BLOB)
"""
REPLAY = ("replay", "a.recording.gz")
KEYED = (*REPLAY, "--reveal-key", "a.sqlite3.reveal-key")


def logged(kind: str) -> list[int]:
    db = sqlite3.connect("a.sqlite3")
    rows = db.execute("SELECT idx, data FROM entries ORDER BY idx").fetchall()
    db.close()
    return [index for index, data in rows if json.loads(data)["kind"] == kind]


def change(path: Path, edit: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(edit(lines))))


def ended_anew(lines: list[bytes]) -> list[bytes]:
    """The lines with an end that fits them, as whoever forges a recording would write it."""
    end = orjson.loads(lines[-1])
    end["sha256"] = sha256(b"".join(lines[:-1])).hexdigest()
    return [*lines[:-1], orjson.dumps(end) + b"\n"]


def test_a_fresh_run_replays_to_the_byte_and_every_change_is_named(argo: Argo, short: Path) -> None:
    path = short / "a.recording.gz"
    whole = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert logged("commit")
    assert logged("reveal")

    told = argo(*KEYED, "--log", "a.sqlite3", "--json").json
    assert told["size"] == told["entries"] > max(logged("reveal"))
    assert told["same_code"]
    assert "identical to the recording, byte for byte" in argo(*KEYED).stdout

    # The key is not in the recording, and without it nobody can make the same commitments.
    assert b"REVEAL" not in gzip.decompress(whole)
    assert "sealed with a key" in argo(*REPLAY, code=Exit.UNCHECKED).stderr

    # One price of one input.
    def dearer(lines: list[bytes]) -> list[bytes]:
        place = next(i for i, line in enumerate(lines) if b'"kind":"observed"' in line)
        seen = orjson.loads(lines[place])
        for quote in seen["quotes"]:
            quote["price"] = quote["ask"] = "1" + quote["price"]
        lines[place] = orjson.dumps(seen) + b"\n"
        return ended_anew(lines)

    change(path, dearer)
    found = argo(*KEYED, "--json", code=Exit.REFUTED).json
    assert found["difference"]["index"] == found["entries"]
    assert found["difference"]["members"]
    said = argo(*KEYED, code=Exit.REFUTED).stdout
    assert f"DIFFERENT: entry {found['entries']} is not as in the recording" in said
    assert f"{found['difference']['members'][0]['name']} replayed: " in said

    # Without an end that fits, it is damaged, and nothing is said of the run.
    path.write_bytes(whole)
    change(path, lambda lines: ended_anew(dearer(lines))[:-1] + lines[-1:])
    assert "not those that its end has the hash of" in argo(*KEYED, code=Exit.UNCHECKED).stderr

    # What the engine wrote is part of the recording, and the log may not say otherwise either.
    path.write_bytes(whole)
    db = sqlite3.connect("a.sqlite3")
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    db.execute(_RENUMBERED)
    db.commit()
    db.close()
    found = argo(*KEYED, "--log", "a.sqlite3", "--json", code=Exit.REFUTED).json
    assert found["difference"]["index"] == 0
    [member] = found["difference"]["members"]
    assert (member["name"], member["recorded"], member["replayed"]) == ("seq", "7", "0")
    with closing(sqlite3.connect("a.sqlite3")) as db, db:
        db.execute("UPDATE entries SET data = x'00ff' WHERE idx = 0")
    assert (
        "(bytes) recorded: \\x00\\xff"
        in argo(*KEYED, "--log", "a.sqlite3", code=Exit.REFUTED).stdout
    )

    # Cut off, as by a crash.
    change(path, lambda lines: lines[:-1])
    assert "was cut off" in argo(*KEYED, code=Exit.UNCHECKED).stderr
    assert "INCOMPLETE: it was cut off" in argo(*KEYED, "--partial").stdout
    change(path, lambda lines: [*lines, b'{"kind":"end","inputs":1,"sha256":"","missing":null}\n'])
    assert "where its end says 1" in argo(*KEYED, code=Exit.UNCHECKED).stderr
    path.write_bytes(b"not a recording")
    assert "line 1: not JSON" in argo(*KEYED, code=Exit.UNCHECKED).stderr


def test_a_recording_that_its_recorder_gave_up_is_not_taken_for_whole(
    argo: Argo, tmp_path: Path
) -> None:
    path = tmp_path / "a.recording.gz"
    path.write_bytes(HOUR.read_bytes())

    def given_up(lines: list[bytes]) -> list[bytes]:
        end = {"kind": "end", "inputs": 200, "missing": "the queue was full"}
        return ended_anew([*lines[:201], orjson.dumps(end) + b"\n"])

    change(path, given_up)
    assert "INCOMPLETE: the queue was full" in argo(*REPLAY, code=Exit.UNCHECKED).stdout
    assert "INCOMPLETE: the queue was full" in argo(*REPLAY, "--partial").stdout


def test_a_recording_with_a_line_lost_or_two_swapped_is_damaged_and_refutes_nothing(
    argo: Argo, tmp_path: Path
) -> None:
    path = tmp_path / "a.recording.gz"
    whole = gzip.decompress(HOUR.read_bytes()).splitlines(keepends=True)
    places = {
        next(place for place, line in enumerate(whole) if f'"kind":"{kind}"'.encode() in line)
        for kind in ("observed", "decided", "written")
    }
    for place in sorted(places):
        before, line, after, *rest = whole[place - 1 : place + 2] + whole[place + 2 :]
        beginning = whole[: place - 1]
        for damaged in (
            [*beginning, before, after, *rest],
            [*beginning, before, after, line, *rest],
            [*beginning, before, line, line, after, *rest],
        ):
            path.write_bytes(gzip.compress(b"".join(damaged), 1))
            assert argo(*REPLAY, code=Exit.UNCHECKED).stderr, (place, line[:80])


def test_a_run_that_goes_on_needs_its_log_for_the_root(argo: Argo) -> None:
    record = ("tape", "record", "--tape", "ordinary-day", "--for", "20s", "--speed", "20")
    more = ("--symbols", "NVR", "--log", "a.sqlite3", "--out")
    argo(*record, *more, "first.recording.gz")
    argo(*record, *more, "a.recording.gz", "--at", "10:10")
    assert "--log has it" in argo(*REPLAY).stdout
    told = argo(*REPLAY, "--log", "a.sqlite3", "--json").json
    assert told["first"] > 0
    assert told["root"] is not None
    db = sqlite3.connect("a.sqlite3")
    [(note,)] = db.execute("SELECT note FROM heads ORDER BY size DESC LIMIT 1").fetchall()
    db.close()
    assert bytes(note).decode().splitlines()[1:3] == [str(told["size"]), told["root"]]


NOWHERE = "http://127.0.0.1:9"
ALONE = {
    "ARGO_LISTEN__PORT": "0",
    "ARGO_ALPACA__BASE_URL": NOWHERE,
    "ARGO_YFINANCE__ENABLED": "false",
    **{
        f"ARGO_SOURCES__{name}__{key}": value
        for name in ("MASSIVE", "ALPHA_VANTAGE", "GROK", "SONAR")
        for key, value in (("BASE_URL", NOWHERE), ("KEY", "none"))
    },
}


def test_a_live_run_can_be_recorded_even_if_nobody_answers(argo: Argo) -> None:
    argo("tape", "record", "--for", "1s", "--out", "a.recording", **ALONE)
    told = argo("replay", "a.recording", "--log", "argo.sqlite3", "--json").json
    assert told["origin"] == "recorded live"
    assert told["size"] == 2
    about = argo("tape", "info", "./a.recording", "--json").json
    assert about["entries"] == {"strategy": 1, "quiet": 1}
    assert about["inputs"]["failed"] > 0


@pytest.mark.timed
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_served_run_is_recorded_also_if_it_is_killed(
    argo: Argo, tmp_path: Path, end: signal.Signals
) -> None:
    command = [sys.executable, "-m", "argo_service.cli", "serve", "--record", "a.recording.gz"]
    service = subprocess.Popen(  # noqa: S603 - ours
        command, cwd=tmp_path, env=env(**ALONE), stderr=subprocess.PIPE, text=True
    )
    assert service.stderr is not None
    for line in service.stderr:
        if '"event": "cycle_finished"' in line:
            break
    # What it was told in its last half second is not in the file yet.
    with pytest.raises(subprocess.TimeoutExpired):
        service.wait(1.5)
    service.send_signal(end)
    service.communicate(timeout=60)
    if end is signal.SIGTERM:
        found = argo(*REPLAY, "--log", "argo.sqlite3", "--json").json
        assert found["missing"] is None
    else:
        argo(*REPLAY, code=Exit.UNCHECKED)
        found = argo(*REPLAY, "--log", "argo.sqlite3", "--partial", "--json").json
        assert found["missing"] == "it was cut off"
    assert found["entries"] > 0


def test_explain_shows_every_input_of_a_signal(argo: Argo, short: Path) -> None:
    index = logged("commit")[0]
    told = argo("explain", str(index), "--log", "a.sqlite3", "--json").json
    assert told["index"] == index
    assert told["sealed"]
    assert told["revealed"] in logged("reveal")
    assert told["problems"] == []
    assert told["quote"]["fetched_at"] <= told["signal"]["decided_at"]
    assert sum(one["phi_bp"] or 0 for one in told["voices"]) == told["signal"]["confidence_bp"]
    assert {one["source"] for one in told["voices"] if one["raw"]} <= {"grok", "sonar"}
    same = argo("explain", told["signal"]["id"], "--log", "a.sqlite3", "--json").json
    assert same == told
    shown = argo("explain", str(index), ARGO_DATABASE="a.sqlite3").stdout
    assert told["signal"]["symbol"] in shown
    assert "fit together by their hashes" in shown
    assert "no witness vouches for its time" in shown
    assert any(one["raw"] for one in told["voices"]) == (" replied: " in shown)


@pytest.mark.parametrize("wanted", ["0", "99999999", "9" * 40, "nonsense", "0" * 32])
def test_explain_says_that_there_is_no_such_signal(argo: Argo, short: Path, wanted: str) -> None:
    argo("explain", wanted, "--log", "a.sqlite3", code=Exit.WRONG_USE)


def test_a_log_that_is_not_there_is_said_to_be_none(argo: Argo, tmp_path: Path) -> None:
    said = argo("explain", "5", code=Exit.WRONG_USE).stderr
    assert said == "argo: --log: there is no log at argo.sqlite3; name the file of the log\n"
    assert "no log at b" in argo("explain", "5", "--log", "b", code=Exit.WRONG_USE).stderr
    said = argo("replay", str(HOUR), "--log", "b", code=Exit.UNCHECKED).stderr
    assert said == "argo: --log: there is no log at b; name the file of the log\n"
    assert "there is no log at" in argo("export", "site", code=Exit.LOG_UNUSABLE).stderr
    assert not (tmp_path / "argo.sqlite3").exists()


def test_explain_says_that_it_reads_files_alone(argo: Argo) -> None:
    server = {"ARGO_LOG__DATABASE_URL": "postgresql://argo@localhost/argo"}
    assert (
        "only files can be explained" in argo("explain", "0", code=Exit.WRONG_USE, **server).stderr
    )


def test_explain_tells_inputs_of_another_hash(argo: Argo, short: Path) -> None:
    index = logged("commit")[0]
    told = argo("explain", str(index), "--log", "a.sqlite3", "--json").json
    db = sqlite3.connect("a.sqlite3")
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    [(data,)] = db.execute(
        "SELECT data FROM capsules WHERE sha256 = ?", [told["signal"]["inputs_sha256"]]
    )
    changed = data.replace(b'"quote_at_us":1', b'"quote_at_us":2', 1)
    assert changed != data
    named = told["signal"]["inputs_sha256"]
    db.execute("UPDATE capsules SET data = ? WHERE sha256 = ?", [changed, named])
    db.commit()
    db.close()
    found = argo("explain", str(index), "--log", "a.sqlite3", "--json", code=Exit.FAILED).json
    assert any("the signal names another" in one for one in found["problems"])
    shown = argo("explain", str(index), "--log", "a.sqlite3", code=Exit.FAILED).stdout
    assert "DOES NOT FIT: the inputs' hash is" in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--at", "10:00"), "--at: there is no tape to play"),
        (("--symbols", "NVR"), "--symbols: there is no tape to play"),
        (("--tape", "none"), "tape: 'none' is not shipped"),
        (("--tape", "ordinary-day", "--speed", "0"), "--speed: '0' is not a pace"),
        (("--tape", "ordinary-day", "--for", "long"), "--for: 'long' is not a span"),
        (("--tape", "ordinary-day", "--symbols", "ZZZ"), "--symbols: ZZZ is not on the tape"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(
    argo: Argo, words: tuple[str, ...], message: str
) -> None:
    done = argo("tape", "record", "--out", "a.recording.gz", *words, code=Exit.WRONG_USE)
    assert message in done.stderr
    assert not Path("a.recording.gz").exists()
