"""Has a real Prometheus read Alpine, and asks it all that boards and rules ask.

`python -m monitoring.trying` starts a demo with a publisher that invents signals;
`python -m monitoring.trying http://127.0.0.1:8092` takes the internal address of one that runs.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from monitoring.alarms import RULES, read_rules
from monitoring.catalogue import BOARDS

READ_FOR_S = 60
PATIENCE_S = 90
# What Grafana would fill in.
FILLED = {"$colour": ".*", "$instance": ".*", "$__rate_interval": "30s", "$__range": "5m"}


class NotReadyError(Exception):
    """A program did not come up."""


def all_questions() -> Iterator[tuple[str, str]]:
    """Where each is asked, and the question."""
    for board in BOARDS:
        for panel in board.read()["panels"]:
            for line in panel.get("targets", []):
                yield f"{board.name}, {panel['title']}, {line['refId']}", filled(line["expr"])
    for rule in read_rules():
        yield f"rule {rule.name}", rule.query


def filled(question: str) -> str:
    """The question as Grafana would ask it."""
    for name, value in FILLED.items():
        question = question.replace(name, value)
    return question


@contextmanager
def started(*words: str, where: Path, **pipes: Any) -> Iterator["subprocess.Popen[str]"]:
    """A program of ours or Debian's that ends with the block."""
    with subprocess.Popen(words, cwd=where, text=True, **pipes) as running:  # noqa: S603 - see above
        try:
            yield running
        finally:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()


def until_it_answers(url: str, running: "subprocess.Popen[str]") -> None:
    """Return when there is an answer.

    Raises:
        NotReadyError: there is none, and the program has ended or its time is over.
    """
    for _ in range(PATIENCE_S * 5):
        if running.poll() is not None:
            break
        with suppress(OSError):
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - on this machine
            return
        time.sleep(0.2)
    raise NotReadyError(f"nothing answers at {url}")


@contextmanager
def demo(folder: Path) -> Iterator[tuple[str, str]]:
    """Alpine's demo: where it answers the world, and where the operator."""
    with ExitStack() as ends:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        publisher = ends.enter_context(
            started(
                *(sys.executable, "-m", "alpine_service.testing.publisher"), where=folder, **pipes
            )
        )
        log = json.loads(_of(publisher.stdout).readline())
        ports = {"ALPINE_PORT": str(free_port()), "ALPINE_INTERNAL_PORT": str(free_port())}
        ready = folder / "ready.json"
        words = ("--log-url", log["url"], "--log-key", log["key"], "--ready", str(ready), "--plain")
        alpine = ends.enter_context(
            started(
                *(str(Path(sys.executable).with_name("alpine")), "demo", *words),
                where=folder,
                stdout=subprocess.DEVNULL,
                env={**os.environ, **ports},  # noqa: TID251 - it is handed on
            )
        )
        internal = f"http://127.0.0.1:{ports['ALPINE_INTERNAL_PORT']}"
        until_it_answers(f"{internal}/health?level=live", alpine)
        world = f"http://127.0.0.1:{ports['ALPINE_PORT']}"
        _of(publisher.stdin).write(f"{world}\n")
        _of(publisher.stdin).flush()
        yield world, internal
        _of(publisher.stdin).close()


@contextmanager
def reading(internal: str, folder: Path) -> Iterator[str]:
    """A Prometheus that reads there; where it answers."""
    program = shutil.which("prometheus")
    if program is None:
        raise NotReadyError("there is no prometheus: Debian has a package of that name")
    target = {"targets": [urllib.parse.urlsplit(internal).netloc], "labels": {"colour": "blue"}}
    # JSON is YAML.
    settings = {
        "global": {"scrape_interval": "3s", "evaluation_interval": "5s"},
        "rule_files": [str(RULES)],
        "scrape_configs": [{"job_name": "alpine", "static_configs": [target]}],
    }
    (folder / "prometheus.yml").write_text(json.dumps(settings), "utf-8")
    address = f"127.0.0.1:{free_port()}"
    words = (
        *(program, f"--config.file={folder / 'prometheus.yml'}", "--log.level=error"),
        *(f"--storage.tsdb.path={folder / 'prometheus'}", f"--web.listen-address={address}"),
        "--enable-feature=exemplar-storage",
    )
    with started(*words, where=folder) as running:
        until_it_answers(f"http://{address}/-/ready", running)
        yield f"http://{address}"


def visit(world: str | None) -> None:
    """Read pages and the API for a while, some of them in vain."""
    for second in range(READ_FOR_S):
        for path in ("/", "/v1/signals", "/v1/board", "/nothing") if world else ():
            with suppress(OSError):
                urllib.request.urlopen(f"{world}{path}", timeout=5).close()  # noqa: S310 - ours
        if second % 20 == 0:
            tell(f"{READ_FOR_S - second} s to go")
        time.sleep(1)


def ask(prometheus: str, question: str) -> list[Any] | str:
    """The series in the answer, or why there is no answer."""
    return answered(f"{prometheus}/api/v1/query", query=question)


def answered(url: str, **words: object) -> list[Any] | str:
    """What Prometheus answers there: series, or why there are none."""
    try:
        with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(words)}", timeout=30) as answer:  # noqa: S310 - ours
            series: list[Any] = json.load(answer)["data"]["result"]
            return series
    except urllib.error.HTTPError as refusal:
        return str(json.load(refusal)["error"])


def judge(prometheus: str) -> int:
    """Ask everything and tell what came; 1 if a question was not understood."""
    answers = {where: ask(prometheus, question) for where, question in all_questions()}
    misunderstood = {where: why for where, why in answers.items() if isinstance(why, str)}
    of_boards = [where for where in answers if not where.startswith("rule ")]
    empty = [where for where in of_boards if answers[where] == []]
    tell(f"{len(answers)} questions asked, {len(misunderstood)} not understood")
    tell(f"{len(of_boards) - len(empty)} of {len(of_boards)} lines of boards have data, not:")
    for where in [*empty, *(f"{where}: {why}" for where, why in misunderstood.items())]:
        tell(f"    {where}")
    heard = ask(prometheus, 'ALERTS{alertstate="firing"}')
    named = {one["metric"]["alertname"] for one in heard if not isinstance(one, str)}
    tell(f"alarms that are heard: {', '.join(sorted(named)) or 'none'}")
    return 1 if misunderstood else 0


def free_port() -> int:
    """One that nobody had a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        return int(chosen.getsockname()[1])


def tell(line: str) -> None:
    """Say it at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _of(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise NotReadyError("there is no pipe")
    return pipe


def main(given: list[str]) -> int:
    """Read, visit, judge."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as ends:
        folder = Path(name)
        world, internal = (None, given[0]) if given else ends.enter_context(demo(folder))
        prometheus = ends.enter_context(reading(internal, folder))
        visit(world)
        return judge(prometheus)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
