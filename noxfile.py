"""Everything this house does, one session each; plain `nox` runs what CI must hold."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nox

nox.needs_version = ">=2026.10.20"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "docs", "oracles", "tests", "isolation"]

HERE = Path(__file__).parent


class Project(NamedTuple):
    """One distribution: the folder's name is the distribution's, `package` is what one imports.

    `covered` is the least percentage of branches and lines its tests must reach; None where what
    matters happens in other processes and on the wire, and counting would only slow it down. Tests
    that are `timed` measure the wall or start processes, and so have the machine to themselves.
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
    """Distributions that are locked and installed together, the lowest first."""

    name: str
    projects: tuple[Project, ...]
    command: str
    strangers: tuple[str, ...]

    @property
    def requirements(self) -> str:
        return f"{self.projects[-1].folder}/requirements"


ARGO = Family(
    name="argo",
    projects=(
        Project("packages/argo-core", "argo_core", covered=100),
        Project("packages/argo-adapters", "argo_adapters"),
        Project("apps/argo-service", "argo_service", timed=True),
    ),
    command="argo",
    # Several libraries import pandas where they find it, and every start takes half a second more.
    strangers=("alpine_service", "pandas"),
)
ALPINE = Family(
    name="alpine",
    projects=(Project("apps/alpine-service", "alpine_service", covered=100, timed=True),),
    command="alpine",
    strangers=("argo_core", "argo_adapters", "argo_service"),
)
FAMILIES = (ARGO, ALPINE)
PROJECTS = tuple(project for family in FAMILIES for project in family.projects)

# A locked file is compiled after those it must agree with.
LOCKS = {
    ARGO: ("run", "test", "lint", "docs", "oracles", "bench"),
    ALPINE: ("run", "test", "lint"),
}

# Package registries and the folders of one machine: either would tie the repository to a place.
# In brackets, so that this line does not find itself.
PLACES = (
    r"(pypi|pythonhosted|npmjs)\.(org|com)"
    r"|(^|[^[:alnum:]_.])/(work|root|home)/[[:alnum:]]"
    r"|^(--|-i )(index|extra-index|find-links)"
)

# Every core takes tests; one that is through takes some from another that is not.
AT_ONCE = ("--numprocesses=logical", "--maxprocesses=4", "--dist=worksteal")

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


def install(session: nox.Session, family: Family, lock: str, *projects: Project) -> None:
    """Install what is locked, each file checked by its hash, then the siblings, which have none."""
    session.install("--require-hashes", "--requirement", f"{family.requirements}/{lock}.txt")
    siblings = [part for project in projects for part in ("--editable", f"./{project.folder}")]
    if siblings:
        session.install("--no-deps", "--no-build-isolation", *siblings)


@nox.session
def demo(session: nox.Session) -> None:
    """Show the main job on recorded market data; arguments after -- go to `argo demo`."""
    install(session, ARGO, "run", *ARGO.projects)
    session.run("argo", "demo", *session.posargs, interrupt_timeout=10, terminate_timeout=5)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, direction of imports, declared dependencies, and no place named anywhere."""
    install(session, ARGO, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    sources = os.pathsep.join(str(HERE / project.source) for project in PROJECTS)
    session.run("lint-imports", env={"PYTHONPATH": sources})
    for project in PROJECTS:
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
    noxfile = ["noxfile.py"] if family is ARGO else []
    session.run("mypy", *[project.source for project in family.projects], *noxfile)
    for project in family.projects:
        session.run("slotscheck", "--module", project.package)


@nox.session
def docs(session: nox.Session) -> None:
    """Run the examples in the README and in docs/."""
    install(session, ARGO, "docs", *ARGO.projects)
    session.run(
        "python", "-m", "pytest", "-p", "docs.examples", "README.md", "docs", *session.posargs
    )


@nox.session
@each_project
def tests(session: nox.Session, project: Project) -> None:
    """Run one distribution's tests; arguments after -- go to pytest."""
    family = family_of(project)
    standing_on = family.projects[: family.projects.index(project) + 1]
    install(session, family, "test", *standing_on)
    pytest = ("pytest", f"{project.folder}/tests", *(() if project.timed else AT_ONCE))
    if project.covered is None:
        session.run(*pytest, *session.posargs)
        return
    session.env["COVERAGE_FILE"] = f"{session.create_tmp()}/coverage"
    session.run("coverage", "erase")
    session.run("coverage", "run", f"--source={project.package}", "-m", *pytest, *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", f"--fail-under={project.covered}")


@nox.session
def oracles(session: nox.Session) -> None:
    """Compare with what others wrote: the vendors' clients, which bring pandas, and Go's logs."""
    install(session, ARGO, "oracles", *ARGO.projects)
    folders = [f"{project.folder}/tests" for project in ARGO.projects]
    session.run("pytest", "-m", "oracle", *folders, *session.posargs)


@nox.session
def torture(session: nox.Session) -> None:
    """Kill a log's writer at every write, and a server and a demo again and again.

    Plain `nox` does so a few times.
    """
    install(session, ARGO, "test", *ARGO.projects)
    session.run(
        *("pytest", "packages/argo-adapters/tests/test_sqlite_log_killed.py", *session.posargs),
        env={"ARGO_TORTURE_KILLS": "1000"},
    )
    session.run(
        *("pytest", "packages/argo-adapters/tests/postgres/test_postgres_killed.py"),
        *session.posargs,
        env={"ARGO_TORTURE_KILLS": "100"},
    )
    session.run(
        *("pytest", "apps/argo-service/tests/test_demo_killed_often.py", *session.posargs),
        env={"ARGO_TORTURE_KILLS": "100"},
    )


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
    for family, names in LOCKS.items():
        for name in names:
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
    install(session, family, "bench", *family.projects)
    table: list[tuple[str, object]] = []
    for each, project in own.items():
        with session.chdir(project.folder):
            command = ("python", "-m", f"benchmarks.{each}")
            if name:
                session.run(*command, *arguments)
            else:
                last = str(session.run(*command, "--short", silent=True)).splitlines()[-1]
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
