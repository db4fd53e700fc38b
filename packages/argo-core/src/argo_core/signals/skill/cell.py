"""The figures of one source over one horizon, in one regime or in all."""

from typing import Final

import numpy as np
from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.signals.calibration.bins import Flags, Floats, bin_of, edges_of
from argo_core.signals.skill.intervals import Estimate, Proportion, estimate, wilson
from argo_core.signals.skill.sample import Dice, Sample, block_sums
from argo_core.signals.skill.scores import Parts, brier, log_score, parts, raw

# Columns of the sums over blocks.
_N, _ROSE, _SPOKE, _HIT = range(4)
_SCORES: Final = 4

_ONE_WAY: Final = "the price always went the same way"
_SILENT: Final = "it never took a side"


@frozen
class Point:
    """One bin of a reliability curve: strengths from `low` to `high`, and what came of them.

    `raw` and `calibrated` are the mean probabilities that were given, `rose` is how often the price
    rose then.
    """

    low: float
    high: float
    raw: float
    calibrated: float
    rose: Proportion


@frozen
class Scored:
    """A forecast's mean Brier and logarithmic score, and its skill against the base rate.

    The skill is 1 - Brier / Brier of the base rate, which is that of the same opinions and so knows
    what was to come: 0 is as good as that, 1 is perfect, and below 0 the base rate is better.
    Intervals are from whole blocks of time drawn anew.
    """

    brier: Estimate
    log_score: Estimate
    skill: Estimate


@frozen
class Cell:
    """How good one source was over horizons of `horizon_s` seconds, in a regime, or in all (None).

    `opinions` were judged; `horizons` of them, which do not overlap, are what is counted, in
    `blocks` blocks of time. `base_rate` is the share of rises, `base_brier` what knowing it alone
    would lose. `raw` takes (1 + x) / 2 for a probability; `calibrated` is what a curve fitted on
    outcomes known by then said. A hit is a rise after a strength above 0 or a fall after one below;
    the interval of `hits` takes horizons of symbols to be independent, that of `hit_rate` does not.
    `parts` are those of the raw Brier score by the bins of the curve, `reliability`.
    """

    source: SourceName
    horizon_s: int
    regime: str | None
    opinions: int
    horizons: int
    blocks: int
    base_rate: float
    base_brier: float
    raw: Scored
    calibrated: Scored
    hits: Proportion
    hit_rate: Estimate
    parts: Parts
    reliability: tuple[Point, ...]


def cell_of(
    sample: Sample,
    dice: Dice,
    *,
    source: SourceName,
    horizon_s: int,
    opinions: int,
    regime: str | None = None,
) -> Cell:
    """The figures of those of the sample in that regime, at least one; of all where it is None."""
    mine = np.array([regime in {None, one} for one in sample.regimes])
    strengths, rose = sample.strengths[mine], sample.rose[mine]
    plain, calibrated = raw(strengths), sample.calibrated[mine]
    spoke, hit = strengths != 0, (strengths > 0) == rose
    scores = [score(p, rose) for p in (plain, calibrated) for score in (brier, log_score)]
    columns = [np.ones(len(rose)), rose, spoke, spoke & hit, *scores]
    sums = block_sums(sample.said_us[mine], sample.block_us, columns)
    draws = dice.of(len(sums))

    def scored(first: int) -> Scored:
        return Scored(
            brier=estimate(sums, draws, lambda all_: _ratio(all_, first, _N), ""),
            log_score=estimate(sums, draws, lambda all_: _ratio(all_, first + 1, _N), ""),
            skill=estimate(sums, draws, lambda all_: _skill(all_, first), _ONE_WAY),
        )

    base = float(rose.mean())
    return Cell(
        source=source,
        horizon_s=horizon_s,
        regime=regime,
        opinions=opinions,
        horizons=len(rose),
        blocks=len(sums),
        base_rate=base,
        base_brier=base * (1 - base),
        raw=scored(_SCORES),
        calibrated=scored(_SCORES + 2),
        hits=wilson(int((spoke & hit).sum()), int(spoke.sum())),
        hit_rate=estimate(sums, draws, lambda all_: _ratio(all_, _HIT, _SPOKE), _SILENT),
        parts=parts(plain, rose, bin_of(strengths)),
        reliability=_curve(strengths, rose, calibrated),
    )


def _ratio(sums: Floats, above: int, below: int) -> Floats:
    over = sums[..., below]
    return np.divide(sums[..., above], over, out=np.full_like(over, np.nan), where=over > 0)


def _skill(sums: Floats, score: int) -> Floats:
    rate = _ratio(sums, _ROSE, _N)
    base = np.asarray(rate * (1 - rate))
    lost = np.asarray(_ratio(sums, score, _N))
    return 1 - np.divide(lost, base, out=np.full_like(base, np.nan), where=base > 0)


def _curve(strengths: Floats, rose: Flags, calibrated: Floats) -> tuple[Point, ...]:
    bins = bin_of(strengths)
    points = []
    for number in np.unique(bins).tolist():
        mine = bins == number
        low, high = edges_of(number)
        said, told = float(raw(strengths[mine]).mean()), float(calibrated[mine].mean())
        share = wilson(int(rose[mine].sum()), int(mine.sum()))
        points.append(Point(low, high, said, told, share))
    return tuple(points)
