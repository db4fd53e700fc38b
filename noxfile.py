"""Everything this house does, one session each; plain `nox` runs what CI must hold.

Two families live here that know nothing of each other: either may be deleted, and every session
goes on with what is left.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE
from typing import NamedTuple

import nox

nox.needs_version = ">=2026.10.20"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = [
    *("lint", "types", "docs", "notebooks", "oracles", "tests", "isolation", "alone"),
]

HERE = Path(__file__).parent


class Project(NamedTuple):
    """One distribution: the folder's name is the distribution's, `package` is what one imports.

    `covered` is the least percentage of branches and lines its tests must reach; None where what
    matters happens in other processes and on the wire, and counting would only slow it down. Where
    it is `timed`, some of its tests are marked so and have the machine to themselves.
    """

    folder: str
    package: str
    covered: int | None = None
    timed: bool = False

    @property
    def name(self) -> str:
        return Path(self.folder).name

    @property
    def source(self) -> str:
        return f"{self.folder}/src"


class Family(NamedTuple):
    """A company: distributions that are locked and installed together, the lowest first.

    `home` holds its pages, `README.md` and `docs/`, the latter with what runs their examples;
    `contracts` is the file with those on its imports. `glimpse` is a few tests that are soon
    through, for when the family is `alone`; `torture` says which tests kill processes, and how
    often they shall.
    """

    name: str
    projects: tuple[Project, ...]
    command: str
    strangers: tuple[str, ...]
    home: str
    contracts: str
    glimpse: tuple[str, ...]
    torture: tuple[tuple[str, int], ...]

    @property
    def requirements(self) -> str:
        return f"{self.projects[-1].folder}/requirements"

    @property
    def folders(self) -> tuple[str, ...]:
        """All that is this family's and would go with it."""
        docs = f"{self.home}/docs".removeprefix("./")
        return (*(project.folder for project in self.projects), docs)

    @property
    def locks(self) -> tuple[str, ...]:
        """The names of its lock files; one is compiled after those it must agree with."""
        names = ("run", "test", "lint", "docs", "oracles", "notebooks", "bench", "peers")
        return tuple(name for name in names if (HERE / self.requirements / f"{name}.in").exists())

    @property
    def is_here(self) -> bool:
        return all((HERE / project.folder).exists() for project in self.projects)


ARGO = Family(
    name="argo",
    projects=(
        Project("packages/argo-core", "argo_core", covered=100),
        Project("packages/argo-adapters", "argo_adapters", timed=True),
        Project("apps/argo-service", "argo_service", timed=True),
    ),
    command="argo",
    # Several libraries import pandas where they find it, and every start takes half a second more.
    strangers=("alpine_service", "pandas"),
    home=".",
    contracts="pyproject.toml",
    glimpse=(
        "packages/argo-core/tests/market",
        "packages/argo-adapters/tests/keys",
        "apps/argo-service/tests/test_argo_settings.py",
        "docs/tests/test_pages.py",
    ),
    torture=(
        ("packages/argo-adapters/tests/test_sqlite_log_killed.py", 1_000),
        ("packages/argo-adapters/tests/postgres/test_postgres_killed.py", 100),
        ("apps/argo-service/tests/test_demo_killed_often.py", 100),
        ("apps/argo-service/tests/trading/end_to_end", 30),
        ("apps/argo-service/tests/deploying/test_colours_under_load.py", 6),
        ("packages/argo-core/tests/execution/test_trading_storm.py", 500),
        ("packages/argo-adapters/tests/brokers/test_alpaca_trading_storm.py", 500),
    ),
)
ALPINE = Family(
    name="alpine",
    projects=(Project("apps/alpine-service", "alpine_service", timed=True),),
    command="alpine",
    strangers=("argo_core", "argo_adapters", "argo_service"),
    home="apps/alpine-service",
    contracts="apps/alpine-service/pyproject.toml",
    glimpse=("apps/alpine-service/tests/test_settings.py",),
    torture=(("apps/alpine-service/tests/torture", 200),),
)
COMPANIES = (ARGO, ALPINE)
FAMILIES = tuple(family for family in COMPANIES if family.is_here)
PROJECTS = tuple(project for family in FAMILIES for project in family.projects)
# What is nobody's alone and stays whoever goes; it is checked with every family.
SHARED = ("noxfile.py", "conftest.py")

# Package registries and the folders of one machine: either would tie the repository to a place.
# In brackets, so that this line does not find itself.
PLACES = (
    r"(pypi|pythonhosted|npmjs)\.(org|com)"
    r"|(^|[^[:alnum:]_.])/(work|root|home)/[[:alnum:]]"
    r"|^(--|-i )(index|extra-index|find-links)"
)

