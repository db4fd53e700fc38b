"""What each source gave to a signal's confidence, as pieces of a bar around its middle.

Contributions (`phi_*_bp`) add up to the signed confidence. Those for a rise lie to the right of the
middle, those for a fall to the left, each as wide as it counts, so that the reach of the bar's two
sides apart from each other is the confidence.
"""

from collections.abc import Mapping

from attrs import frozen

from alpine_service.domain.signals.counted import opinions_of
from alpine_service.pages.formats import change_bp, source_name

WIDTH = 200
_MIDDLE = WIDTH / 2
_FULL_BP = 10_000
# Colours there are; see `--source-1` in tokens.css.
SLOTS = 4


@frozen
class Share:
    """One source's piece: from `x`, `width` wide, in the colour of `slot`, 1 to `SLOTS`."""

    source: str
    label: str
    phi_bp: int
    strength_e4: int
    words: str
    x: float
    width: float
    slot: int


@frozen
class Shares:
    """All of a signal's; `words` says the same as the bar."""

    pieces: tuple[Share, ...]
    words: str


def shares_of(members: Mapping[str, str | int]) -> Shares:
    """Of the members of a signal's entry; no pieces where nothing is known."""
    pieces: list[Share] = []
    right = left = _MIDDLE
    opinions = sorted(opinions_of(members), key=lambda each: each.source)
    for place, opinion in enumerate(opinions):
        width = abs(opinion.phi_bp) / _FULL_BP * _MIDDLE
        if opinion.phi_bp >= 0:
            x, right = right, right + width
        else:
            left -= width
            x = left
        pieces.append(
            Share(
                opinion.source,
                source_name(opinion.source),
                opinion.phi_bp,
                opinion.strength_e4,
                change_bp(opinion.phi_bp, 1),
                round(x, 2),
                round(width, 2),
                place % SLOTS + 1,
            )
        )
    words = ", ".join(f"{each.label} {each.words}" for each in pieces)
    return Shares(tuple(pieces), words or "Contributions are not known")
