"""Other weights, run beside the configured ones as controls; they decide nothing.

Each forecasts a rise with the mean of (1 + x) / 2 over the sources that spoke, by its weights:
`configured` with those of the profile, `equal` with equal ones, `alone` with one source, and
`adaptive` with (1 - γ) b + γ h, where AdaHedge learned h from the Brier losses of horizons that
were over when the forecast was made.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import fsum

import numpy as np
from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.market.instrument import Symbol
from argo_core.signals.calibration.bins import Floats
from argo_core.signals.skill.ada_hedge import AdaHedge, blend
from argo_core.signals.skill.horizons import apart
from argo_core.signals.skill.intervals import Estimate, estimate
from argo_core.signals.skill.judged import CONSENSUS, Judged
from argo_core.signals.skill.sample import DAY_US, Dice, block_sums
from argo_core.signals.skill.scores import brier, raw

CONFIGURED, EQUAL, ADAPTIVE, ALONE = "configured", "equal", "adaptive", "alone"


@frozen
class Shadow:
    """How some weights would have done over horizons of `horizon_s` seconds.

    `source` is who is `alone`. `horizons` do not overlap. `saved` is the Brier score of the
    configured weights over the same ones less its own: above 0 it was better. `weights` are those
    it would use now, by source.
    """

    name: str
    source: SourceName | None
    horizon_s: int
    horizons: int
    brier: Estimate
    saved: Estimate
    weights: Mapping[SourceName, float]


@frozen
class Round:
    """What all sources said of a symbol at one moment, None where one said nothing."""

    symbol: Symbol
    said_us: int
    known_us: int
    strengths: tuple[float | None, ...]
    rose: bool


def shadows(
    judged: Iterable[Judged], weights: Mapping[SourceName, float], dice: Dice
) -> tuple[Shadow, ...]:
    """The controls for every horizon; `weights` are the configured ones, of which some are above 0.

    Moments at which no source of the profile spoke are left out.
    """
    panel = sorted(source for source, weight in weights.items() if weight > 0)
    by_horizon: dict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.source != CONSENSUS:
            by_horizon[one.horizon_s].append(one)
    total = fsum(weights[source] for source in panel)
    prior = tuple(weights[source] / total for source in panel)
    found: list[Shadow] = []
    for horizon_s, members in sorted(by_horizon.items()):
        sources = [*panel, *sorted({one.source for one in members} - set(panel))]
        rounds = _rounds(members, sources, len(panel))
        if rounds:
            found += _of_horizon(horizon_s, rounds, sources, prior, dice)
    return tuple(found)


def adaptive_weights(
    rounds: Sequence[Round], prior: tuple[float, ...]
) -> tuple[Floats, tuple[float, ...]]:
    """The weights in each round, (rounds, K), learned from those that were over; and those now.

    The first K strengths of a round belong to the prior.
    """
    hedge, size = AdaHedge(prior), len(prior)
    ended = sorted(rounds, key=lambda one: (one.known_us, one.said_us, one.symbol))
    used, place = np.empty((len(rounds), size)), 0
    for number in sorted(range(len(rounds)), key=lambda number: rounds[number].said_us):
        while place < len(ended) and ended[place].known_us <= rounds[number].said_us:
            hedge = hedge.after(_losses(ended[place], size))
            place += 1
        used[number] = blend(prior, hedge.weights())
    for one in ended[place:]:
        hedge = hedge.after(_losses(one, size))
    return used, blend(prior, hedge.weights())


def _losses(one: Round, size: int) -> list[float | None]:
    outcome = float(one.rose)
    return [None if x is None else ((1 + x) / 2 - outcome) ** 2 for x in one.strengths[:size]]


def _rounds(judged: Iterable[Judged], sources: Sequence[SourceName], panel: int) -> list[Round]:
    moments: dict[tuple[Symbol, int, int], dict[SourceName, Judged]] = defaultdict(dict)
    for one in judged:
        spoken = moments[one.symbol, one.said_us, one.known_us]
        # Two strategies may have judged the same opinion.
        other = spoken.get(one.source)
        if other is None or (one.strength, one.went_up) < (other.strength, other.went_up):
            spoken[one.source] = one
    rounds = []
    for (symbol, said_us, known_us), spoken in moments.items():
        found = [spoken.get(source) for source in sources]
        strengths = tuple(None if one is None else one.strength for one in found)
        if any(x is not None for x in strengths[:panel]):
            rose = max(one.went_up for one in spoken.values())
            rounds.append(Round(symbol, said_us, known_us, strengths, rose))
    return apart(rounds, lambda one: one.symbol, lambda one: ())


def _of_horizon(
    horizon_s: int,
    rounds: Sequence[Round],
    sources: Sequence[SourceName],
    prior: tuple[float, ...],
    dice: Dice,
) -> list[Shadow]:
    rounds = sorted(rounds, key=lambda one: (one.said_us, one.symbol))
    rose = np.array([one.rose for one in rounds])
    said_us = np.array([one.said_us for one in rounds], dtype=np.int64)
    block_us = max(DAY_US, rounds[0].known_us - rounds[0].said_us)
    given = np.array([one.strengths for one in rounds], dtype=np.float64)
    spoke = ~np.isnan(given)
    p = np.where(spoke, raw(given), 0.0)
    size = len(prior)
    used, now = adaptive_weights(rounds, prior)
    configured = brier(_mixed(np.asarray(prior), p, spoke), rose)

    def shadow(
        name: str,
        per_round: Floats,
        weights: Mapping[SourceName, float],
        source: SourceName | None = None,
    ) -> Shadow:
        kept = ~np.isnan(per_round)
        columns = [kept[kept], per_round[kept], (configured - per_round)[kept]]
        sums = block_sums(said_us[kept], block_us, columns)
        draws = dice.of(len(sums))
        return Shadow(
            name=name,
            source=source,
            horizon_s=horizon_s,
            horizons=int(kept.sum()),
            brier=estimate(sums, draws, lambda all_: all_[..., 1] / all_[..., 0], ""),
            saved=estimate(sums, draws, lambda all_: all_[..., 2] / all_[..., 0], ""),
            weights=weights,
        )

    members, even = sources[:size], np.full(size, 1 / size)
    mixes = [
        shadow(CONFIGURED, configured, dict(zip(members, prior, strict=True))),
        shadow(EQUAL, brier(_mixed(even, p, spoke), rose), dict.fromkeys(members, 1 / size)),
        shadow(ADAPTIVE, brier(_mixed(used, p, spoke), rose), dict(zip(members, now, strict=True))),
    ]
    alone = [
        shadow(ALONE, np.where(spoke[:, at], brier(p[:, at], rose), np.nan), {source: 1.0}, source)
        for at, source in enumerate(sources)
        if spoke[:, at].any()
    ]
    return mixes + alone


def _mixed(weights: Floats, p: Floats, spoke: Floats) -> Floats:
    """The weighted mean of who spoke, (rounds,); weights are (K,) or (rounds, K)."""
    size = weights.shape[-1]
    heft = np.where(spoke[:, :size], weights, 0.0)
    mixed: Floats = (heft * p[:, :size]).sum(axis=1) / heft.sum(axis=1)
    return mixed
