"""Colours and sizes of charts: real ones in notebooks, the page's own variables on a page."""

from attrs import evolve, frozen

_PHONE = 5.0
"""Inches."""


@frozen(kw_only=True)
class Look:
    """Colours, and the figure's `width` in inches with the size of its letters in points.

    `others` are for benchmarks, which have a pattern each as well. `points` is how many of a
    line are drawn at most.
    """

    ink: str = "#14181f"
    soft: str = "#56606e"
    line: str = "#e2e5ea"
    strategy: str = "#2a54dc"
    good: str = "#08704a"
    bad: str = "#b3261e"
    warn: str = "#8a5300"
    others: tuple[str, ...] = ("#00757f", "#7a3fc4", "#a04a00", "#56606e")
    width: float = 10.5
    letters: float = 8.5
    points: int = 1_200

    def other(self, place: int) -> str:
        """The colour of the benchmark at `place`."""
        return self.others[place % len(self.others)]

    @property
    def narrow(self) -> bool:
        """Whether it is for a phone's page."""
        return self.width < _PHONE

    def half(self) -> "Look":
        """For a chart that has half of a wide page, and all of a narrow one."""
        return self if self.narrow else evolve(self, width=self.width / 2)


DASHES = ("-", (0, (5, 1.6)), (0, (2, 1.4)), (0, (6, 1.5, 1.5, 1.5)))
"""Patterns of the benchmarks' lines."""

NOTEBOOK = Look()

# Colours that nothing else has stand for variables of the page, which know light and dark.
VARIABLES = {
    "#fe0001": "text",
    "#fe0002": "text-2",
    "#fe0003": "line",
    "#fe0004": "accent",
    "#fe0005": "good",
    "#fe0006": "bad",
    "#fe0007": "warn",
    "#fe0008": "other-1",
    "#fe0009": "other-2",
    "#fe000a": "other-3",
    "#fe000b": "other-4",
}
_INK, _SOFT, _LINE, _STRATEGY, _GOOD, _BAD, _WARN, *_OTHERS = VARIABLES

WIDE = Look(
    ink=_INK,
    soft=_SOFT,
    line=_LINE,
    strategy=_STRATEGY,
    good=_GOOD,
    bad=_BAD,
    warn=_WARN,
    others=tuple(_OTHERS),
)
NARROW = Look(
    ink=_INK,
    soft=_SOFT,
    line=_LINE,
    strategy=_STRATEGY,
    good=_GOOD,
    bad=_BAD,
    warn=_WARN,
    others=tuple(_OTHERS),
    width=4.6,
    letters=9.5,
    points=400,
)
