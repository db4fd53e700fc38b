"""`alpine deploy`, as an operator calls it: what it looks at, says, and refuses."""

import asyncio
import fcntl
import os
import re
import sys
from pathlib import Path

import orjson
import pytest

from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.main import main
from alpine_service.domain.deploy.colour import Colour
from alpine_service.testing.painted import Painted

COMMAND = "from alpine_service.cli.main import main; raise SystemExit(main())"


async def deploy(painted: Painted, *more: str) -> tuple[int, str]:
    """As a process, because it listens for signals; both colours run already."""
    arguments = ["--proxy", str(painted.front.socket), "--watch-s", "0"]
    for colour in Colour:
        arguments += [f"--{colour}", painted.front.url]
    for verb in ("start", "stop"):
        arguments += [f"--{verb}", "true {colour}"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND, "deploy", *arguments, *more),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_each_step_is_told_with_its_time(painted: Painted) -> None:
    code, said = await deploy(painted)
    *steps, end = said.splitlines()
    assert code == Exit.DONE
    assert [line[11:25].strip() for line in steps] == [
        *("look", "start", "gate", "switch", "drain", "watch", "stop")
    ]
    assert all(re.match(r" +\d+\.\d\d s  [a-z ]{14} ok ", line) for line in steps)
    assert "blue serves, version 1.0; green is to take over" in steps[0]
    assert end == "done: green serves"


async def test_a_dry_run_says_what_would_be_done_and_does_nothing(painted: Painted) -> None:
    code, said = await deploy(painted, "--dry-run")
    assert code == Exit.DONE
    assert said.splitlines()[1] == ("would go on with: start, gate, switch, drain, watch, stop")
    again, told = await deploy(painted, "--dry-run", "--json")
    document = orjson.loads(told)
    assert (again, document["end"], document["new"], document["serves"]) == (
        *(Exit.DONE, None, "green", "blue"),
    )


async def test_a_step_that_fails_is_told_with_its_reason(painted: Painted) -> None:
    code, said = await deploy(painted, "--to", "blue")
    assert code == Exit.REFUSED
    assert "FAILED  blue serves already" in said
    code, said = await deploy(painted, "--stop", "false {colour}")
    assert code == Exit.STUCK
    assert "FAILED  false blue: exit code 1" in said
    assert said.splitlines()[-1] == ("STUCK: look at both colours and at the proxy; green serves")


def test_a_proxy_that_is_away_refuses_the_deployment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["deploy", "--json", "--dry-run", "--proxy", str(tmp_path / "nobody")])
    told = orjson.loads(capsys.readouterr().out)
    assert (code, told["end"], told["new"]) == (Exit.REFUSED, "refused", None)
    assert "is HAProxy running" in told["steps"][0]["says"]


def test_two_deployments_at_once_are_one_too_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        assert main(["deploy", "--proxy", str(tmp_path / "proxy")]) == Exit.FAILED
    finally:
        os.close(place)
    assert "another deployment is under way" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--watch-s", "nan"],
        ["--gate-s", "-1"],
        ["--failures", "2"],
        ["--bad-looks", "0"],
        ["--slow", "-1"],
        ["--start", "systemctl start alpine"],
    ],
)
def test_what_cannot_be_meant_is_wrong_use(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", *wrong]) == Exit.WRONG_USE
    assert capsys.readouterr().err.startswith(f"alpine: {wrong[0]}")
