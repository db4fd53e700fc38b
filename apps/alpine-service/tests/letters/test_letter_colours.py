"""Everything in a mail can be read, by day and by night."""

import re
from importlib.resources import files
from itertools import product

import pytest
from attrs import asdict

from alpine_service.domain.letters.palette import DARK, LIGHT, Palette

# Codes stand on the page's colour, within a card; a heading or a footnote may stand on either.
READ_ON = [*product(("text", "quiet", "accent", "buy", "sell"), ("card", "page"))]
READ_ON.append(("on_accent", "accent"))

# What the dashboard's style sheet calls them.
TOKENS = {
    "page": "ground",
    "card": "surface",
    "border": "line",
    "text": "text",
    "quiet": "text-2",
    "accent": "accent",
    "on_accent": "on-accent",
    "buy": "good",
    "sell": "bad",
}


def luminance(colour: str) -> float:
    """The relative luminance of an sRGB colour, by WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_the_standards() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ_ON)
def test_what_is_read_stands_out(palette: Palette, ink: str, ground: str) -> None:
    assert contrast(getattr(palette, ink), getattr(palette, ground)) >= 4.5


def test_mails_and_dashboard_have_the_same_colours() -> None:
    css = files("alpine_service.pages").joinpath("static/css/tokens.css").read_text()
    tokens = {
        name: (light, dark)
        for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", css)
    }

    ours = {TOKENS[name]: (light, asdict(DARK)[name]) for name, light in asdict(LIGHT).items()}

    assert ours.items() <= tokens.items()
