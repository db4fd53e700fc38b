"""Colours can be told apart by everybody, in both themes."""

from pathlib import Path

import pytest

from alpine_service.pages import static_files
from alpine_service.pages.admin.colours import Pair, contrast, pairs, read_tokens

TOKENS = read_tokens((static_files.FOLDER / "css/tokens.css").read_text("utf-8"))
PAIRS = pairs(TOKENS)
STYLESHEETS = sorted((static_files.FOLDER / "css").glob("*.css"))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.478),
        ("#767676", "#ffffff", 4.542),
        ("#ff0000", "#ffffff", 3.998),
        ("#0000ff", "#ffffff", 8.592),
        ("#123456", "#123456", 1.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.front} on {pair.back}")
def test_every_pair_that_is_used_can_be_read_in_both_themes(pair: Pair) -> None:
    assert pair.is_enough, f"{pair.contrasts} where {pair.least} is the least"


def test_words_and_borders_are_looked_at_on_every_ground() -> None:
    seen = {(pair.front, pair.back): pair.least for pair in PAIRS}
    for ground in ("ground", "surface", "raised", "sunken"):
        for word in ("text", "text-2", "accent", "good", "bad", "warn"):
            assert seen[word, ground] == 4.5
        assert seen["line-strong", ground] == 3.0
    for word in ("accent", "good", "bad", "warn"):
        assert seen[word, f"{word}-soft"] == 4.5


def test_a_pair_that_cannot_be_read_is_found() -> None:
    weak = read_tokens("--a: light-dark(#999999, #ffffff);")

    assert contrast(weak.colours["a"][0], weak.colours["a"][1]) < 4.5


@pytest.mark.parametrize("sheet", STYLESHEETS, ids=lambda path: path.name)
def test_colours_are_in_the_tokens_and_nowhere_else(sheet: Path) -> None:
    text = sheet.read_text("utf-8")

    assert sheet.name == "tokens.css" or ("light-dark(" not in text and "rgb(" not in text)
