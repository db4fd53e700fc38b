"""`argo deploy` at the command line: what it refuses, says, and ends with."""

import asyncio
import fcntl
import json
import os
import shlex
import sys
from pathlib import Path

import psutil
import pytest

from argo_core.errors import InvalidInput
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main
from argo_service.deploying.by_command import START, STOP, ByCommand, split
from argo_service.deploying.colour import Colour, Traffic
from argo_service.deploying.haproxy import Haproxy
from argo_service.errors import StepFailed


def test_a_proxy_that_is_away_refuses_the_deployment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["deploy", "--proxy", str(tmp_path / "nobody")]
    assert main([*words, "--json"]) == Exit.DEPLOY_REFUSED
    told = json.loads(capsys.readouterr().out)
    assert (told["end"], told["new"], told["answers"]) == ("refused", None, None)
    assert "is HAProxy there" in told["steps"][0]["says"]
    assert main(words) == Exit.DEPLOY_REFUSED
    first, last = capsys.readouterr().out.splitlines()
    assert first.split()[2:4] == ["look", "FAILED"]
    assert last == "refused: nobody knows who answers, who publishes is open"


def test_whoever_deploys_deploys_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert main(["deploy", "--proxy", str(tmp_path / "proxy")]) == Exit.FAILED
    finally:
        os.close(held)
    assert "somebody else deploys" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--watch-s", "nan"],
        ["--gate-s", "-1"],
        ["--failed", "2"],
        ["--mean-ms", "-1"],
        ["--bad-looks", "0"],
        ["--start", "systemctl start argo"],
        ["--stop", "sh 'x {colour}"],
        ["--blue", "ftp://127.0.0.1"],
    ],
)
def test_what_nobody_means_is_wrong_use(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", *wrong]) == Exit.WRONG_USE
    assert wrong[0] in capsys.readouterr().err


def python(text: str) -> tuple[str, ...]:
    return split("--start", shlex.join([sys.executable, "-c", text, "{colour}"]))


async def test_commands_are_told_the_colour_and_their_complaints_are_passed_on() -> None:
    words = python("import sys; sys.exit(sys.argv[1] == 'blue' and 'no such unit')")
    keeper = ByCommand(words, words)
    await keeper.start(Colour.GREEN)
    with pytest.raises(StepFailed, match="exit code 1: no such unit"):
        await keeper.stop(Colour.BLUE)


async def test_a_command_that_hangs_is_ended_and_one_that_is_not_there_is_said() -> None:
    hangs = python("import time; time.sleep(600)")
    with pytest.raises(StepFailed, match=r"not done within 0\.2 s"):
        await ByCommand(hangs, hangs, timeout_s=0.2).start(Colour.BLUE)
    nowhere = split("--start", "no-such-program {colour}")
    with pytest.raises(StepFailed, match="No such file"):
        await ByCommand(nowhere, nowhere).start(Colour.BLUE)


async def test_what_a_command_has_started_ends_with_it(tmp_path: Path) -> None:
    started = tmp_path / "started"
    child = f"open({str(started)!r}, 'w').close(); import time; time.sleep(600)"
    command = (
        "import subprocess, sys, time;"
        f"subprocess.Popen([sys.executable, '-c', {child!r}, 'a-child-of-a-command']);"
        "time.sleep(600)"
    )
    words = python(command)
    with pytest.raises(StepFailed, match="not done"):
        await ByCommand(words, words, timeout_s=5.0).start(Colour.BLUE)
    assert started.exists()
    left = await asyncio.to_thread(lambda: list(psutil.process_iter(["cmdline", "status"])))
    assert [
        one
        for one in left
        if "a-child-of-a-command" in (one.info["cmdline"] or ())
        and one.info["status"] != psutil.STATUS_ZOMBIE
    ] == []


def test_systemd_is_asked_by_default() -> None:
    assert split("--start", START) == ("systemctl", "restart", "argo@{colour}")
    assert split("--stop", STOP) == ("systemctl", "stop", "argo@{colour}")
    with pytest.raises(InvalidInput):
        split("--start", "")


class Runtime:
    """HAProxy's socket, with answers by the beginning of a command."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = (await reader.readline()).decode().strip()
        self.asked.append(command)
        writer.write(self.answers.get(command.split()[0], "\n").encode())
        writer.close()


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("# pxname,svname\nargo,blue\n", "has no server green"),
        ("# name,status\nargo,UP\n", "has no server blue"),
        ("# pxname,svname\nargo,blue\nargo,green\n", "its figures are not understood"),
        ("Permission denied\n", "level admin"),
    ],
)
async def test_a_proxy_that_is_not_understood_is_said(
    tmp_path: Path, said: str, problem: str
) -> None:
    runtime, place = Runtime(show=said), tmp_path / "proxy"
    async with await asyncio.start_unix_server(runtime.answer, place):
        with pytest.raises(StepFailed, match=problem):
            await Haproxy(place, ("argo",)).seen()


async def test_all_backends_are_told_and_a_refusal_is_a_failure(tmp_path: Path) -> None:
    runtime, place = Runtime(), tmp_path / "proxy"
    proxy = Haproxy(place, ("argo", "argo_streams"), tmp_path / "no" / "state")
    async with await asyncio.start_unix_server(runtime.answer, place):
        await proxy.give(Colour.GREEN, Traffic.LEFT)
        assert runtime.asked == [
            "set server argo/green state drain",
            "set server argo_streams/green state drain",
        ]
        with pytest.raises(StepFailed, match="No such file"):
            await proxy.keep()
        runtime.answers["set"] = "No such server.\n"
        with pytest.raises(StepFailed, match="argo/blue: No such server"):
            await proxy.give(Colour.BLUE, Traffic.NONE)
