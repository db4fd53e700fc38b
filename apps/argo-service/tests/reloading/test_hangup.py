"""A running service hears SIGHUP: what may change does, or nothing does, and the record knows."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_service.cli.exit_codes import Exit

ARGO = [sys.executable, "-m", "argo_service.cli"]
PATIENCE_S = 50.0
LOOK_EVERY_S = 0.2
CLOCK = SystemClock()

PLAIN = """
symbols = ["BTC/USD"]
yfinance.enabled = false
consensus.beat_s = 0.1
sources.massive.base_url = "http://127.0.0.1:1"
sources.alpha_vantage.base_url = "http://127.0.0.1:1"
sources.grok.base_url = "http://127.0.0.1:1"
sources.sonar.base_url = "http://127.0.0.1:1"
alpaca.base_url = "http://127.0.0.1:1"
"""


class Service:
    """A service of its own, and what it says."""

    def __init__(self, folder: Path, process: "subprocess.Popen[str]", address: str) -> None:
        self.folder, self.process, self.address = folder, process, address

    def configure(self, *lines: str) -> None:
        (self.folder / "argo.toml").write_text(PLAIN + "\n".join(lines) + "\n")
        self.process.send_signal(signal.SIGHUP)

    def metric(self, name: str) -> float:
        with urllib.request.urlopen(self.address + "/metrics", timeout=10) as reply:  # noqa: S310
            lines = reply.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    def limit(self, name: str) -> str | None:
        """A risk limit in force; None until the account was read."""
        try:
            with urllib.request.urlopen(  # noqa: S310 - loopback
                self.address + "/api/v1/trading/risk", timeout=10
            ) as reply:
                return str(json.loads(reply.read())["limits"][name])
        except urllib.error.HTTPError:
            return None

    def until(self, done: Callable[[], bool]) -> None:
        deadline = CLOCK.monotonic() + PATIENCE_S
        while not done():
            assert self.process.poll() is None, self.said()[-2000:]
            assert CLOCK.monotonic() < deadline, self.said()[-2000:]
            # Whoever asks without a pause is sent away, on a machine that is quick.
            Event().wait(LOOK_EVERY_S)

    def reloaded(self, result: str) -> Callable[[], bool]:
        return lambda: self.metric(f'argo_reloads_total{{result="{result}"}}') >= 1

    def said(self) -> str:
        return (self.folder / "err").read_text()

    def strategies(self) -> list[dict[str, object]]:
        with closing(sqlite3.connect(self.folder / "argo.sqlite3")) as rows:
            found = [
                json.loads(data)
                for (data,) in rows.execute("SELECT data FROM entries ORDER BY idx")
            ]
        return [one for one in found if one["kind"] == "strategy"]


@contextmanager
def served(folder: Path, *arguments: str, more: tuple[str, ...] = ()) -> Iterator[Service]:
    plain = dict(os.environ)  # noqa: TID251 - a process needs one
    kept = {name: value for name, value in plain.items() if not name.startswith("ARGO_")}
    (folder / "argo.toml").write_text("\n".join((PLAIN, *more)))
    with (folder / "err").open("w") as err:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*ARGO, "serve", *arguments],
            cwd=folder,
            env=kept | {"ARGO_LISTEN__PORT": "0", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Argo answers on "), (folder / "err").read_text()[-2000:]
            yield Service(folder, process, line.split()[-1])
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE_S)
            assert process.returncode == Exit.DONE
        finally:
            process.kill()
            process.communicate()


@pytest.mark.timed
def test_what_may_change_changes_as_a_whole_and_is_on_record(tmp_path: Path) -> None:
    with served(tmp_path) as argo:
        argo.configure("consensus.tau = 0.5", "consensus.theta_bp = 7000", "logging.level='error'")
        argo.until(argo.reloaded("applied"))
        argo.until(lambda: len(argo.strategies()) == 2)
        argo.configure("consensus.tau = 0.25", "seed = 3")
        argo.until(argo.reloaded("refused"))
        cycles = argo.metric("argo_last_cycle_timestamp_seconds")
        argo.until(lambda: argo.metric("argo_last_cycle_timestamp_seconds") > cycles)
        assert len(argo.strategies()) == 2
        argo.configure("consensus.tau = 0.5", "consensus.theta_bp = 7000", "logging.level='error'")
        argo.until(argo.reloaded("unchanged"))
    before, after = argo.strategies()
    assert before["config_sha256"] != after["config_sha256"]
    assert [one["seq"] for one in (before, after)] == sorted(
        one["seq"]
        for one in (before, after)  # type: ignore[type-var]
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [*ARGO, "verify"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == Exit.GOOD, done.stdout + done.stderr


@pytest.mark.timed
def test_risk_limits_are_taken_on_by_whoever_trades(tmp_path: Path) -> None:
    trades = ("trading.enabled = true",)
    with served(tmp_path, more=trades) as argo:
        argo.until(lambda: argo.limit("positions") == "10")
        argo.configure(*trades, "trading.limits.positions = 3", "trading.limits.collar = 0.01")
        argo.until(argo.reloaded("applied"))
        assert (argo.limit("positions"), argo.limit("collar")) == ("3", "0.01")
        contradicting = "trading.limits.daily_loss_halt = 0.001"
        argo.configure(*trades, "trading.limits.positions = 4", contradicting)
        argo.until(argo.reloaded("refused"))
        assert argo.limit("positions") == "3"
    assert "daily_loss_halt" in argo.said()


@pytest.mark.timed
def test_what_is_wrong_or_recorded_is_refused_and_named(tmp_path: Path) -> None:
    with served(tmp_path, "--record", "day.rec") as argo:
        argo.configure("consensus.theta_bp = 'high'")
        argo.until(argo.reloaded("refused"))
        argo.configure("seed = 3", "listen.port = 4")
        argo.until(lambda: "restart needed" in argo.said())
        argo.configure("consensus.tau = 0.5")
        argo.until(lambda: "a recording tells of one profile" in argo.said())
        assert len(argo.strategies()) == 1
    said = argo.said()
    assert "consensus.theta_bp" in said
    assert "seed" in said
    done = subprocess.run(  # noqa: S603 - our own command
        [*ARGO, "replay", "day.rec"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == Exit.DONE, done.stdout + done.stderr
