"""The command as such: names, versions, wrong use."""

from importlib.metadata import version

import pytest

from alpine_service.cli.main import main
from alpine_service.testing.operating import Operator

NOBODY = Operator({})


async def test_every_verb_explains_itself() -> None:
    done = await NOBODY("--help")

    verbs = [
        "serve",
        "migrate",
        "doctor",
        "user",
        "key",
        "witness",
        "verify",
        "export",
        "quarantine",
        "demo",
    ]
    assert [verb for verb in verbs if f"    {verb}" not in done.out] == []


def test_version_names_the_installed_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"alpine {version('alpine-service')}\n"


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])

    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


async def test_a_wrong_setting_is_one_clear_line_and_exit_code_2() -> None:
    done = await NOBODY("serve", ALPINE_PORT="http", code=2)

    assert done.out == ""
    assert done.errors == (
        "alpine: ALPINE_PORT: 'http' is not a number; give a whole number from 0 to 65535\n"
    )


async def test_a_database_that_is_away_is_one_line_without_its_password() -> None:
    url = "postgresql://alpine_app:open-sesame@127.0.0.1:1/alpine"
    done = await NOBODY("user", "list", ALPINE_DATABASE_URL=url, code=1)

    (line,) = done.errors.splitlines()
    assert line.startswith("alpine: 127.0.0.1:1/alpine: ")
    assert "open-sesame" not in done.out + done.errors