# What pytest answers when no test was asked for.
NOTHING_SELECTED = 5

# Benchmarks whose peers bring pandas, which nothing else that is measured shall see.
AMONG_PEERS = {"backtest", "sweep"}

# Every core takes tests; one that is through takes some from another that is not.
AT_ONCE = ("--numprocesses=logical", "--maxprocesses=4", "--dist=worksteal")

# So many tests that fail may look again; more of them, and it is not the machine.
SECOND_LOOKS = 3

IS_ABSENT = """
import importlib.util, sys
stranger = sys.argv[1]
if importlib.util.find_spec(stranger):
    sys.exit(f"{stranger} can be imported, and must not be here")
"""

each_family = nox.parametrize("family", [nox.param(each, id=each.name) for each in FAMILIES])
each_project = nox.parametrize("project", [nox.param(each, id=each.name) for each in PROJECTS])


def family_of(project: Project) -> Family:
    return next(family for family in FAMILIES if project in family.projects)


def install(
    session: nox.Session, family: Family, lock: str, *projects: Project, root: Path = HERE
) -> None:
    """Install into the session's own environment."""
    install_with(session.install, family, lock, *projects, root=root)


def install_with(
    put: Callable[..., None], family: Family, lock: str, *projects: Project, root: Path = HERE
) -> None:
    """Install what is locked, each file checked by its hash, then the siblings, which have none."""
    put("--require-hashes", "--requirement", f"{family.requirements}/{lock}.txt")
    siblings = [part for project in projects for part in ("--editable", f"{root}/{project.folder}")]
    if siblings:
        put("--no-deps", "--no-build-isolation", *siblings)


def need(session: nox.Session, family: Family) -> None:
    """Leave out the session where the family that it is about has been deleted."""
    if not family.is_here:
        session.skip(f"{family.name} is not here")


@nox.session
def demo(session: nox.Session) -> None:
    """Show the main job on recorded market data; arguments after -- go to `argo demo`.

    Alpine verifies, cosigns and serves beside it, from an environment of its own. Where Argo has
    been deleted the arguments go to `alpine demo`, which then reads a log of invented signals.
    """
    if not ARGO.is_here:
        demo_of_alpine(session)
        return
    install(session, ARGO, "run", *ARGO.projects)
    asked = session.posargs
    if not ALPINE.is_here or {"-h", "--help", "--log-key"} & set(asked):
        session.run("argo", "demo", *asked, interrupt_timeout=10, terminate_timeout=5)
        return
    alpine = installed_beside(session, ALPINE)
    key = str(session.run("argo", "demo", "--log-key", *asked, silent=True, log=False)).strip()
    chosen = os.environ.get("ARGO_LISTEN__PORT")  # noqa: TID251 - two commands have to know it
    port = chosen or str(free_port(8090))
    fresh = [each for each in asked if each == "--fresh"]
    log = ("--log-url", f"http://127.0.0.1:{port}", "--log-key", key)
    with alpine_beside(session, alpine, *log, *fresh) as ready:
        policy = Path(session.create_tmp()) / "witnesses.policy"
        witness = f"witness alpine {ready['witness_key']} {ready['url']}"
        policy.write_text(f"log {key}\n{witness}\nquorum alpine\n")
        # What was to be forgotten is, and the key that Alpine knows is the one made since.
        rest = [each for each in asked if each != "--fresh"]
        session.run(
            *("argo", "demo", "--witness", str(policy), *rest),
            env={"ARGO_LISTEN__PORT": port},
            interrupt_timeout=10,
            terminate_timeout=5,
        )


def demo_of_alpine(session: nox.Session) -> None:
    """Alpine's demo with a publisher that invents its signals."""
    need(session, ALPINE)
    install(session, ALPINE, "run", *ALPINE.projects)
    port = str(free_port(8091))
    publisher = (f"{session.bin}/python", "-m", "alpine_service.testing.publisher")
    with subprocess.Popen(publisher, stdin=PIPE, stdout=PIPE, text=True) as publishing:  # noqa: S603
        if publishing.stdin is None or publishing.stdout is None:
            session.error("the publisher has no pipes")
        log = json.loads(publishing.stdout.readline())
        publishing.stdin.write(f"http://127.0.0.1:{port}\n")
        publishing.stdin.flush()
        session.run(
            # No invented log comes back, so what is left of those before is of no use.
            *("alpine", "demo", "--log-url", log["url"], "--log-key", log["key"], "--fresh"),
            *session.posargs,
            env={"ALPINE_PORT": port},
            interrupt_timeout=10,
            terminate_timeout=5,
        )


