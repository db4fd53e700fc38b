"""Pages say what the code does, and their links lead somewhere."""

import re
from pathlib import Path

import attrs
import pytest
from docs.tables import TABLES, pace, pages, renewed
from docs.words import (
    BREAKER,
    CAUSES,
    DRIFTS,
    EXITS,
    FEES,
    MEMBERS,
    PACE,
    REASONS,
    RELIEFS,
    SETTINGS,
    SOURCE_SETTINGS,
)

from argo_core.consensus.reasons import Reason
from argo_core.ledger.entry import KINDS
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.trading.drift import DriftKind
from argo_core.trading.holding import ExitReason
from argo_core.trading.paper.fees import FeeSchedule
from argo_core.trading.state import Cause, Relief
from argo_service.config.reader import leaves
from argo_service.config.tree import Settings

ROOT = Path(__file__).parents[2]
# A company of its own that may have been deleted; its pages are its own affair.
STRANGER = ROOT / "apps" / "alpine-service"
PAGES = sorted(
    page
    for place in ("*.md", "docs/**/*.md", "packages/**/*.md", "apps/argo-service/**/*.md")
    for page in ROOT.glob(place)
    if not any(part.startswith(".") for part in page.relative_to(ROOT).parts)
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _links(page: Path) -> list[tuple[Path, str]]:
    """The files of this repository that a page leads to, and the anchors in them."""
    found = []
    for link in LINK.findall(CODE.sub("", page.read_text("utf-8"))):
        if "://" not in link and not link.startswith("mailto:"):
            path, _, anchor = link.partition("#")
            found.append(((page.parent / path).resolve() if path else page, anchor))
    return found


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_its_tables_are_what_the_code_says(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == renewed(text), "run `python -m docs.tables`"


def test_every_table_stands_on_a_page() -> None:
    text = "".join(page.read_text("utf-8") for page in pages())
    assert [name for name in TABLES if f"<!-- table: {name} -->" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_its_links_lead_somewhere(page: Path) -> None:
    for target, anchor in _links(page):
        if not target.is_relative_to(STRANGER):
            assert target.exists(), target
            assert not anchor or anchor in _anchors(target), (target, anchor)


@pytest.mark.skipif(not STRANGER.exists(), reason="Alpine is not here")
@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_its_links_to_the_stranger_lead_somewhere(page: Path) -> None:
    for target, anchor in _links(page):
        if target.is_relative_to(STRANGER):
            assert target.exists(), target
            assert not anchor or anchor in _anchors(target), (target, anchor)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_its_lines_hold_one_sentence_each(page: Path) -> None:
    prose = CODE.sub("", page.read_text("utf-8"))
    lines = [line for line in prose.splitlines() if not re.match(r"\||- |  |\d+\. ", line)]
    assert [line for line in lines if re.search(r"[a-z)][.?!] [A-Z]", line)] == []


def test_every_name_in_the_tables_has_its_words_and_no_word_is_left_over() -> None:
    assert set(REASONS) == set(Reason)
    assert (set(CAUSES), set(RELIEFS)) == (set(Cause), set(Relief))
    assert (set(EXITS), set(DRIFTS)) == (set(ExitReason), set(DriftKind))
    assert set(FEES) == {each.name for each in attrs.fields(FeeSchedule)}
    assert set(PACE) == set(pace())
    assert set(BREAKER) == {each.name for each in attrs.fields(BreakerPolicy)}
    vendors = {key for key in leaves(Settings) if key.startswith("sources.")}
    assert set(SETTINGS) == set(leaves(Settings)) - vendors
    assert set(SOURCE_SETTINGS) == {key.split(".", 2)[2] for key in vendors}
    members: set[str] = set()
    for kind in KINDS.values():
        members |= {*kind.required, *kind.optional}
        members |= {name for group in kind.groups for name in group.members}
    assert set(MEMBERS) == members
