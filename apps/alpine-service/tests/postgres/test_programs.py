"""Which PostgreSQL is taken, and who runs it."""

import os
import pwd
from pathlib import Path

import pytest

from alpine_service.adapters.postgres import programs
from alpine_service.adapters.postgres.programs import (
    Programs,
    closed_to_others,
    find_programs,
    foreign_account,
    look,
)
from alpine_service.errors import NoServer


def install(folder: Path, version: str) -> Programs:
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version} (House)'\n")
        (folder / name).chmod(0o755)
    major, minor = version.split(".")
    return Programs(folder, (int(major), int(minor)))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing is installed yet."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(programs, "_SYSTEM", (f"{str(tmp_path)[1:]}/system/*/bin",))
    monkeypatch.setattr(programs, "_WHEEL", "no_such_wheel")
    return tmp_path


def test_a_machine_may_have_none(machine: Path) -> None:
    assert find_programs() is None


def test_of_several_the_newest_is_taken(machine: Path) -> None:
    install(machine / "system" / "15" / "bin", "15.9")
    newest = install(machine / "system" / "17" / "bin", "17.2")
    install(machine / "path", "16.14")
    install(machine / "system" / "9" / "bin", "9.6")
    assert find_programs() == newest


def test_data_decide_which_is_taken(machine: Path) -> None:
    fitting = install(machine / "system" / "15" / "bin", "15.9")
    install(machine / "system" / "17" / "bin", "17.2")
    assert find_programs(15) == fitting
    assert find_programs(16) is None


def test_what_is_on_the_path_counts(machine: Path) -> None:
    on_path = install(machine / "path", "16.14")
    assert find_programs() == on_path


def test_the_wheel_is_taken_where_the_system_has_none(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "wheel_of_tests").mkdir()
    (machine / "wheel_of_tests" / "__init__.py").touch()
    wheel = install(machine / "wheel_of_tests" / "pginstall18" / "bin", "18.4")
    monkeypatch.syspath_prepend(str(machine))
    monkeypatch.setattr(programs, "_WHEEL", "wheel_of_tests")
    assert find_programs() == wheel
    system = install(machine / "system" / "15" / "bin", "15.9")
    assert find_programs() == system
    assert find_programs(18) == wheel


def test_a_program_that_hangs_is_none(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = install(machine / "bin", "16.1")
    (there.folder / "postgres").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    monkeypatch.setattr(programs, "_LOOK_S", 0.05)
    assert look(there.folder) is None


def test_half_an_installation_is_none(machine: Path) -> None:
    there = install(machine / "bin", "16.1")
    (there.folder / "initdb").unlink()
    assert look(there.folder) is None


def test_whoever_is_not_root_runs_it_as_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert foreign_account(tmp_path) is None


def test_root_needs_somebody_to_run_it_as(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwall", list)
    with pytest.raises(NoServer, match="add the account nobody"):
        foreign_account(tmp_path / "data")


def test_the_first_closed_folder_on_the_way_is_named(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "open"
    inner.mkdir(parents=True)
    inner.chmod(0o755)
    (tmp_path / "closed").chmod(0o700)
    assert closed_to_others(inner) == tmp_path / "closed"
    assert closed_to_others(Path("/")) is None
