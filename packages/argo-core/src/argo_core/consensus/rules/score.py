"""What a rule gives back, and the one scale all rules share."""

import math

from attrs import field, frozen

from argo_core.consensus.opinion import Fact, quantise


@frozen
class Score:
    """A strength in [-1, 1], as an opinion has it, and the facts it rests on, weightiest first."""

    strength: float = field(converter=quantise)
    facts: tuple[Fact, ...] = ()


def strength(evidence: float) -> float:
    """Evidence in standard deviations of chance, turned into a strength: erf(Z / 2).

    Say the price's drift over the window is unknown, as likely down as up, and as large as the
    window's noise: drift ~ N(0, s^2), observed move ~ N(drift, s^2), Z = move / s. Then the
    drift given the move is normal with mean / deviation = Z / sqrt(2), and
    P(up) - P(down) = 2 Phi(Z / sqrt(2)) - 1 = erf(Z / 2). Two deviations give 0.84, one gives 0.52,
    a third of one 0.19. It is a strength on a stated model, not a promise of being right.
    """
    return math.erf(evidence / 2)


def said(value: float, digits: int) -> str:
    """A number for a fact, with that many decimals, and never `-0`."""
    return f"{round(value, digits) + 0.0:.{digits}f}"
