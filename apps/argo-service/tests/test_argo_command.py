"""The `argo` command as a user meets it: processes, exit codes, signals."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from argo_adapters.sqlite.verify import verify
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main
from argo_service.cli.output import called

ARGO = [sys.executable, "-m", "argo_service.cli"]
PATIENCE_S = 50


@frozen
class Done:
    """What a command wrote."""

    stdout: str
    stderr: str


Argo = Callable[..., Done]


@pytest.fixture
def argo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Argo:
    """Run a command here, in a folder of its own, with no settings but those given."""
    monkeypatch.chdir(tmp_path)
    for name in environment().keys() - environment(bare=True).keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("ARGO_LISTEN__PORT", "0")

    def run(*arguments: str, code: int = Exit.DONE, **more: str) -> Done:
        with monkeypatch.context() as here:
            for name, value in more.items():
                here.setenv(name, value)
            returned = main(arguments)
        done = Done(*capsys.readouterr())
        assert returned == code, done
        return done

    return run


def environment(*, bare: bool = False, **more: str) -> dict[str, str]:
    plain = dict(os.environ)  # noqa: TID251 - a process needs one
    kept = {n: v for n, v in plain.items() if not (bare and n.startswith("ARGO_"))}
    # Any free port, as other tests and other people run demos at the same time.
    return kept | {"ARGO_LISTEN__PORT": "0"} | more


def apart(
    *arguments: str, cwd: Path, code: int = Exit.DONE, **more: str
) -> "subprocess.CompletedProcess[str]":
    """Run a command as a process of its own."""
    done = subprocess.run(  # noqa: S603 - our own command
        [*ARGO, *arguments],
        cwd=cwd,
        env=environment(bare=True, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == code, (done.stdout[-2000:], done.stderr[-2000:])
    assert "Traceback" not in done.stderr
    return done


def start(*arguments: str, cwd: Path, **more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own command
        [*ARGO, *arguments],
        cwd=cwd,
        env=environment(bare=True, PYTHONUNBUFFERED="1", **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stdout is not None
    deadline = time.monotonic() + PATIENCE_S  # noqa: TID251 - waits for another process
    for line in process.stdout:
        if words in line:
            return line
        assert time.monotonic() < deadline  # noqa: TID251 - the same
    raise AssertionError(f"it ended without saying {words!r}: {process.communicate()}")


def test_help_lists_commands_and_exit_codes(tmp_path: Path) -> None:
    text = apart("--help", cwd=tmp_path).stdout
    for word in ("demo", "serve", "cycle", "doctor", "keys", "tape"):
        assert word in text
    for code in Exit:
        assert f"{code.value}  {code.meaning}" in text


def test_the_command_leaves_pandas_and_the_heavy_parts_alone(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from argo_service.cli.main import main\n"
        "code = main(['cycle', '--symbols', 'NVR', '--json'])\n"
        "import argo_service.wiring, argo_service.api.app, argo_service.cli.serve\n"
        "heavy = {'pandas', 'yfinance', 'pyarrow'} & set(sys.modules)\n"
        "sys.exit(f'{heavy} were loaded' if heavy or code else 0)\n"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(bare=True),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_cycle_is_the_same_to_the_byte_on_every_machine(tmp_path: Path) -> None:
    # Settings that merely lie about do not count either.
    hostile = tmp_path / "hostile folder"
    hostile.mkdir()
    (hostile / "argo.toml").write_text("seed = 5\n[consensus]\ntheta_bp = 100\n")
    surroundings = (
        (tmp_path, {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"}),
        (tmp_path, {"PYTHONHASHSEED": "4242", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"}),
        (
            hostile,
            {
                "PYTHONHASHSEED": "random",
                "TZ": "America/New_York",
                "LANG": "de_DE.ISO-8859-1",
                "ARGO_CONSENSUS__LAM": "3",
                "ARGO_NO_SUCH_SETTING": "1",
            },
        ),
    )
    outputs = {apart("cycle", "--json", cwd=cwd, **each).stdout for cwd, each in surroundings}
    assert len(outputs) == 1
    report = json.loads(outputs.pop())
    assert report["at"] == "2024-11-25T15:15:00.000000Z"
    directions = {each["view"]["direction"] for each in report["symbols"]}
    assert directions == {"BUY", "SELL", "HOLD"}
    for each in report["symbols"]:
        shares = each["view"]["contributions"]
        assert sum(share["phi_bp"] for share in shares) == each["view"]["confidence_bp"]
        assert (each["signal"] is not None) == (each["view"]["outcome"] == "signal")
        assert bool(each["view"]["why"]) == (each["view"]["direction"] == "HOLD")
    assert set(report["sources"]) == {"massive", "alpha_vantage", "grok", "sonar", "alpaca"}
    assert list(tmp_path.iterdir()) == [hostile]


def test_a_cycle_is_explained_for_people(argo: Argo) -> None:
    text = argo("cycle", "--symbols", "NVR", COLUMNS="100").stdout
    assert "simulated vendors, recorded prices" in text
    assert "BUY NVR" in text
    assert "spared" in text
    assert "a signal" in text


def test_a_demo_ends_by_itself_and_its_last_line_is_one_object(argo: Argo, tmp_path: Path) -> None:
    done = argo("demo", "--for", "3s", "--plain", "--speed", "20")
    result = json.loads(done.stdout.splitlines()[-1])
    assert list(result) == ["cycles", "signals", "holds", "sources", "log", "trading"]
    assert (result["trading"]["broker"], result["trading"]["state"]) == ("paper", "ACTIVE")
    assert list(result["sources"]) == [
        "massive",
        "alpha_vantage",
        "grok",
        "sonar",
        "alpaca",
        "yfinance",
    ]
    for source in result["sources"].values():
        assert list(source) == ["calls", "errors", "p50_s", "usd"]
    assert list(result["log"]) == ["size", "root", "verified"]
    assert result["log"]["verified"] is True
    assert result["cycles"] >= 1
    assert result["sources"]["grok"]["usd"] > 0
    assert "simulated vendors, recorded prices" in done.stdout
    _, where, key, *_ = done.stdout.splitlines()
    assert "http://" in where
    assert key.startswith("the log's key: argo.")
    # The same at the end, in the command that checks the log.
    assert f"--log-key {key.partition(': ')[2]}" in done.stdout
    found = verify(tmp_path / ".argo" / "demo-ordinary-day.sqlite3")
    assert (found.size, found.root) == (result["log"]["size"], result["log"]["root"])


@pytest.mark.parametrize(
    ("started", "said"),
    [
        ("{here}/.nox/demo/bin/argo", ".nox/demo/bin/argo"),
        ("/usr/bin/argo", "argo"),
        ("argo", "argo"),
        ("{here}/argo_service/cli/__main__.py", "argo"),
    ],
)
def test_what_to_call_is_said_as_a_shell_here_finds_it(
    started: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [started.format(here=tmp_path)])
    assert called() == said


@pytest.mark.timed
def test_a_broken_vendor_is_named_and_the_fallback_steps_in(argo: Argo) -> None:
    arguments = ("demo", "--for", "3s", "--plain", "--speed", "10")
    done = argo(*arguments, "--break", "alpaca=server_error")
    result = json.loads(done.stdout.splitlines()[-1])
    assert "without alpaca" in done.stdout
    assert result["sources"]["alpaca"]["errors"] > 0
    assert result["sources"]["yfinance"]["calls"] > 0
    assert result["cycles"] > 0


def test_the_key_of_a_demo_is_known_before_it_plays(argo: Argo, tmp_path: Path) -> None:
    key = argo("demo", "--log-key").stdout.strip()
    assert argo("demo", "--log-key").stdout.strip() == key

    # Sealed, too: a commit each for its signals, and reveals once their time is over.
    done = argo("demo", "--for", "4s", "--plain", "--speed", "20", "--delayed", "5s")

    database = tmp_path / ".argo" / "demo-ordinary-day.sqlite3"
    assert f"--log-key {key}" in done.stdout
    with closing(sqlite3.connect(database)) as db:
        kinds = {json.loads(data)["kind"] for (data,) in db.execute("SELECT data FROM entries")}
    assert kinds >= {"commit", "reveal"}
    assert "signal" not in kinds
    assert argo("demo", "--log-key", "--fresh").stdout.strip() != key


def test_a_demo_killed_in_the_middle_continues_without_gap_or_duplicate(tmp_path: Path) -> None:
    database = tmp_path / ".argo" / "demo-ordinary-day.sqlite3"
    arguments = ("demo", "--plain", "--speed", "40")
    process = start(*arguments, cwd=tmp_path)
    acknowledged: list[str] = []
    assert process.stdout is not None
    # A cycle's line is written after its batch is durable: what it says must survive.
    for line in process.stdout:
        if " cycle " in line and "0 signals" not in line:
            acknowledged.append(line)
        if len(acknowledged) >= 3:
            break
    process.kill()
    process.communicate()
    signals = sum(int(line.split("|")[2].split()[0]) for line in acknowledged)
    before = _rows(database)
    assert sum(b'"kind":"signal"' in data for _, data in before) >= signals

    done = apart(*arguments, "--for", "2s", cwd=tmp_path)
    assert json.loads(done.stdout.splitlines()[-1])["log"]["verified"] is True
    after = _rows(database)
    assert after[: len(before)] == before
    assert len(after) > len(before)
    assert [index for index, _ in after] == list(range(len(after)))
    entries = [json.loads(data) for _, data in after]
    assert [entry["seq"] for entry in entries] == list(range(len(after)))
    assert len({data for _, data in after}) == len(after)
    decided = [entry["decided_us"] for entry in entries]
    assert decided == sorted(decided)
    # The second run begins with its registration, one beat or more after the last moment.
    second = entries[len(before)]
    assert second["kind"] == "strategy"
    assert second["decided_us"] >= decided[len(before) - 1] + 5_000_000


def _rows(database: Path) -> list[tuple[int, bytes]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute("SELECT idx, data FROM entries ORDER BY idx").fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_demo_ends_cleanly_when_asked_to(wish: signal.Signals, tmp_path: Path) -> None:
    # Under nohup we ignore hang-ups, and whoever we start would inherit that.
    before = signal.signal(wish, signal.SIG_DFL)
    try:
        process = start("demo", "--plain", "--speed", "10", cwd=tmp_path)
    finally:
        signal.signal(wish, before)
    read_until(process, "cycle 2")
    process.send_signal(wish)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == Exit.DONE, err
    assert json.loads(out.splitlines()[-1])["log"]["verified"] is True


def test_two_demos_cannot_write_one_database(argo: Argo, tmp_path: Path) -> None:
    first = start("demo", "--plain", "--speed", "10", cwd=tmp_path)
    try:
        read_until(first, "cycle 1")
        for more in ((), ("--fresh",)):
            done = argo("demo", "--plain", *more, code=Exit.LOG_UNUSABLE)
            assert len(done.stderr.splitlines()) == 1
    finally:
        first.terminate()
        first.communicate(timeout=PATIENCE_S)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--tape", "tomorrow"), "not shipped"),
        (("--at", "25:00"), "not a time"),
        (("--at", "03:00"), "from 09:30 to before 20:00"),
        (("--speed", "nan"), "not a pace"),
        (("--speed", "0"), "not a pace"),
        (("--for", "soon"), "30s"),
        (("--symbols", "AAPL"), "not on the tape"),
        (("--symbols", "aapl"), "not a symbol"),
        (("--symbols", ",,,"), "--symbols: ',,,' names no symbol"),
        (("--symbols", ""), "--symbols: '' names no symbol"),
        (("--break", "bloomberg=timeout"), "no vendor"),
        (("--break", "grok=tired"), "no fault"),
    ],
)
def test_a_demo_that_cannot_be_says_why_in_one_line(
    arguments: tuple[str, ...], words: str, argo: Argo
) -> None:
    done = argo("demo", "--for", "1s", "--plain", *arguments, code=Exit.WRONG_USE)
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_list_of_no_symbols_is_not_all_of_them(argo: Argo) -> None:
    done = argo("cycle", "--symbols", " ,, ", code=Exit.WRONG_USE)
    assert "--symbols: ' ,, ' names no symbol" in done.stderr


def quiet_service(port: int) -> dict[str, str]:
    """Settings that reach nobody: every address is a closed port of this machine."""
    nowhere = "http://127.0.0.1:9"
    return {
        "ARGO_LISTEN__PORT": str(port),
        "ARGO_ALPACA__BASE_URL": nowhere,
        "ARGO_YFINANCE__ENABLED": "false",
        **{
            f"ARGO_SOURCES__{name}__BASE_URL": nowhere
            for name in ("MASSIVE", "ALPHA_VANTAGE", "GROK", "SONAR")
        },
    }


@pytest.mark.timed
def test_serve_answers_and_stops_within_seconds_when_asked_to(tmp_path: Path) -> None:
    process = start("serve", cwd=tmp_path, **quiet_service(0))
    address = read_until(process, "Argo answers on").split()[-1]
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as caller:
        caller.sendall(b"GET /api/v1/health?level=live HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in caller.recv(4096)
    began = time.monotonic()  # noqa: TID251 - measures another process
    process.terminate()
    _, err = process.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - began < 5  # noqa: TID251 - the same
    assert process.returncode == Exit.DONE, err
    assert "Traceback" not in err
    assert verify(tmp_path / "argo.sqlite3").verified


def test_serve_goes_on_without_vendors_whose_keys_are_missing(tmp_path: Path) -> None:
    process = start("serve", cwd=tmp_path, **quiet_service(0))
    assert process.stderr is not None
    seen = ""
    for line in process.stderr:
        seen += line
        if all(words in seen for words in ("ARGO_SOURCES__MASSIVE__KEY", "ARGO_ALPACA__KEY_ID")):
            break
    process.terminate()
    process.communicate(timeout=PATIENCE_S)
    assert '"event": "cycle_finished"' in seen
    assert seen.count("the key is missing; set ARGO_") >= 2


def test_a_port_in_use_is_said_with_its_fix(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = apart("serve", cwd=tmp_path, code=Exit.CANNOT_LISTEN, **quiet_service(port))
    # Nothing was begun, so nothing is left behind.
    assert not (tmp_path / "argo.sqlite3").exists()
    last = done.stderr.splitlines()[-1]
    assert f"cannot listen on 127.0.0.1:{port}" in last
    assert "ARGO_LISTEN__PORT" in last


def test_a_reachable_host_without_keys_is_refused(argo: Argo, tmp_path: Path) -> None:
    more = quiet_service(0) | {"ARGO_LISTEN__HOST": "0.0.0.0"}  # noqa: S104 - it is refused
    done = argo("serve", code=Exit.WRONG_USE, **more)
    assert "argo keys add" in done.stderr
    assert not (tmp_path / "argo.sqlite3").exists()


def test_a_folder_that_cannot_be_made_is_said_in_one_line(argo: Argo, tmp_path: Path) -> None:
    (tmp_path / ".argo").write_text("in the way")
    said = argo("demo", "--for", "1s", "--plain", code=Exit.LOG_UNUSABLE).stderr
    assert said.startswith(f"argo: cannot make the folder {tmp_path / '.argo'}: ")
    assert said.count("\n") == 1
    more = quiet_service(0) | {"ARGO_DATABASE": ".argo/argo.sqlite3"}
    assert "cannot make the folder" in argo("serve", code=Exit.LOG_UNUSABLE, **more).stderr


def test_a_key_may_be_made_before_the_databases_folder_is_there(argo: Argo, tmp_path: Path) -> None:
    argo("keys", "add", "desk", ARGO_DATABASE="deep/down/argo.sqlite3")
    assert (tmp_path / "deep/down/argo.sqlite3.keys").stat().st_mode & 0o777 == 0o600


def test_a_database_of_another_kind_is_refused_and_left_alone(argo: Argo, tmp_path: Path) -> None:
    (tmp_path / "argo.sqlite3").write_bytes(b"precious notes")
    argo("serve", code=Exit.LOG_UNUSABLE, **quiet_service(0))
    assert (tmp_path / "argo.sqlite3").read_bytes() == b"precious notes"


def test_a_wrong_setting_is_one_line_and_exit_code_two(argo: Argo) -> None:
    done = argo("serve", code=Exit.WRONG_USE, ARGO_LISTEN__PROT="1")
    assert done.stderr.count("\n") == 1
    assert "did you mean ARGO_LISTEN__PORT?" in done.stderr


def findings(done: Done) -> dict[str, dict[str, Any]]:
    report = json.loads(done.stdout)
    return {each["name"]: each for each in report["findings"]}


def test_the_doctor_names_every_missing_key_and_its_fix(argo: Argo) -> None:
    done = argo("doctor", "--offline", "--json", code=Exit.FAILED)
    grok = findings(done)["sources.grok.key"]
    assert grok["state"] == "fault"
    assert "ARGO_SOURCES__GROK__KEY" in grok["fix"]


def test_the_doctor_breaks_no_name_in_an_ordinary_terminal(argo: Argo) -> None:
    for columns in ("80", "72"):
        text = argo("doctor", "--offline", code=Exit.FAILED, COLUMNS=columns).stdout
        assert "sources.massive.budget.usd_per_day " in text
        assert "trading.limits.symbol_orders_per_minute " in text
    # In a narrow one a value beside it is worth more.
    assert "default" in argo("doctor", "--offline", code=Exit.FAILED, COLUMNS="50").stdout


def test_the_doctor_finds_nothing_wrong_where_nothing_is(argo: Argo) -> None:
    keys = {
        f"ARGO_{name}": "open-sesame"
        for name in (
            "SOURCES__MASSIVE__KEY",
            "SOURCES__ALPHA_VANTAGE__KEY",
            "SOURCES__GROK__KEY",
            "SOURCES__SONAR__KEY",
            "ALPACA__KEY_ID",
            "ALPACA__SECRET_KEY",
        )
    }
    done = argo("doctor", "--offline", "--json", **keys, ARGO_LISTEN__PORT="0")
    assert {each["state"] for each in findings(done).values()} <= {"good", "warning"}
    assert "open-sesame" not in done.stdout
    settings = {each["key"]: each for each in json.loads(done.stdout)["settings"]}
    assert settings["sources.grok.key"]["value"] == "********"
    assert settings["listen.port"]["origin"] == "environment ARGO_LISTEN__PORT"
    assert settings["seed"]["origin"] == "default"


def test_the_doctor_says_which_vendor_cannot_be_reached(argo: Argo) -> None:
    done = argo("doctor", "--json", code=Exit.FAILED, **quiet_service(0))
    assert findings(done)["reach grok"]["state"] == "fault"


def test_the_doctor_sees_a_damaged_database(argo: Argo, tmp_path: Path) -> None:
    (tmp_path / "argo.sqlite3").write_bytes(b"precious notes")
    done = argo("doctor", "--offline", "--json", code=Exit.FAILED)
    assert findings(done)["database"]["state"] == "fault"


def test_the_doctor_draws_tables_for_people(argo: Argo) -> None:
    text = argo("doctor", "--offline", code=Exit.FAILED, COLUMNS="160").stdout
    assert "In force" in text
    assert "sources.massive.weight" in text
    assert "sources.grok.breaker.in_a_row" not in text


def test_the_doctor_shows_a_fine_number_that_somebody_set(argo: Argo) -> None:
    variable = {"ARGO_SOURCES__GROK__BREAKER__IN_A_ROW": "4"}
    text = argo("doctor", "--offline", code=Exit.FAILED, COLUMNS="160", **variable).stdout
    assert "sources.grok.breaker.in_a_row" in text
    assert "sources.grok.breaker.open_s" not in text
    listed = argo("doctor", "--offline", "--json", code=Exit.FAILED, **variable).stdout
    settings = {each["key"]: each["value"] for each in json.loads(listed)["settings"]}
    assert settings["sources.grok.breaker.in_a_row"] == "4"
    assert settings["sources.grok.budget.usd_per_day"] == "5"


def test_the_doctor_never_shows_where_a_redis_password_is(argo: Argo) -> None:
    url = "redis://:open-sesame@127.0.0.1:1"
    done = argo("doctor", "--json", code=Exit.FAILED, **quiet_service(0), ARGO_REDIS_URL=url)
    assert findings(done)["shared state"]["state"] == "fault"
    assert "open-sesame" not in done.stdout + done.stderr


def test_keys_are_made_listed_and_revoked(argo: Argo) -> None:
    arguments = ("keys", "add", "dashboard", "--scope", "read", "--expires", "90d")
    made = argo(*arguments)
    text = made.stdout.strip()
    assert text.startswith("argo_")
    listed = json.loads(argo("keys", "list", "--json").stdout)["keys"]
    (key,) = listed
    assert key["name"] == "dashboard"
    assert key["state"] == "alive"
    assert text not in argo("keys", "list", COLUMNS="160").stdout
    # Revoking needs the whole id, so no terminal is too narrow for it.
    assert listed[0]["id"] in argo("keys", "list", COLUMNS="40").stdout
    argo("keys", "revoke", key["id"])
    (key,) = json.loads(argo("keys", "list", "--json").stdout)["keys"]
    assert key["state"] == "revoked"
    argo("keys", "revoke", "000000000000", code=Exit.WRONG_USE)
    argo("keys", "add", "x", "--expires", "soon", code=Exit.WRONG_USE)


def test_a_tape_can_be_cut_inspected_and_played(argo: Argo, tmp_path: Path) -> None:
    rows = ["symbol,timestamp,open,high,low,close,volume"]
    for minute in range(600):
        stamp = f"2024-11-25T{9 + minute // 60:02}:{minute % 60:02}:00Z"
        price = 100 + minute / 100
        rows.append(f"BTC/USD,{stamp},{price},{price + 1},{price - 1},{price},5")
    (tmp_path / "bars.csv").write_text("\n".join(rows) + "\n")
    cut = ("tape", "cut", "bars.csv", "--day", "2024-11-25", "--symbols", "BTC/USD")
    said = ("--origin", "made up", "--licence", "none", "--name", "mine", "--warmup", "0")
    argo(*cut, *said)
    about = json.loads(argo("tape", "info", "mine.tape.gz", "--json").stdout)
    assert about["bars"] == {"BTC/USD": 600}
    report = argo(*("cycle", "--tape", "./mine.tape.gz", "--at", "10:15", "--json"))
    assert json.loads(report.stdout)["symbols"][0]["symbol"] == "BTC/USD"


def test_shipped_tapes_are_listed(argo: Argo) -> None:
    names = json.loads(argo("tape", "info", "--json").stdout)["shipped"]
    assert names == ["half-day", "ordinary-day"]
    assert "MIT" in argo("tape", "info", "ordinary-day", COLUMNS="200").stdout
