"""A strategy of one's own by the name of its file."""

from pathlib import Path

import pytest

from argo_core.errors import InvalidInput
from argo_core.testing.wandering_bars import wandering_panel
from argo_service.backtesting.own_strategy import FILE, is_file, own_strategy
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main

CROSS = """
from argo_core.backtest.strategies.sma_cross import SmaCross


class Mine:
    name = "mine"

    def __init__(self, fast, slow=8, loud=False, said="x"):
        self.made = {"fast": fast, "slow": slow, "loud": loud, "said": said}

    @property
    def parameters(self):
        return self.made

    def verdicts(self, panel):
        return SmaCross(self.made["fast"], self.made["slow"]).verdicts(panel)
"""
OTHER = CROSS.replace("class Mine", "class Other")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(CROSS)
    return path


def test_a_file_is_meant_by_its_suffix() -> None:
    assert [is_file(text) for text in ("a.py", "b/a.py:Mine", "sma-cross", "a.pyc")] == [
        *(True, True),
        *(False, False),
    ]


def test_it_is_made_with_numbers_choices_and_texts(file: Path) -> None:
    given = {"fast": "2", "slow": "8.5", "loud": "true", "said": "[1]"}
    made = own_strategy(str(file), given)
    assert made.inner.parameters == {"fast": 2, "slow": 8.5, "loud": True, "said": "[1]"}
    assert made.name == "mine"
    told = dict(made.parameters)
    assert len(told.pop(FILE)) == 64
    assert told == {"fast": "2", "slow": "8.5", "loud": "True", "said": "[1]"}


def test_other_code_is_another_strategy_though_it_has_the_same_name(file: Path) -> None:
    before = own_strategy(str(file), {"fast": "2"})
    file.write_text(CROSS + "# changed")
    after = own_strategy(str(file), {"fast": "2"})
    assert before.parameters != after.parameters
    panel = wandering_panel(40, 2)
    assert before.verdicts(panel) == after.verdicts(panel)


def test_a_class_of_several_is_named(file: Path) -> None:
    file.write_text(CROSS + OTHER)
    assert type(own_strategy(f"{file}:Other", {"fast": "2"}).inner).__name__ == "Other"
    with pytest.raises(InvalidInput, match=r"has several strategies; name one: .*:Mine or Other"):
        own_strategy(str(file), {"fast": "2"})
    with pytest.raises(InvalidInput, match="there is no 'Third' in"):
        own_strategy(f"{file}:Third", {})


@pytest.mark.parametrize(
    ("code", "given", "said"),
    [
        (None, {}, "--strategy: .* cannot be read"),
        ("def (", {}, "--strategy: .* cannot be loaded .SyntaxError"),
        ("1 / 0", {}, "--strategy: .* cannot be loaded .ZeroDivisionError"),
        ("x = 1", {}, "--strategy: there is no class with a method `verdicts`"),
        (CROSS, {}, "parameters: Mine: .*missing 1 required positional argument: 'fast'"),
        (CROSS, {"fast": "2", "fats": "3"}, "parameters: Mine: .*unexpected keyword argument"),
        ("class A:\n    def verdicts(self, panel): ...", {}, "--strategy: A has no `name`"),
    ],
)
def test_a_file_that_is_no_strategy_is_refused(
    tmp_path: Path, code: str | None, given: dict[str, str], said: str
) -> None:
    path = tmp_path / "mine.py"
    if code is not None:
        path.write_text(code)
    with pytest.raises(InvalidInput, match=said):
        own_strategy(str(path), given)


def test_a_folder_and_a_missing_suffix_are_no_files_of_python(tmp_path: Path) -> None:
    (tmp_path / "mine.py").mkdir()
    with pytest.raises(InvalidInput, match="cannot be read"):
        own_strategy(str(tmp_path / "mine.py"), {})


def test_the_command_trades_it(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(file.parent)
    monkeypatch.setenv("COLUMNS", "200")
    asked = ["half-day", "--strategy", "mine.py", "-p", "fast=2", "--symbols", "SW"]
    assert main(["backtest", *asked, "--no-benchmarks", "--lookahead"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert "mine (fast 2, slow 8, loud False, said x, file_sha256 " in shown
    assert "found no verdict that changes" in shown
    assert main(["backtest", "--strategy", "other.py"]) == Exit.WRONG_USE
    assert "--strategy: other.py cannot be read" in capsys.readouterr().err
