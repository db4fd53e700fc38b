"""Confidence as bars of blocks, coloured by the source each part comes from."""

from collections.abc import Iterable
from typing import Final, Protocol

from rich.text import Text

from argo_core.consensus.opinion import STEPS
from argo_core.consensus.reasons import Direction

COLOURS: Final = {
    "massive": "cyan",
    "alpha_vantage": "yellow",
    "grok": "magenta",
    "sonar": "blue",
}
DIRECTIONS: Final = {
    Direction.BUY: "bold green",
    Direction.SELL: "bold red",
    Direction.HOLD: "dim",
}
BAR_WIDTH: Final = 24
_FULL, _HATCHED = "█", "░"


class Part(Protocol):
    """A source's part of a confidence, in signed basis points."""

    @property
    def source(self) -> str: ...

    @property
    def phi_bp(self) -> int: ...


def colour(source: str) -> str:
    return COLOURS.get(source, "white")


def confidence_bar(parts: Iterable[Part], width: int = BAR_WIDTH) -> Text:
    """A cell for every `100 / width` percent; solid says buy, hatched says sell."""
    bar = Text()
    for part in parts:
        cells = round(abs(part.phi_bp) * width / STEPS)
        bar.append((_HATCHED if part.phi_bp < 0 else _FULL) * cells, colour(part.source))
    bar.append(" " * max(0, width - bar.cell_len))
    return bar


def legend(sources: Iterable[str]) -> Text:
    """Which colour is which source."""
    text = Text()
    for source in sources:
        text.append(f"{_FULL} {source}   ", colour(source))
    text.append(f"{_FULL} says buy   {_HATCHED} says sell", "dim")
    return text
