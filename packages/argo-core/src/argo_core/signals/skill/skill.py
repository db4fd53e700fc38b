"""Everything there is to say about how good the sources were."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput
from argo_core.signals.calibration.calibration import Calibration, Running, calibrate
from argo_core.signals.skill.cell import Cell, cell_of
from argo_core.signals.skill.judged import CONSENSUS, Judged
from argo_core.signals.skill.price import Price, Spent, prices
from argo_core.signals.skill.sample import Dice, Sample
from argo_core.signals.skill.shadows import Shadow, shadows

REPLICATES = 1_000
"""So many histories are drawn for an interval."""

_POINTS = 21

Samples = Mapping[tuple[SourceName, int], Sample]


@frozen
class Fitted:
    """The calibration of a source now: what its strengths are worth as probabilities of a rise.

    `points` are (strength, probability) from -1 to 1 in steps of .1.
    """

    source: SourceName
    horizon_s: int
    method: str
    outcomes: int
    points: tuple[tuple[float, float], ...]


@frozen
class Skill:
    """How good the sources were, from judged opinions.

    `cells` are by source and horizon, in all regimes first and then in each; the published
    confidence itself comes last, as `*consensus*`. `explored` are the same figures for opinions
    whose ask bypassed the gate alone, `known_asks` how many opinions say whether theirs did.
    """

    opinions: int
    known_asks: int
    cells: tuple[Cell, ...]
    explored: tuple[Cell, ...]
    calibrations: tuple[Fitted, ...]
    shadows: tuple[Shadow, ...]
    prices: tuple[Price, ...]


def skill_of(
    judged: Iterable[Judged],
    weights: Mapping[SourceName, float] | None = None,
    spent: Mapping[SourceName, Spent] | None = None,
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> Skill:
    """The skill in these opinions, whatever their order.

    `weights` are the configured ones; without them all sources count the same. `seed` fixes what
    is drawn for intervals.

    Raises:
        InvalidInput: no weight is above 0, or one is below or no number.
    """
    opinions = tuple(judged)
    dice = Dice(replicates, seed)
    samples = samples_of(opinions)
    asks = [one for one in opinions if one.explored is not None]
    explored = [one for one in asks if one.explored]
    return Skill(
        opinions=len(opinions),
        known_asks=len(asks),
        cells=_cells(opinions, samples, dice),
        explored=_cells(explored, samples_of(explored), dice),
        calibrations=tuple(
            _fitted(*key, calibration) for key, calibration in _curves(samples).items()
        ),
        shadows=shadows(opinions, _weights(opinions, weights), dice) if opinions else (),
        prices=prices(samples, spent or {}),
    )


def calibrations(judged: Iterable[Judged]) -> Mapping[tuple[SourceName, int], Calibration]:
    """The calibration now of each source and horizon in seconds."""
    return _curves(samples_of(judged))


def confidence_so_far(judged: Iterable[Judged]) -> Mapping[int, Running]:
    """What published confidences came to, by horizon in seconds, as it was known at any moment."""
    samples = samples_of([one for one in judged if one.source == CONSENSUS])
    return {horizon_s: one.running for (_, horizon_s), one in samples.items()}


def samples_of(judged: Iterable[Judged]) -> Samples:
    """The opinions by source and horizon, the consensus last."""
    groups: dict[tuple[SourceName, int], list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.source, one.horizon_s].append(one)
    keys = sorted(groups, key=lambda key: (key[0] == CONSENSUS, key))
    return {key: Sample.of(groups[key]) for key in keys}


def _curves(samples: Samples) -> dict[tuple[SourceName, int], Calibration]:
    return {key: calibrate(one.strengths, one.rose) for key, one in samples.items()}


def _fitted(source: SourceName, horizon_s: int, calibration: Calibration) -> Fitted:
    strengths = np.round(np.linspace(-1, 1, _POINTS), 1)
    rises = calibration.curve.probabilities(strengths)
    points = tuple(zip((strengths + 0.0).tolist(), rises.tolist(), strict=True))
    return Fitted(source, horizon_s, calibration.method.value, calibration.outcomes, points)


def _cells(opinions: Iterable[Judged], samples: Samples, dice: Dice) -> tuple[Cell, ...]:
    counts: Counter[tuple[SourceName, int, str | None]] = Counter()
    for one in opinions:
        counts[one.source, one.horizon_s, None] += 1
        counts[one.source, one.horizon_s, one.regime.value] += 1
    return tuple(
        cell_of(
            sample,
            dice,
            source=source,
            horizon_s=horizon_s,
            opinions=counts[source, horizon_s, regime],
            regime=regime,
        )
        for (source, horizon_s), sample in samples.items()
        for regime in (None, *sorted(set(sample.regimes)))
    )


def _weights(
    opinions: Iterable[Judged], weights: Mapping[SourceName, float] | None
) -> Mapping[SourceName, float]:
    if weights is None:
        return dict.fromkeys({one.source for one in opinions} - {CONSENSUS}, 1.0)
    if not all(0 <= one < float("inf") for one in weights.values()) or not any(weights.values()):
        raise InvalidInput("weights", f"{dict(weights)} are none", "give some above 0, none below")
    return weights