@contextmanager
def alpine_beside(session: nox.Session, programs: Path, *asked: str) -> Iterator[dict[str, str]]:
    """Alpine's demo for as long as the block; gives its address and its witness's key.

    It ends when the pipe to it does, so also when we are killed. In a session of its own, because
    Ctrl-C is for whoever is in the foreground.
    """
    ready = Path(session.create_tmp()) / "ready.json"
    ready.unlink(missing_ok=True)
    own = ("--for-parent", "--ready", str(ready))
    command = (str(programs / "alpine"), "demo", *asked, *own)
    with subprocess.Popen(command, stdin=PIPE, start_new_session=True) as alpine:  # noqa: S603
        while not ready.exists():
            if alpine.poll() is not None:
                session.error("Alpine's demo did not start")
            time.sleep(0.05)
        yield json.loads(ready.read_text())
    if alpine.returncode:
        session.error("Alpine's demo failed")


def free_port(wanted: int) -> int:
    """That one of this machine, or any other if somebody has it."""
    for port in (wanted, 0):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)) as chosen:
            return int(chosen.getsockname()[1])
    raise OSError("there is no free port")


def installed_beside(session: nox.Session, family: Family, lock: str = "run") -> Path:
    """A family with what is locked, in an environment of its own; gives the folder of programs."""
    # Whole, because some are used from another folder.
    home = Path(session.create_tmp()).resolve() / f"{family.name}-{lock}"
    with_uv = session.venv_backend == "uv"
    if not (home / "bin" / "python").exists():
        make = ("uv", "venv", "--quiet") if with_uv else ("python", "-m", "venv")
        session.run(*make, str(home), silent=True)
    own = ("uv", "pip") if with_uv else (str(home / "bin" / "python"), "-m", "pip")
    where = ("--python", str(home)) if with_uv else ()

    def into_home(*arguments: str) -> None:
        session.run(*own, "install", *where, "--quiet", *arguments, external=True, log=False)

    install_with(into_home, family, lock, *family.projects)
    return home / "bin"


@nox.session
def picture(session: nox.Session) -> None:
    """Take the pictures in Alpine's pages anew from the running demo; needs Chromium."""
    need(session, ARGO)
    need(session, ALPINE)
    install(session, ALPINE, "test", *ALPINE.projects)
    # Half a minute in a second, so that there is something to be seen, outcomes included.
    demo = ("--session", "demo", "--", "--fresh", "--speed", "30", "--for", "8m", "--plain")
    words = (sys.executable, "-m", "nox", *demo)
    # In a session of its own, so that all of it can be told to end.
    with subprocess.Popen(words, stdout=PIPE, text=True, start_new_session=True) as running:  # noqa: S603
        said = iter(running.stdout or ())
        url = next(
            found[1] for line in said if (found := re.search(r"Alpine answers on (\S+);", line))
        )
        user = next(
            found for line in said if (found := re.search(r"pro plan +(\S+) +password (\S+)", line))
        )
        # Whoever prints must be read, or it would wait for us.
        reading = threading.Thread(target=lambda: [None for _ in said], daemon=True)
        reading.start()
        try:
            with session.chdir(ALPINE.home):
                session.run("python", "-m", "docs.picture", url, user[1], user[2], log=False)
        finally:
            os.killpg(running.pid, signal.SIGINT)
            reading.join(30)


@nox.session
@each_family
def lint(session: nox.Session, family: Family) -> None:
    """Style, direction of imports, declared dependencies, and no place named anywhere."""
    install(session, family, "lint")
    files = [*(each for each in family.folders if (HERE / each).exists()), *SHARED]
    session.run("ruff", "check", *files)
    session.run("ruff", "format", "--check", *files)
    sources = os.pathsep.join(str(HERE / project.source) for project in family.projects)
    session.run("lint-imports", "--config", family.contracts, env={"PYTHONPATH": sources})
    for project in family.projects:
        with session.chdir(project.folder):
            session.run("deptry", "src")
    session.log("No tracked file may name a registry's host or a machine's folder.")
    found = ("git", "grep", "--line-number", "-I", "--extended-regexp", PLACES)
    session.run(*found, external=True, success_codes=[1])


@nox.session
@each_family
def types(session: nox.Session, family: Family) -> None:
    """Check every type strictly, and that what should have slots has them."""
    install(session, family, "lint", *family.projects)
    session.run("mypy", *[project.source for project in family.projects], "noxfile.py")
    if (monitoring := HERE / family.projects[-1].folder / "monitoring").exists():
        session.run("mypy", str(monitoring.relative_to(HERE)))
    for project in family.projects:
        session.run("slotscheck", "--module", project.package)


