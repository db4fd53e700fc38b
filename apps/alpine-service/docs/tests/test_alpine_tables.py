"""Tables in Alpine's pages are those of the code, and every setting is described."""

import re
from pathlib import Path

import pytest
from docs.tables import HOME, pages, written

from alpine_service.settings import NAMES, SOURCES

# Set by those who test, not by those who run it.
_OURS = {"ALPINE_TORTURE_KILLS", "ALPINE_SCREENSHOTS", "ALPINE_LOOKS"}
_ROW = re.compile(r"^\| `(ALPINE_[A-Z_]+)` \|", re.MULTILINE)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(HOME)))
def test_tables_are_current(page: Path) -> None:
    text = page.read_text("utf-8")
    assert written(text) == text, "python -m docs.tables writes them"


def test_every_setting_is_described_once() -> None:
    described = _ROW.findall((HOME / "docs/reference/settings.md").read_text("utf-8"))
    assert sorted(described) == sorted((NAMES - _OURS) | SOURCES)


def test_the_readme_and_the_example_name_settings_that_there_are() -> None:
    for path in (HOME / "README.md", HOME / "deploy/alpine.env.example"):
        named = set(re.findall(r"\bALPINE_[A-Z_]+\b", path.read_text("utf-8")))
        assert named <= NAMES | SOURCES
        assert named
