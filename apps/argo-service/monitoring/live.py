"""Asks a real Prometheus every question of every panel and rule: `python -m monitoring.live`.

It scrapes a service that runs, or a demo that is started for it, and forgets all at the end.
"""

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from attrs import frozen

from monitoring.rules import FILE, rules
from monitoring.written import PAGES

_START_S: Final = 60
_STOP_S: Final = 20
# What Grafana would put in, for everything that was scraped.
_CHOICES: Final = {
    "$colour": ".*",
    "$instance": ".*",
    "$__rate_interval": "20s",
    "$__range": "5m",
}
# So that there are trades and outcomes within a minute.
_FASTER: Final = "10"
_CONFIGURATION: Final = """\
global: {{scrape_interval: 2s, evaluation_interval: 5s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: argo
    static_configs: {targets}
"""


@frozen
class Question:
    """Where it is asked, and what."""

    where: str
    expression: str


class Away(Exception):  # noqa: N818 - it is where somebody is
    """Nobody answered in time."""


@frozen
class Prometheus:
    """A server that answers at `url`."""

    url: str

    def ask(self, path: str, **words: object) -> Any:
        """What it says.

        Raises:
            ValueError: it refuses the question, in its own words.
        """
        try:
            return self._read(f"/api/v1/{path}?{urlencode(words)}")["data"]
        except HTTPError as error:
            raise ValueError(json.load(error)["error"]) from error

    def is_ready(self) -> bool:
        """Whether it can be asked."""
        try:
            with urlopen(f"{self.url}/-/ready", timeout=5):  # noqa: S310 - our own
                return True
        except (URLError, OSError):
            return False

    def _read(self, path: str) -> Any:
        with urlopen(self.url + path, timeout=30) as answer:  # noqa: S310 - our own
            return json.load(answer)


def questions() -> Iterator[Question]:
    """All that panels and rules ask."""
    for page in PAGES:
        for panel in page.json()["panels"]:
            for target in panel.get("targets", ()):
                where = f"{page.uid}: {panel['title']} {target['refId']}"
                yield Question(where, filled(target["expr"]))
    for rule in rules():
        yield Question(f"rule {rule.name}", rule.expression)


def filled(expression: str) -> str:
    """The expression with all choices made."""
    for variable, choice in _CHOICES.items():
        expression = expression.replace(variable, choice)
    return expression


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """A demo in which one source fails, so that failures are seen, and where it answers."""
    words = [sys.executable, "-m", "argo_service.cli", "demo", "--plain", "--fresh"]
    words += ["--break", "sonar=server_error", "--speed", _FASTER]
    told = folder / "demo.txt"
    with (
        told.open("w") as out,
        subprocess.Popen(words, cwd=folder, stdout=out, stderr=out) as running,  # noqa: S603 - ours
    ):
        try:
            for _ in _while_waiting(running):
                if found := re.search(r"http://[\d.:]+", told.read_text()):
                    yield found[0]
                    break
        finally:
            running.terminate()
            running.wait(_STOP_S)


@contextmanager
def prometheus(folder: Path, *services: str) -> Iterator[Prometheus]:
    """A Prometheus of our own, which scrapes these: the first is blue, and another one green."""
    program = shutil.which("prometheus")
    if program is None:
        raise Away("there is no prometheus: it is a package of Debian's")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    targets = [
        {
            "targets": [service.removeprefix("http://").rstrip("/")],
            "labels": {"colour": "green" if place else "blue"},
        }
        for place, service in enumerate(services)
    ]
    configuration = folder / "prometheus.yml"
    configuration.write_text(
        _CONFIGURATION.format(rules=FILE, targets=json.dumps(targets)), "utf-8"
    )
    words = (
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--enable-feature=exemplar-storage",
        "--log.level=error",
    )
    with subprocess.Popen([program, *words]) as running:  # noqa: S603 - Debian's program
        server = Prometheus(f"http://{address}")
        try:
            for _ in _while_waiting(running):
                if server.is_ready():
                    yield server
                    break
        finally:
            running.terminate()
            running.wait(_STOP_S)


def _while_waiting(running: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Again and again until a program that has been started is there.

    Raises:
        Away: it ended, or took too long.
    """
    for _ in range(_START_S * 10):
        if running.poll() is not None:
            break
        yield
        time.sleep(0.1)
    raise Away(f"{running.args!r} did not start")


def call(service: str, seconds: float) -> None:
    """Use the service for so long as its users do, one refused request in three included."""
    for second in range(round(seconds)):
        path = ("/api/v1/signals", "/api/v1/health?level=deep", "/api/v1/signals?no=such")[
            second % 3
        ]
        with suppress(URLError, OSError):
            urlopen(service.rstrip("/") + path, timeout=5).close()  # noqa: S310 - our own
        time.sleep(1)


def look(server: Prometheus) -> tuple[Mapping[Question, int], Mapping[Question, str]]:
    """How many series each question has for an answer, and which ones were refused."""
    answers, refused = {}, {}
    for question in questions():
        try:
            found = server.ask("query", query=question.expression)
        except ValueError as error:
            refused[question] = str(error)
        else:
            answers[question] = len(found["result"])
    return answers, refused


def report(server: Prometheus) -> bool:
    """Say what was found; whether every question was taken."""
    answers, refused = look(server)
    panels = {question for question in answers if not question.where.startswith("rule ")}
    without = sorted(question.where for question in panels if not answers[question])
    firing = [
        one["metric"]["alertname"]
        for one in server.ask("query", query='ALERTS{alertstate="firing"}')["result"]
    ]
    say(f"{len(answers) + len(refused)} questions, {len(refused)} refused")
    say(f"{len(panels) - len(without)} of {len(panels)} of panels have data; these have none:")
    for where in without:
        say(f"  {where}")
    say(f"alerts that fire: {', '.join(sorted(firing)) or 'none'}")
    for question, why in refused.items():
        say(f"REFUSED {question.where}: {why}")
    return not refused


def say(line: str) -> None:
    """A line for whoever started this."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(service: str, server: Prometheus, given: argparse.Namespace) -> int:
    """Let it be scraped and used, then ask and draw; the exit code."""
    call(service, given.seconds)
    end = time.time()  # noqa: TID251 - Prometheus has the wall's clock
    good = report(server)
    if given.pictures:
        # It brings numpy's plots along, which the rest needs nothing of.
        from monitoring.picture import draw  # noqa: PLC0415 - see above

        given.pictures.mkdir(parents=True, exist_ok=True)
        for page in PAGES:
            draw(page, server, end, given.seconds, given.pictures / f"{page.uid}.png")
    return 0 if good else 1


def main() -> int:
    """Let it run, and ask."""
    reader = argparse.ArgumentParser(prog="python -m monitoring.live", description=__doc__)
    reader.add_argument("service", nargs="*", help="the address of one that runs, or of two")
    reader.add_argument("--seconds", type=float, default=60, help="how long it is scraped")
    reader.add_argument("--pictures", type=Path, help="a folder for a picture of each dashboard")
    given = reader.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        if given.service:
            with prometheus(folder, *given.service) as server:
                return run(given.service[0], server, given)
        with demo(folder) as service, prometheus(folder, service) as server:
            return run(service, server, given)


if __name__ == "__main__":
    sys.exit(main())
