"""The colours, sizes and spaces of `tokens.css` as values, and how well colours can be told apart.

Contrast is that of WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio: 4.5 is the least for
words, 3 for the borders of what is pressed or filled in.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

_COLOUR = re.compile(r"--([a-z0-9-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
_LENGTH = re.compile(r"--((?:size|space)-[0-9]+):\s*([0-9.]+)rem;")
_LEAST_FOR_WORDS, _LEAST_FOR_LINES = 4.5, 3.0

# sRGB as WCAG has it.
_KNEE, _SLOPE, _OFFSET, _GAMMA = 0.04045, 12.92, 0.055, 2.4
_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722
_FLARE = 0.05

_GROUNDS = ("ground", "surface", "raised", "sunken")
_WORDS = ("text", "text-2", "accent", "good", "bad", "warn", "still")
_SOURCES = ("source-1", "source-2", "source-3", "source-4")
# Every pair that pages use: what is seen on what, and how well it has to be.
_PAIRS: tuple[tuple[str, str, float], ...] = (
    *((word, ground, _LEAST_FOR_WORDS) for word in _WORDS for ground in _GROUNDS),
    *((word, f"{word}-soft", _LEAST_FOR_WORDS) for word in ("accent", "good", "bad", "warn")),
    *(("text", f"{soft}-soft", _LEAST_FOR_WORDS) for soft in ("accent", "good", "bad", "warn")),
    ("on-accent", "accent", _LEAST_FOR_WORDS),
    *(("line-strong", ground, _LEAST_FOR_LINES) for ground in _GROUNDS),
    *((source, ground, _LEAST_FOR_LINES) for source in _SOURCES for ground in _GROUNDS),
)


@frozen
class Tokens:
    """`colours` are by name, for light and for dark; `lengths` are in rem."""

    colours: Mapping[str, tuple[str, str]]
    lengths: Mapping[str, float]


@frozen
class Pair:
    """One colour on another, with its contrast in both themes."""

    front: str
    back: str
    fronts: tuple[str, str]
    backs: tuple[str, str]
    contrasts: tuple[float, float]
    least: float

    @property
    def is_enough(self) -> bool:
        return min(self.contrasts) >= self.least


def read_tokens(stylesheet: str) -> Tokens:
    """What a stylesheet defines by `light-dark(#rrggbb, #rrggbb)`, and sizes and spaces in rem."""
    colours = {name: (light, dark) for name, light, dark in _COLOUR.findall(stylesheet)}
    lengths = {name: float(rem) for name, rem in _LENGTH.findall(stylesheet)}
    return Tokens(MappingProxyType(colours), MappingProxyType(lengths))


def contrast(one: str, other: str) -> float:
    """From 1 for the same to 21 for black and white; colours are `#rrggbb`."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + _FLARE) / (darker + _FLARE)


def pairs(tokens: Tokens) -> list[Pair]:
    """Every pair that pages use. KeyError: a colour of one is not defined."""
    return [_pair(tokens, *each) for each in _PAIRS]


def _pair(tokens: Tokens, front: str, back: str, least: float) -> Pair:
    fronts, backs = tokens.colours[front], tokens.colours[back]
    contrasts = (contrast(fronts[0], backs[0]), contrast(fronts[1], backs[1]))
    return Pair(front, back, fronts, backs, contrasts, least)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return _RED * red + _GREEN * green + _BLUE * blue


def _linear(part: float) -> float:
    """A channel of sRGB without its gamma."""
    if part <= _KNEE:
        return part / _SLOPE
    return float(((part + _OFFSET) / (1 + _OFFSET)) ** _GAMMA)
