"""A colour is started and stopped by commands, and what they complain of is passed on."""

import shlex
import sys

import pytest

from alpine_service.adapters.deploy.commands import START, STOP, Commands, words_of
from alpine_service.domain.deploy.colour import Colour
from alpine_service.errors import InvalidInput, StepFailed


def python(text: str) -> list[str]:
    return words_of("--start", shlex.join([sys.executable, "-c", text, "{colour}"]))


async def test_the_colour_stands_where_it_was_asked_for() -> None:
    both = Commands(
        python("import sys; sys.exit(sys.argv[1] != 'green')"),
        python("import sys; sys.exit(sys.argv[1] != 'blue')"),
    )
    await both.start(Colour.GREEN)
    await both.stop(Colour.BLUE)
    with pytest.raises(StepFailed, match="exit code 1"):
        await both.start(Colour.BLUE)


async def test_what_it_said_last_is_told() -> None:
    talks = python("import sys; print('one', file=sys.stderr); sys.exit('no such unit')")
    with pytest.raises(StepFailed, match="exit code 1: no such unit"):
        await Commands(talks, talks).start(Colour.BLUE)


async def test_whoever_is_started_may_go_on() -> None:
    goes_on = python("import os, time; os.fork() or time.sleep(3)")
    await Commands(goes_on, goes_on, patience_s=30).start(Colour.BLUE)


async def test_a_command_that_does_not_end_is_ended() -> None:
    hangs = python("import time; time.sleep(600)")
    with pytest.raises(StepFailed, match=r"not done in 0\.2 s"):
        await Commands(hangs, hangs, patience_s=0.2).start(Colour.BLUE)


async def test_a_program_that_is_not_there_is_said() -> None:
    words = words_of("--start", "no-such-program {colour}")
    with pytest.raises(StepFailed, match="no-such-program: No such file"):
        await Commands(words, words).start(Colour.BLUE)


@pytest.mark.parametrize("command", [START, STOP])
def test_what_is_run_by_default_is_a_command(command: str) -> None:
    assert words_of("--start", command)[0] == "systemctl"


@pytest.mark.parametrize("command", ["", "systemctl start alpine", "sh 'x {colour}"])
def test_what_cannot_be_meant_is_refused(command: str) -> None:
    with pytest.raises(InvalidInput, match="--start"):
        words_of("--start", command)
