"""Links of Alpine's pages lead somewhere, and a line holds one sentence."""

import re
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
PAGES = [HOME / "README.md", *sorted((HOME / "docs").rglob("*.md"))]
_LISTING = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_CODE = re.compile(_LISTING.pattern + r"|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LOCAL_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)#?([^)\s]*)\)")
# Lists, tables and what is indented may say more than one thing in a line.
_PROSE = re.compile(r"^(?!\||- |  |\d+\. ).*[a-z)][.?!] [A-Z]", re.MULTILINE)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))


def _headings(page: Path) -> set[str]:
    """The page's headings as forges name them in addresses."""
    titles = re.findall(r"^#+ (.+)$", _LISTING.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@each_page
def test_links_lead_to_what_is_here(page: Path) -> None:
    for path, heading in _LOCAL_LINK.findall(_CODE.sub("", page.read_text("utf-8"))):
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(HOME), f"{path}: what is outside may not be there"
        assert target.exists(), path
        assert not heading or heading in _headings(target), f"{path}#{heading}"


@each_page
def test_a_line_holds_one_sentence(page: Path) -> None:
    assert _PROSE.findall(_CODE.sub("", page.read_text("utf-8"))) == []
