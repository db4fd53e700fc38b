"""What else could have been done with the money: never a result without it.

Buy and hold, equal weight, each source believed alone, and the strategy's own decisions at other
times, all on the same bars with the same capital and the same costs.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

import numpy as np
from attrs import evolve, field, frozen

from argo_core.backtest.bars.arrays import Ints, ints, same
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Exits, Plan
from argo_core.backtest.bars.units import HIGHEST_AMOUNT, PPM, UNIT
from argo_core.backtest.bars.verdicts import UNKNOWN, Verdicts
from argo_core.backtest.research.blame import said
from argo_core.backtest.research.case import Case, Failed, Ran
from argo_core.backtest.research.equal_weight import equal_weight, worth_by_session
from argo_core.backtest.research.random_entries import RandomEntries
from argo_core.backtest.research.sample import Sample
from argo_core.backtest.research.sweep import HandOver, sweep
from argo_core.backtest.strategies.alone import Alone
from argo_core.backtest.strategies.consensus import Consensus
from argo_core.backtest.strategy import Strategy
from argo_core.backtest.trading import Progress
from argo_core.errors import InvalidInput

DRAWS = 200


@frozen(kw_only=True)
class Beside:
    """What came of a benchmark.

    `note` says in a sentence how it was made. `path` (units) is its worth at the opening and at the
    end of each session, `turnover` (units) what was bought and sold for it. Where it is of many
    draws, `path` is that of the one in the middle, `turnover` their median, and `percentile` the
    share of `draws` that ended below the strategy, those that ended level counted by half.
    """

    name: str
    note: str
    path: Ints = field(converter=ints, eq=same, repr=False)
    sample: Sample
    turnover: int
    draws: int = 1
    percentile: float | None = None


@frozen
class BuyAndHold:
    """Buys whatever has a bar, and says so for ever."""

    name: str = field(default="buy-and-hold", init=False)

    @property
    def parameters(self) -> Mapping[str, str]:
        """It needs none."""
        return {}

    def verdicts(self, panel: Panel) -> Verdicts:
        """To buy, at every bar."""
        direction = panel.there.astype(np.int8)
        unknown = np.full(direction.shape, UNKNOWN)
        return Verdicts(
            direction=direction, confidence_bp=direction, stray_ppm=unknown, adv=unknown
        )


def held(plan: Plan, symbols: int) -> Plan:
    """Equal money for each of so many symbols, and nothing that ever sells or stops.

    Capital and costs are the plan's, with its share of a bar's volume.
    """
    limits = BarLimits(
        risk_ppm=0,
        order_cap=HIGHEST_AMOUNT * UNIT,
        order_ppm=max(1, PPM // symbols),
        adv_ppm=0,
        symbol_ppm=0,
        gross_ppm=0,
        positions=symbols,
        collar_ppm=0,
        cooldown_s=0,
        stop_cooldown_s=0,
        daily_loss_ppm=0,
        drawdown_ppm=0,
    )
    exits = Exits(stops=False, targets=False, horizon_s=0)
    return evolve(plan, limits=limits, exits=exits)


def unhalted(plan: Plan) -> Plan:
    """The plan without the rules that end trading after losses.

    One draw that they stop and another that they do not would not trade equally much, and what is
    compared is the choice of moments.
    """
    return evolve(plan, limits=evolve(plan.limits, daily_loss_ppm=0, drawdown_ppm=0))


def each_alone(strategy: Strategy) -> tuple[Alone, ...]:
    """Each source of a consensus, believed alone at its threshold; another strategy has none."""
    if not isinstance(strategy, Consensus):
        return ()
    recorded = {one.source: one for one in strategy.recorded}
    profile = strategy.stamped
    return tuple(
        Alone(source, profile.theta_bp, strategy.horizon_bars, recorded.get(source))
        for source in sorted(profile.sources)
    )


def beside(
    panel: Panel,
    strategy: Strategy,
    plan: Plan,
    *,
    alone: Sequence[Strategy] | None = None,
    draws: int = DRAWS,
    seed: str = "beside",
    executor: Executor | None = None,
    hand_over: HandOver | None = None,
    progress: Progress | None = None,
) -> tuple[Beside, ...]:
    """The benchmarks of `strategy` on `panel`: hold, equal weight, each source alone, random.

    `alone` are the single sources, those of `each_alone` where it is None, traded by `plan` itself.
    The random entries, and for their percentile the strategy, are traded by the plan `unhalted`.
    All of it is one `sweep`, which see for the executor.

    Raises:
        InvalidInput: fewer than one draw, or one of them cannot be run.
    """
    if draws < 1:
        raise InvalidInput("draws", f"{draws} of them", "give 1 or more")
    single = each_alone(strategy) if alone is None else tuple(alone)
    told = said(strategy, panel)
    count = len(panel.symbols)
    cases = [
        Case(strategy=strategy, plan=unhalted(plan)),
        Case(strategy=BuyAndHold(), plan=held(plan, count)),
        *(Case(strategy=one, plan=plan) for one in single),
        *(
            Case(strategy=RandomEntries(told, seed, draw), plan=unhalted(plan))
            for draw in range(draws)
        ),
    ]
    results = [
        _there(one) for one in sweep(panel, cases, executor, hand_over=hand_over, progress=progress)
    ]
    own, holding, *others = results
    bought = f"{count} symbols bought with equal money when their bars begin, and never sold"
    return (
        _beside(holding, bought),
        _equal(panel, plan),
        *(
            _beside(one, f"{one.strategy}, traded by the same plan")
            for one in others[: len(single)]
        ),
        _random(own, others[len(single) :]),
    )


def _there(result: Ran | Failed) -> Ran:
    if isinstance(result, Failed):
        problem = f"{result.strategy} cannot be run: {result.problem}"
        raise InvalidInput("benchmarks", problem, "leave it out, or mend it")
    return result


def _beside(ran: Ran, note: str) -> Beside:
    return Beside(
        name=ran.strategy, note=note, path=ran.path, sample=ran.sample, turnover=ran.turnover
    )


def _equal(panel: Panel, plan: Plan) -> Beside:
    account = equal_weight(panel, plan)
    path = worth_by_session(panel, account.equity)
    return Beside(
        name="equal-weight",
        note="the same money in every symbol that has a bar, set right once a month",
        path=path,
        sample=Sample.of_path(path),
        turnover=account.turnover,
    )


def _random(own: Ran, draws: Sequence[Ran]) -> Beside:
    ends = np.array([one.path[-1] for one in draws])
    middle = draws[int(np.argsort(ends, kind="stable")[(len(draws) - 1) // 2])]
    mine = own.path[-1]
    below = (np.count_nonzero(ends < mine) + np.count_nonzero(ends == mine) / 2) / len(draws)
    turnover = int(np.median([one.turnover for one in draws]))
    share = f"{turnover / own.turnover:.2f} times" if own.turnover else "not comparable with"
    return Beside(
        name=middle.strategy,
        note=(
            f"its decisions at random times, the middle one of {len(draws)} draws; the strategy"
            f" ended above {below:.0%} of them; their median turnover is {share} its own, all"
            " without the rules that end trading after losses"
        ),
        path=middle.path,
        sample=middle.sample,
        turnover=turnover,
        draws=len(draws),
        percentile=float(below),
    )
