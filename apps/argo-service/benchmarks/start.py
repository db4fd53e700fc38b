"""How long it takes to start, how much memory that holds, how much disk an install takes.

Core and service are each installed from the lock into a new environment, byte code compiled, and
started in whole processes: the core by importing its engine, the service by its command, until its
health answers. Seconds are the median of several starts after one that warms the disk's cache. The
limit is the interpreter that does nothing, in the same environment. The last line is one JSON
object.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from attrs import frozen
from benchmarks._figures import about, folder_mib

HERE = Path(__file__).resolve().parents[3]
RUNS = 9
SHORT_RUNS = 3
PATIENCE_S = 30.0
LOOK_S = 0.005
# `argo_core.engine` holds no more than a docstring; this is the engine.
ENGINE = "argo_core.engine.engine"
REACH = {
    "core": {"seconds": 0.35, "mib": 70},
    "argo_service": {"seconds": 2},
}
ARGO = ("packages/argo-core", "packages/argo-adapters", "apps/argo-service")
# Peak memory as the kernel kept it for this program alone.
IMPORT = f"import {ENGINE}; print(open('/proc/self/status').read())"


@frozen
class Started:
    """Wall seconds until it was there, and MiB that it held then."""

    seconds: float
    mib: float


@frozen
class Environment:
    """An interpreter that has one distribution and what it needs, and nothing else."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    @property
    def installed_mib(self) -> float:
        return folder_mib(*(self.folder / "lib").glob("python*/site-packages"))


def installed(folder: Path, lock: str, projects: Sequence[str], *, alone: bool) -> Environment:
    """A new environment: with everything `lock` names, or `alone` with what the project needs."""
    uv = (sys.executable, "-m", "uv", "--quiet")
    run((*uv, "venv", "--python", sys.executable, str(folder)))
    pip = (*uv, "pip", "install", "--compile-bytecode", "--python", str(folder / "bin" / "python"))
    paths = [str(HERE / project) for project in projects]
    if alone:
        run((*pip, "--constraint", str(HERE / lock), *paths))
    else:
        run((*pip, "--require-hashes", "--requirement", str(HERE / lock)))
        run((*pip, "--no-deps", "--no-build-isolation", *paths))
    return Environment(folder)


def run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - our own words


def imported(environment: Environment, code: str = IMPORT) -> Started:
    """A whole process that runs `code` and ends."""
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own words
        (environment.python, "-c", code), check=True, capture_output=True, text=True
    )
    return Started(time.perf_counter() - began, peak_mib(done.stdout))


def peak_mib(status: str) -> float:
    """`VmHWM` of a process's status in MiB; zero where there is none."""
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) / 1024
    return 0.0


def answering(
    environment: Environment, command: str, path: str, variables: Mapping[str, str], port: int
) -> Started:
    """A whole service from its start until its health answers, whatever it says."""
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own words
        (str(environment.folder / "bin" / command), "serve"),
        env={"PATH": os.environ["PATH"], **variables},
        cwd=environment.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answers(f"http://127.0.0.1:{port}{path}"):
            assert process.poll() is None, f"{command} ended with {process.returncode}"
            assert time.perf_counter() - began < PATIENCE_S, f"{command} does not answer"
            time.sleep(LOOK_S)
        seconds = time.perf_counter() - began
        return Started(seconds, psutil.Process(process.pid).memory_info().rss / 2**20)
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own loopback
            return True
    except urllib.error.HTTPError:
        # Not well is an answer too.
        return True
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def argo(environment: Environment) -> Started:
    port = free_port()
    with TemporaryDirectory() as folder:
        variables = {
            "ARGO_LISTEN__PORT": str(port),
            "ARGO_DATABASE": str(Path(folder) / "argo.sqlite3"),
        }
        return answering(environment, "argo", "/api/v1/health", variables, port)


def measured(runs: int, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    core = installed(folder / "core", f"{ARGO[-1]}/requirements/run.txt", ARGO[:1], alone=True)
    service = installed(folder / "argo", f"{ARGO[-1]}/requirements/run.txt", ARGO, alone=False)
    starts = {
        "core": (core, lambda: imported(core)),
        "argo_service": (service, lambda: argo(service)),
    }
    found: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    for name, (environment, start) in starts.items():
        start()
        each = [start() for _ in range(runs)]
        bare = [imported(environment, "pass").seconds for _ in range(runs)]
        found[name] = {
            "seconds": round(median(one.seconds for one in each), 3),
            "mib": round(median(one.mib for one in each), 1),
            "install_mib": round(environment.installed_mib, 1),
        }
        beside[name] = {
            "slowest_s": round(max(one.seconds for one in each), 3),
            "limit_s": round(median(bare), 3),
        }
        print(f"{name:15} {found[name]} {beside[name]}  reach {REACH[name]}", flush=True)
    return found, beside


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--short", action="store_true", help="three starts of each")
    given = parser.parse_args()
    runs = SHORT_RUNS if given.short else given.runs
    facts = about("nothing else of ours runs")
    with TemporaryDirectory() as folder:
        found, beside = measured(runs, Path(folder))
    facts |= {
        "runs": runs,
        "beside": beside,
        "limit_s": "an interpreter that does nothing, in the same environment",
        "reach": REACH,
        "core": f"import {ENGINE}",
    }
    print(json.dumps(found | {"about": facts}))


if __name__ == "__main__":
    main()