@nox.session
@each_family
def docs(session: nox.Session, family: Family) -> None:
    """Run the examples in the family's README and docs/."""
    if not (HERE / family.home / "docs").exists():
        session.skip(f"{family.name} has no pages here")
    install(session, family, "docs", *family.projects)
    with session.chdir(family.home):
        session.run(
            *("python", "-m", "pytest", "-p", "docs.examples", "README.md", "docs"),
            *session.posargs,
        )


@nox.session
@each_project
def tests(session: nox.Session, project: Project) -> None:
    """Run one distribution's tests; arguments after -- go to pytest."""
    family = family_of(project)
    standing_on = family.projects[: family.projects.index(project) + 1]
    install(session, family, "test", *standing_on)
    # What is asked for after -- may be in one of the runs only, and perhaps nothing is timed yet.
    passed = [0, NOTHING_SELECTED] if session.posargs or project.timed else [0]
    pytest = ("pytest", f"{project.folder}/tests", *session.posargs)
    together = (*AT_ONCE, "-m", "not timed")
    by_itself = [("-m", "timed")] if project.timed else []
    if project.covered is None:
        for chosen in (together, *by_itself):
            tested(session, pytest, chosen, passed)
        return
    session.env["COVERAGE_FILE"] = f"{session.create_tmp()}/coverage"
    session.run("coverage", "erase")
    # Counting makes everything two or three times as slow, so it sees few examples of a property,
    # and the many run uncounted.
    counted = ("coverage", "run", f"--source={project.package}", "-m", *pytest)
    for chosen in (together, *by_itself):
        with few_examples(session):
            tested(session, counted, chosen, passed)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", f"--fail-under={project.covered}")
    tested(session, pytest, (*AT_ONCE, "-m", "hypothesis and not timed"), passed)


def tested(
    session: nox.Session, command: tuple[str, ...], chosen: tuple[str, ...], passed: list[int]
) -> None:
    """Run tests; a few that fail run once more, with the machine to themselves, and are named.

    See `docs/decisions/0037-a-second-look-alone.md`.
    """
    # Not in the session's own temporary folder: nox would have the tests use that, and the names of
    # sockets there would be longer than a socket's may be.
    kept = Path(session.virtualenv.location) / "second-look"
    shutil.rmtree(kept, ignore_errors=True)
    own = ("-o", f"cache_dir={kept}")
    try:
        session.run(*command, *chosen, *own, success_codes=passed)
    except nox.command.CommandFailed:
        found = kept / "v/cache/lastfailed"
        failed = json.loads(found.read_text()) if found.exists() else {}
        if not 0 < len(failed) <= SECOND_LOOKS:
            raise
        session.run(*command, *own, "--last-failed", "--last-failed-no-failures=none")
        for name in failed:
            session.warn(f"FAILED ONCE, then passed alone: {name}")


@contextmanager
def few_examples(session: nox.Session) -> Iterator[None]:
    """Properties are tried on few examples inside."""
    session.env["HYPOTHESIS_PROFILE"] = "counted"
    try:
        yield
    finally:
        session.env.pop("HYPOTHESIS_PROFILE", None)


@nox.session
def oracles(session: nox.Session) -> None:
    """Compare with what others wrote: the vendors' clients, which bring pandas, and Go's logs."""
    need(session, ARGO)
    install(session, ARGO, "oracles", *ARGO.projects)
    folders = [f"{project.folder}/tests" for project in ARGO.projects]
    tested(session, ("pytest", *folders, *session.posargs), ("-m", "oracle"), [0])


@nox.session
def notebooks(session: nox.Session) -> None:
    """Run the notebooks, on the larger data where they are and then on what is shipped.

    Arguments after -- go to docs/notebooks/run.py.
    """
    need(session, ARGO)
    install(session, ARGO, "notebooks", *ARGO.projects)
    runner = ("python", "docs/notebooks/run.py")
    if session.posargs:
        session.run(*runner, *session.posargs)
        return
    session.run(*runner)
    session.run(*runner, "--shipped")


@nox.session
@each_family
def torture(session: nox.Session, family: Family) -> None:
    """Kill again and again whoever writes or trades; plain `nox` does so a few times."""
    # Alpaca's client, which one of the tests needs, is where the other vendors' are.
    lock = "oracles" if "oracles" in family.locks else "test"
    install(session, family, lock, *family.projects)
    for place, kills in family.torture:
        times = {f"{family.name.upper()}_TORTURE_KILLS": str(kills)}
        session.run("pytest", place, *session.posargs, env=times)


