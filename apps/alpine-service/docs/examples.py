"""How the examples in Alpine's pages are run: against a real Alpine that reads an invented log.

Blocks in Python of one page share their names, in order. Blocks in bash are run each by itself, in
one folder a page. Both find `SIGNALS_URL`, `SIGNALS_KEY`, `LOG_KEY` and `WITNESS_KEY` in the
environment. Blocks in other languages are only shown.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import orjson
import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

from alpine_service.testing.operating import ALPINE, Operator
from alpine_service.testing.postgres import open_folder

# Invented by the publisher; when it has been served, there are enough before it for pages of two
# and one that is sealed.
_A_SIGNAL = "invented-3"
_PATIENCE_S = 60.0
_PUBLISHER = (sys.executable, "-m", "alpine_service.testing.publisher")


@pytest.fixture(scope="session")
def _alpine() -> Iterator[None]:
    """An Alpine that has verified some signals; its whereabouts are in the environment."""
    machine = os.environ  # noqa: TID251 - what a reader sets there
    before = dict(machine)
    with (
        open_folder() as base,
        subprocess.Popen(_PUBLISHER, stdin=PIPE, stdout=PIPE, text=True) as publishing,  # noqa: S603
    ):
        if publishing.stdin is None or publishing.stdout is None:
            pytest.fail("the publisher has no pipes")
        log = orjson.loads(publishing.stdout.readline())
        with _demo(base, log) as demo:
            ready = _read_when_there(base / "ready.json", demo)
            publishing.stdin.write(f"{ready['url']}\n")
            publishing.stdin.flush()
            (users,) = base.glob("demo-*/users.json")
            _, pro = orjson.loads(users.read_bytes())
            _wait_for_signals(ready["url"])
            machine |= {
                "SIGNALS_URL": ready["url"],
                "SIGNALS_KEY": pro["key"],
                "LOG_KEY": log["key"],
                "WITNESS_KEY": ready["witness_key"],
                "PATH": f"{ALPINE.parent}{os.pathsep}{before['PATH']}",
            }
            yield
            machine.clear()
            machine.update(before)
        publishing.stdin.close()


def _demo(base: Path, log: dict[str, str]) -> "subprocess.Popen[bytes]":
    words = ("--log-url", log["url"], "--log-key", log["key"], "--folder", str(base))
    command = (ALPINE, "demo", *words, "--ready", base / "ready.json", "--for-parent")
    settings = Operator({"ALPINE_PORT": "0", "ALPINE_INTERNAL_PORT": "0"})
    return subprocess.Popen(  # noqa: S603 - ours
        command, stdin=PIPE, stdout=PIPE, env=settings.environment({})
    )


def _read_when_there(path: Path, demo: "subprocess.Popen[bytes]") -> dict[str, str]:
    while not path.exists():
        if demo.poll() is not None:
            pytest.fail("the demo did not start")
        time.sleep(0.05)
    found: dict[str, str] = orjson.loads(path.read_bytes())
    return found


def _wait_for_signals(url: str) -> None:
    until = time.monotonic() + _PATIENCE_S  # noqa: TID251 - other processes' time
    while True:
        try:
            with urllib.request.urlopen(f"{url}/v1/signals/{_A_SIGNAL}/proof", timeout=5):  # noqa: S310
                return
        except urllib.error.HTTPError:
            if time.monotonic() > until:  # noqa: TID251 - as above
                pytest.fail("no signal came")
            time.sleep(0.2)


def _run_bash(example: Example) -> str | None:
    """What is wrong with a block, if anything is."""
    if shutil.which("curl") is None or shutil.which("openssl") is None:
        pytest.skip("needs curl and openssl")
    folder = example.namespace.setdefault("folder", tempfile.mkdtemp(prefix="alpine-page-"))
    done = subprocess.run(  # noqa: S603 - our own pages
        ("bash", "-euo", "pipefail", "-c", example.parsed),  # noqa: S607 - as a reader would
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    return None if done.returncode == 0 else f"{done.returncode}: {done.stdout}{done.stderr}"


def _clean(namespace: dict[str, object]) -> None:
    if "folder" in namespace:
        shutil.rmtree(str(namespace["folder"]))


pytest_collect_file = Sybil(
    path=str(Path(__file__).parents[1]),
    patterns=["*.md"],
    parsers=[
        PythonCodeBlockParser(),
        CodeBlockParser(language="bash", evaluator=_run_bash),
        SkipParser(),
    ],
    teardown=_clean,
    fixtures=["_alpine"],
).pytest()
