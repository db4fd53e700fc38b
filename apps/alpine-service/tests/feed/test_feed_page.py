"""The vectors and the table of members are those of the publisher's page, where that is at hand."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from alpine_service.domain.feed.rules import COMMON, KINDS
from alpine_service.domain.feed.values import (
    COUNT,
    DECIMAL,
    DIGEST,
    FLAG,
    TEXT,
    TIME,
    WORD,
    Check,
    Value,
)

HERE = Path(__file__).parent
PAGES = HERE.parents[3] / "docs" / "reference"
NAMED = {
    "count": COUNT,
    "decimal": DECIMAL,
    "digest": DIGEST,
    "flag": FLAG,
    "text": TEXT,
    "time": TIME,
    "word": WORD,
}
# Values around every bound of the table, and texts that match some of its patterns.
SAMPLES: tuple[Value, ...] = (
    *("", " ", "a", "A", "a_b", "a1", "1a", "BUY", "SELL", "HOLD", "buy", "open", "delayed"),
    *("target", "stop", "expired", "void", "checkpoint", "witness", "signal", "AAPL", "BRK.B"),
    *("BTC/USD", "AAPL MSFT", "A" * 16, "A" * 17, "x.y-z", "x" * 128, "x" * 129, "log+1", "é"),
    *("submitted", "filled", "cancelled", "rejected", "x\n", "BUY\n", "~" * 255, "~" * 256),
    *(-100_000_001, -100_000_000, -10_001, -10_000, -1, 0, 1, 2, 12, 18, 19, 10_000, 10_001),
    *(100_000_000, 100_000_001, 1_000_000_000, 1_000_000_001, 2**53 - 1, 2**53),
)


def test_the_vectors_are_the_publishers() -> None:
    name = "signal-feed-vectors.json"
    assert (HERE / name).read_bytes() == _page(name).read_bytes()


def test_the_table_of_members_is_the_publishers() -> None:
    rows = {(kind, member): rest for kind, member, *rest in _rows()}
    assert {place: needed for place, (_, needed) in rows.items()} == {
        place: needed for place, (_, needed) in _ours().items()
    }
    for place, (check, _) in _ours().items():
        wanted = rows[place][0]
        if wanted in NAMED:
            assert check is NAMED[wanted], place
        else:
            for sample in SAMPLES:
                assert bool(check.accepts(sample)) == _accepted(wanted, sample), (place, sample)


def _accepted(wanted: str, sample: Value) -> bool:
    if bounds := re.fullmatch(r"integer (-?\d+) to (-?\d+)", wanted):
        return isinstance(sample, int) and int(bounds[1]) <= sample <= int(bounds[2])
    return isinstance(sample, str) and re.fullmatch(wanted, sample) is not None


def _ours() -> dict[tuple[str, str], tuple[Check, str]]:
    found = {("all", name): (check, "yes") for name, check in COMMON.items()}
    for kind, rule in KINDS.items():
        found |= {(kind, name): (check, "yes") for name, check in rule.needed.items()}
        found |= {(kind, name): (check, "no") for name, check in rule.optional.items()}
        for group in rule.groups:
            found |= {(kind, name): (check, "group") for name, check in group.members.items()}
    return found


def _rows() -> Iterator[list[str]]:
    text = _page("signal-feed.md").read_text("utf-8")
    table = text.partition("<!-- table: rules -->")[2].partition("<!-- end -->")[0]
    for line in table.strip().split("\n")[2:]:
        cells = re.split(r"(?<!\\)\|", line)[1:-1]
        yield [cell.strip().strip("`").replace("\\|", "|") for cell in cells]


def _page(name: str) -> Path:
    page = PAGES / name
    if not page.exists():
        pytest.skip("the publisher's pages are not in this tree")
    return page
