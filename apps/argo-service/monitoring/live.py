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
from contextlib import contextmanager
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
_CONFIGURATION: Final = """\
global: {{scrape_interval: 2s, evaluation_interval: 5s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: argo
    static_configs:
      - targets: ["{target}"]
        labels: {{colour: blue}}
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
    """A demo, and where it answers."""
    words = [sys.executable, "-m", "argo_service.cli", "demo", "--plain", "--fresh"]
    with subprocess.Popen(  # noqa: S603 - our own program
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        try:
            for line in running.stdout or ():
                if found := re.search(r"http://[\d.:]+", line):
                    break
            else:
                raise Away("the demo did not start")
            # Its lines are not read on: they are few, and the pipe holds more of them.
            yield found[0]
        finally:
            running.terminate()
            running.communicate(timeout=_STOP_S)


@contextmanager
def prometheus(folder: Path, service: str) -> Iterator[Prometheus]:
    """A Prometheus of our own, which scrapes that service."""
    program = shutil.which("prometheus")
    if program is None:
        raise Away("there is no prometheus: it is a package of Debian's")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    target = service.removeprefix("http://").rstrip("/")
    configuration = folder / "prometheus.yml"
    configuration.write_text(_CONFIGURATION.format(rules=FILE, target=target), "utf-8")
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
            until = time.monotonic() + _START_S  # noqa: TID251 - there is no Clock out here
            while not server.is_ready():
                if running.poll() is not None or time.monotonic() > until:  # noqa: TID251 - as above
                    raise Away("Prometheus did not start")
                time.sleep(0.1)
            yield server
        finally:
            running.terminate()
            running.wait(_STOP_S)


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


def main() -> int:
    """Let it run, and ask."""
    reader = argparse.ArgumentParser(prog="python -m monitoring.live", description=__doc__)
    reader.add_argument("service", nargs="?", help="the address of one that runs")
    reader.add_argument("--seconds", type=float, default=60, help="how long it is scraped")
    given = reader.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        if given.service:
            with prometheus(folder, given.service) as server:
                time.sleep(given.seconds)
                return 0 if report(server) else 1
        with demo(folder) as service, prometheus(folder, service) as server:
            time.sleep(given.seconds)
            return 0 if report(server) else 1


if __name__ == "__main__":
    sys.exit(main())