@nox.session
def soak(session: nox.Session) -> None:
    """Play recorded market while everything fails on schedule; `-- --seed 7` is another schedule.

    An hour at twenty times its speed; plain `nox` has a few minutes of it among its tests.
    """
    need(session, ARGO)
    install(session, ARGO, "test", *ARGO.projects)
    with session.chdir(ARGO.projects[-1].folder):
        session.run("python", "-m", "soak", *session.posargs)


@nox.session
@each_family
def alone(session: nox.Session, family: Family) -> None:
    """Delete the other companies in a copy: what is left is linted, typed and tested a little."""
    copy = Path(session.create_tmp()) / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    others = [f"{folder}/" for each in COMPANIES if each != family for folder in each.folders]
    # Tracked, or new and not ignored.
    listing = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = str(session.run(*listing, external=True, silent=True, log=False))
    for name in filter(None, listed.split("\0")):
        # A file that was deleted a moment ago is tracked for a while.
        if not name.startswith(tuple(others)) and (HERE / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HERE / name, copy / name)
    install(session, family, "lint", *family.projects, root=copy)
    with session.chdir(copy):
        session.run("git", "init", "--quiet", external=True)
        session.run("git", "add", "--all", external=True)
        session.run(
            *("python", "-m", "nox", "--no-venv", "--no-install", "--sessions", "lint", "types"),
            # Types that were found good here are good there.
            env={"MYPY_CACHE_DIR": str(HERE / ".mypy_cache")},
        )
        session.run("pytest", *AT_ONCE, *family.glimpse)


@nox.session
@each_family
def isolation(session: nox.Session, family: Family) -> None:
    """Install one family alone: all it needs is there, and strangers cannot be imported."""
    install(session, family, "run", *family.projects)
    installer = ("uv", "pip") if session.venv_backend == "uv" else ("python", "-m", "pip")
    session.run(*installer, "check")
    for stranger in family.strangers:
        session.run("python", "-c", IS_ABSENT, stranger)
    session.run(family.command, "--help", silent=True)


@nox.session
def lock(session: nox.Session) -> None:
    """Compile the lock files anew; `-- --upgrade` takes newer versions."""
    session.install("uv==0.13.9")
    for family in FAMILIES:
        for name in family.locks:
            path = f"{family.requirements}/{name}"
            session.run(
                *("uv", "pip", "compile", "--quiet", "--no-config", f"{path}.in"),
                *("--output-file", f"{path}.txt", "--universal", "--python-version", "3.11"),
                *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"),
                *("--custom-compile-command", "nox -s lock"),
                *session.posargs,
                # A wheel that only this machine has would be locked by a hash nobody else can get.
                env={"UV_FIND_LINKS": None},
            )


@nox.session
@each_family
def bench(session: nox.Session, family: Family) -> None:
    """Measure: `-- NAME` runs the benchmark of that name, no name runs all in their short form."""
    known = {
        file.stem: project
        for project in PROJECTS
        for file in sorted((HERE / project.folder / "benchmarks").glob("[!_]*.py"))
    }
    name, *arguments = session.posargs or [""]
    if name and name not in known:
        session.error(f"name one of: {', '.join(sorted(known))}")
    own = {each: known[each] for each in [name] if name} or known
    own = {each: project for each, project in own.items() if project in family.projects}
    if not own:
        session.skip(f"{family.name} has nothing to measure here")
    with_peers = AMONG_PEERS.intersection(own)
    if with_peers != own.keys():
        install(session, family, "bench", *family.projects)
    peers = installed_beside(session, family, "peers") if with_peers else None
    table: list[tuple[str, object]] = []
    for each, project in own.items():
        beside = each in with_peers
        python = str(peers / "python") if peers and beside else "python"
        with session.chdir(project.folder):
            command = (python, "-m", f"benchmarks.{each}")
            if name:
                session.run(*command, *arguments, external=beside)
            else:
                said = str(session.run(*command, "--short", silent=True, external=beside))
                last = said.splitlines()[-1]
                table += rows(each, json.loads(last))
    for place, value in table:
        session.log(f"{place:48} {value}")


def rows(place: str, result: object) -> Iterator[tuple[str, object]]:
    """Every figure of a benchmark's result, with the way to it."""
    if isinstance(result, dict):
        for name, inner in result.items():
            yield from rows(f"{place} {name}", inner)
    else:
        yield place, result
