"""Promised against observed: hidden moves by rule, symbol and phase, on recorded bars."""

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import frozen

from argo_core.backtest.hidden_moves import Watched, hidden
from argo_core.backtest.market_time import Numbers
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.session import Phase
from argo_core.resilience.table_policy import TablePolicy
from argo_core.resilience.ttl import FirstPassage

PLAIN, INFLATED, FULL, TABLE = "plain", "inflated", "full", "table"
RULES = (PLAIN, INFLATED, FULL, TABLE)
"""First passage as it is; with inflated volatility; with the jump budget too; the table's TTLs."""


@frozen
class Row:
    """What became of the answers that one rule gave in one phase; all phases where it is None.

    The shares with a hidden move: `observed`, between `least` and `most` (see `hidden_moves`).
    `jump_bound` is the share of answers whose TTL the rate of jumps decided. Of TTLs, in session
    seconds, the median is told.
    """

    symbol: Symbol
    phase: Phase | None
    rule: str
    answers: int
    ttl_s: float
    least: float
    observed: float
    most: float
    jump_bound: float


@frozen(eq=False)
class Case:
    """One symbol as watched, with the TTLs of every rule, in session seconds."""

    instrument: Instrument
    watched: Watched
    ttls_s: Mapping[str, Numbers]
    diffusion_s: Numbers

    def rows(self, move: float) -> tuple[Row, ...]:
        """One row for each rule and phase, and one for each rule over all phases."""
        phases = np.array([phase.value for phase in self.watched.phases])
        found = []
        for rule, ttls_s in self.ttls_s.items():
            moves = hidden(self.watched, ttls_s, move)
            seen = ~np.isnan(moves.estimate)
            by_jumps = ttls_s < self.diffusion_s if rule == FULL else np.zeros(len(ttls_s))
            of_all = (None, *(one for one in Phase if one in phases[seen])) if seen.any() else ()
            for phase in of_all:
                here = seen if phase is None else seen & (phases == phase.value)
                shares = (
                    float(each[here].mean())
                    for each in (moves.least, moves.estimate, moves.most, by_jumps)
                )
                ttl_s, count = float(np.median(ttls_s[here])), int(here.sum())
                found.append(Row(self.instrument.symbol, phase, rule, count, ttl_s, *shares))
        return tuple(found)


def cases(
    watched: Mapping[Instrument, Watched], passage: FirstPassage, table: TablePolicy, outside: float
) -> tuple[Case, ...]:
    """Every symbol with its TTLs; the table's are scaled to cost as many calls as the full rule.

    The scale is common to all symbols. `outside` is how many session seconds pass in a second of
    extended hours, since the table counts by the wall.
    """
    first = {one: _first_passages(seen, passage) for one, seen in watched.items()}
    fixed = {one: _looked_up(one, seen, table, outside) for one, seen in watched.items()}
    wanted = sum(_calls(watched[one], ttls[FULL]) for one, ttls in first.items())
    spent = sum(_calls(watched[one], ttls) for one, ttls in fixed.items())
    scale = spent / wanted
    return tuple(
        Case(
            one,
            seen,
            {rule: first[one][rule] for rule in (PLAIN, INFLATED, FULL)}
            | {TABLE: scale * fixed[one]},
            first[one][""],
        )
        for one, seen in watched.items()
    )


def _first_passages(watched: Watched, passage: FirstPassage) -> dict[str, Numbers]:
    """TTLs by rule, and under no name what the full rule would say if nothing ever jumped."""
    raised, jumps = watched.cautious.tolist(), watched.jumps_per_s.tolist()
    return {
        PLAIN: np.array([passage.ttl_s(sigma) for sigma in watched.sigma.tolist()]),
        INFLATED: np.array([passage.ttl_s(sigma) for sigma in raised]),
        FULL: np.array([passage.ttl_s(*each) for each in zip(raised, jumps, strict=True)]),
        "": np.array([passage.ttl_s(sigma, 0.0) for sigma in raised]),
    }


def _looked_up(one: Instrument, watched: Watched, table: TablePolicy, outside: float) -> Numbers:
    known = zip(watched.phases, watched.sigma.tolist(), strict=True)
    return np.array(
        [
            table.ttl_s(one, phase, sigma) * (1.0 if phase is Phase.REGULAR else outside)
            for phase, sigma in known
        ]
    )


def _calls(watched: Watched, ttls_s: Numbers) -> float:
    """How many calls those TTLs cost, each counted by the time until the next close."""
    following = np.append(watched.ends_s[1:], watched.ends_s[-1])
    until = np.minimum(np.minimum(following, watched.latest_s), watched.seen_s)
    return float(np.sum(np.maximum(until - watched.ends_s, 0.0) / ttls_s))


def by_loudness(found: Sequence[Case], rule: str, move: float, parts: int = 5) -> tuple[float, ...]:
    """Observed in equal parts of all answers, from the least volatile moments to the most."""
    sigma = np.concatenate([case.watched.sigma for case in found])
    moves = np.concatenate(
        [hidden(case.watched, case.ttls_s[rule], move).estimate for case in found]
    )
    seen = np.flatnonzero(~np.isnan(moves))
    ordered = moves[seen[np.argsort(sigma[seen], kind="stable")]]
    return tuple(float(part.mean()) for part in np.array_split(ordered, parts))


def pooled(rows: Sequence[Row], name: str) -> tuple[Row, ...]:
    """One row for each rule and phase over all symbols, every answer weighing the same."""
    kinds = {(row.rule, row.phase): None for row in rows}
    found = []
    for rule, phase in kinds:
        same = [row for row in rows if (row.rule, row.phase) == (rule, phase)]
        weights = [row.answers for row in same]
        shares = (
            float(np.average([getattr(row, one) for row in same], weights=weights))
            for one in ("ttl_s", "least", "observed", "most", "jump_bound")
        )
        found.append(Row(Symbol(name), phase, rule, sum(weights), *shares))
    return tuple(found)
