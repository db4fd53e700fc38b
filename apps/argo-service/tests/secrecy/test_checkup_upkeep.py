"""What the doctor says of secrets, the machine and the database's clock."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from argo_core.testing.fake_clock import FakeClock
from argo_service.checkup_machine import disk, machine_findings, open_files
from argo_service.checkup_secrets import secret_file_findings, stored_secret_findings
from argo_service.checkup_store import judged
from argo_service.config.secrets import Aws, SecretStores
from argo_service.config.tree import Settings
from argo_service.finding import Finding, State
from argo_service.settings import Configuration

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = "sources.grok.key"


def of_file(path: Path) -> Finding:
    (found,) = secret_file_findings(Configuration(Settings(), {KEY: f"file {path}"}), NOW)
    return found


def write(path: Path, text: str, mode: int, age: timedelta) -> Path:
    path.write_text(text)
    path.chmod(mode)
    then = (NOW - age).timestamp()
    os.utime(path, (then, then))
    return path


@pytest.mark.parametrize(
    ("text", "mode", "days", "state", "fix"),
    [
        ("canary", 0o600, 3, State.GOOD, ""),
        ("canary", 0o600, 200, State.WARNING, "rotate"),
        ("canary", 0o644, 3, State.FAULT, "chmod 600"),
        ("canary and more", 0o600, 3, State.FAULT, "key alone"),
        ("", 0o600, 3, State.FAULT, "key alone"),
    ],
)
def test_a_key_in_a_file_is_its_owners_well_formed_and_not_too_old(
    tmp_path: Path, text: str, mode: int, days: int, *, state: State, fix: str
) -> None:
    found = of_file(write(tmp_path / "key", text, mode, timedelta(days=days)))
    assert (found.name, found.state) == ("sources.grok.key_file", state)
    assert fix in found.fix
    assert "canary" not in str(found)


def test_a_key_file_that_is_gone_is_a_fault(tmp_path: Path) -> None:
    assert of_file(tmp_path / "absent").state is State.FAULT


async def test_a_store_out_of_reach_is_a_fault_for_every_secret_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    places = (f"{KEY} = argo/grok", "sources.sonar.key = argo/sonar")
    aws = Aws(places=places, region="eu-central-1", endpoint_url="http://127.0.0.1:1")
    configuration = Configuration(
        Settings(secrets=SecretStores(aws=aws)), {"sources.sonar.key": "environment X"}
    )
    found = [one async for one in stored_secret_findings(configuration, FakeClock())]
    assert [(one.name, one.state) for one in found] == [
        ("aws argo/grok", State.FAULT),
        ("aws argo/sonar", State.WARNING),
    ]
    assert "endpoint_url" in found[0].fix


def test_the_machine_is_looked_at(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    found = {one.name: one for one in machine_findings(tmp_path / "argo.sqlite3")}
    assert found.keys() == {"python", "packages", "disk", "folder", "open files"}
    assert found["folder"].state is State.FAULT
    tmp_path.chmod(0o700)
    found = {one.name: one for one in machine_findings(tmp_path / "argo.sqlite3")}
    assert {found[name].state for name in ("folder", "python", "packages")} == {State.GOOD}


@pytest.mark.parametrize(
    ("free", "files", "state"),
    [
        (10_000_000, 64, State.FAULT),
        (500_000_000, 2_000, State.WARNING),
        (50_000_000_000, 65_536, State.GOOD),
    ],
)
def test_too_little_room_or_too_few_files_is_said_before_it_hurts(
    tmp_path: Path, free: int, files: int, state: State
) -> None:
    assert disk(tmp_path, free).state is state
    assert open_files(files).state is state
    assert open_files(-1).state is State.GOOD


@pytest.mark.parametrize(
    ("number", "theirs_s", "states"),
    [
        (150_006, 0.0, [State.GOOD]),
        (130_006, 0.0, [State.FAULT]),
        (170_001, 3.0, [State.GOOD, State.FAULT]),
        (170_001, -3.0, [State.GOOD, State.FAULT]),
        (170_001, 1.4, [State.GOOD]),
    ],
)
def test_the_databases_clock_and_version_are_compared(
    number: int, theirs_s: float, states: list[State]
) -> None:
    after = NOW + timedelta(seconds=0.5)
    found = judged(number, "x", NOW + timedelta(seconds=theirs_s), NOW, after)
    assert [one.state for one in found] == states
    assert all(one.fix for one in found if one.state is not State.GOOD)
